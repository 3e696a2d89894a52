#!/bin/sh
# Print a Python that can run the course, or say in one line what to install.
#
# PYTHON names another one. 3.11 to 3.13 are what the pins were made for, so they come before anything newer.
set -eu

usable() {
    "$1" -c "import ensurepip, sys, venv; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, $2))" >/dev/null 2>&1
}

if [ -n "${PYTHON:-}" ]; then
    usable "$PYTHON" 99 && { command -v "$PYTHON"; exit; }
    echo "setup: PYTHON=$PYTHON is no Python 3.11 or newer with the modules venv and ensurepip" >&2
    exit 2
fi
for newest in 13 99; do
    for name in python3 python3.13 python3.12 python3.11 python3.14 python; do
        usable "$name" "$newest" && { command -v "$name"; exit; }
    done
done

if command -v apt-get >/dev/null; then
    how="apt-get install python3 python3-venv (Debian 12, Ubuntu 24.04 or newer)"
elif command -v brew >/dev/null; then
    how="brew install python@3.13"
else
    how="see https://www.python.org/downloads"
fi
echo "setup: no Python 3.11 or newer with venv was found; install one: $how" >&2
exit 2
