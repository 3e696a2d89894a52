#!/bin/sh
# Check the types of each solution from its own folder: all of them are packages called `src`.
set -eu
cd "$(dirname "$0")/../.."

for solution in exercise-*/solution; do
    [ -d "$solution/src" ] || continue
    echo "mypy $solution"
    (cd "$solution" && ../../.venv/bin/mypy --config-file ../../pyproject.toml src)
done
