#!/bin/sh
# Check the types of each solution from its own folder: all of them are packages called `src`.
set -eu
cd "$(dirname "$0")/../.."

for solution in exercise-*/solution; do
    [ -d "$solution/src" ] || continue
    echo "mypy $solution"
    # The layers are put together from the solution's parts, but lie beside it.
    set -- src
    [ ! -f "$solution/../layers.py" ] || set -- src ../layers.py
    (cd "$solution" && ../../.venv/bin/mypy --config-file ../../pyproject.toml "$@")
done
