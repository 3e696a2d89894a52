#!/bin/sh
# Make an environment with some extras of the project; do nothing when it is there already.
#
#   environment.sh exercise-01              .venv, with what learners need
#   environment.sh exercise-01,test,…       .venv, with what the tests need
#   environment.sh EXTRA .venvs/NAME        one of its own for what can't share .venv: the packages of the
#                                           extra, held by constraints-NAME.txt where there is one
#
# Stamps say what was installed, and where: the programs of an environment do not survive a move.
# A stamp is called .incomplete-… until everything is there, so that half an environment is taken for none.
set -eu
cd "$(dirname "$0")/../.."

extras=$1
folder=${2:-.venv}
constraints=constraints-${folder#.venvs/}.txt
[ -f "$constraints" ] || constraints=constraints.txt
wanted=$(cat pyproject.toml "$constraints" | cksum)
# A sandbox sees an environment, and nothing in it is to look like a folder of the course.
stamp=${extras#exercise-}

# A longer list that begins with this one will do.
is_done() {
    for installed in "$folder/.installed-$stamp" "$folder/.installed-$stamp",*; do
        [ "$wanted" = "$(cat "$installed" 2>/dev/null)" ] && return
    done
    return 1
}

has_moved() {
    [ "$PWD" != "$(cat "$folder/.place" 2>/dev/null || pwd)" ]
}

# At a terminal pip shows how far it is; a log needs to know only what went wrong.
install() {
    quiet=--quiet
    [ ! -t 1 ] || quiet=
    "$folder/bin/python" -m pip install $quiet --disable-pip-version-check --constraint "$constraints" "$@"
}

packages() {
    "$folder/bin/python" - "$extras" <<END
import sys, tomllib

with open("pyproject.toml", "rb") as file:
    extras = tomllib.load(file)["project"]["optional-dependencies"]
if sys.argv[1] not in extras:
    sys.exit(f"setup: pyproject.toml has no extra {sys.argv[1]}; it has: {', '.join(extras)}")
print(*extras[sys.argv[1]], sep="\n")
END
}

if ! "$folder/bin/python" -c '' 2>/dev/null || has_moved; then
    python=$(shared/setup/python.sh)
    size=
    [ "$folder" != .venv ] || size=", about 300 MB, once"
    echo "setup: making $folder with $("$python" --version)$size"
    "$python" -m venv --clear "$folder"
    pwd >"$folder/.place"
elif is_done; then
    exit
fi

rm -f "$folder/.installed-$stamp"
echo "$wanted" >"$folder/.incomplete-$stamp"
if [ "$folder" = .venv ]; then
    echo "setup: installing servelab[$extras]; this takes a minute or two"
    install --editable ".[$extras]"
else
    echo "setup: installing the packages of $extras into $folder; this takes a few minutes"
    listed=$(packages) && echo "$listed" | install --requirement /dev/stdin
fi || {
    echo "setup: the packages could not be installed, see above; mend that and run the same command again" >&2
    exit 2
}
mv "$folder/.incomplete-$stamp" "$folder/.installed-$stamp"
