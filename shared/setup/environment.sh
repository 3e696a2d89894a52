#!/bin/sh
# Make .venv with servelab and some of its extras; do nothing when it is there already.
#
#   environment.sh exercise-01              what learners need
#   environment.sh exercise-01,test,…       what the tests need
#
# Stamps say what was installed, and where: the programs of an environment do not survive a move.
set -eu
cd "$(dirname "$0")/../.."

extras=$1
wanted=$(cat pyproject.toml constraints.txt | cksum)

# A sandbox sees .venv, and nothing in it is to look like a folder of the course.
stamp() {
    echo ".venv/.installed-${1#exercise-}"
}

# A longer list that begins with this one will do.
is_done() {
    for installed in "$(stamp "$1")"*; do
        [ "$wanted" = "$(cat "$installed" 2>/dev/null)" ] && return
    done
    return 1
}

has_moved() {
    [ "$PWD" != "$(cat .venv/.place 2>/dev/null || pwd)" ]
}

if ! .venv/bin/python -c '' 2>/dev/null || has_moved; then
    python=$(shared/setup/python.sh)
    echo "setup: making .venv with $("$python" --version), about 300 MB, once"
    "$python" -m venv --clear .venv
    pwd >.venv/.place
elif is_done "$extras"; then
    exit
fi

echo "setup: installing servelab[$extras]; this takes a minute or two"
.venv/bin/python -m pip install --quiet --disable-pip-version-check \
    --constraint constraints.txt --editable ".[$extras]" || {
    echo "setup: pip could not install the dependencies, see above; mend that and run the same command again" >&2
    exit 2
}
echo "$wanted" >"$(stamp "$extras")"
