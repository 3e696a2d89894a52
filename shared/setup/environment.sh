#!/bin/sh
# Make .venv with servelab and some of its extras; do nothing when it is there already.
#
#   environment.sh exercise-01            what learners need
#   environment.sh exercise-01,test       what the tests need
#
# A stamp says what was installed: it holds the place of the clone, because the programs of an
# environment do not survive a move, and a checksum of everything that names a dependency.
set -eu
cd "$(dirname "$0")/../.."

extras=$1
wanted="$PWD $(cat pyproject.toml constraints.txt | cksum)"

is_done() {
    [ "$wanted" = "$(cat ".venv/.installed-$1" 2>/dev/null)" ]
}

if .venv/bin/python -c '' 2>/dev/null; then
    if is_done "$extras" || { [ "$extras" = exercise-01 ] && is_done exercise-01,test; }; then
        exit
    fi
else
    python=$(shared/setup/python.sh)
    echo "setup: making .venv with $("$python" --version), about 300 MB, once"
    "$python" -m venv --clear .venv
fi

echo "setup: installing servelab[$extras]; this takes a minute or two"
.venv/bin/python -m pip install --quiet --disable-pip-version-check \
    --constraint constraints.txt --editable ".[$extras]" || {
    echo "setup: pip could not install the dependencies, see above; mend that and run the same command again" >&2
    exit 2
}
echo "$wanted" >".venv/.installed-$extras"
