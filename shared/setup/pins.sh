#!/bin/sh
# Write constraints.txt: the exact versions, all the way down, that a fresh environment gets today.
#
# A local version such as torch's +cpu is left out: which build it is depends on where it comes from.
set -eu
cd "$(dirname "$0")/../.."

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
python=$(shared/setup/python.sh)
"$python" -m venv "$scratch/venv"
"$scratch/venv/bin/python" -m pip install --quiet --disable-pip-version-check ".[exercise-01,test,services,monitoring,train,bench,peers]"
{
    echo "# The exact versions of all dependencies, made by \`make pins\`; the ranges stand in pyproject.toml."
    echo "# $("$python" --version), $(uname -sm)"
    "$scratch/venv/bin/python" -m pip freeze --exclude servelab | sed 's/+[A-Za-z0-9.]*$//'
} >"$scratch/constraints.txt"
if grep ' @ ' "$scratch/constraints.txt" >&2; then
    echo "pins: these come from a file and not from an index, so nobody else could install them" >&2
    exit 2
fi
cp "$scratch/constraints.txt" constraints.txt
echo "pins: $(grep -c '==' constraints.txt) versions in constraints.txt"
