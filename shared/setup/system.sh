#!/bin/sh
# What grading in isolation needs from the system: bubblewrap.
#
# Without it everything works but level bubblewrap; so a lack is one line, never an error.
# SERVELAB_NO_APT=1 forbids to install anything.
set -eu

command -v bwrap >/dev/null && exit

lacking="setup: bubblewrap is missing, so grading falls back to isolation level process"
if [ "$(uname -s)" != Linux ]; then
    echo "$lacking; it needs Linux"
elif ! command -v apt-get >/dev/null; then
    echo "$lacking; install the package bubblewrap"
elif [ "$(id -u)" != 0 ] || [ -n "${SERVELAB_NO_APT:-}" ]; then
    echo "$lacking; get it with: sudo apt-get install --no-install-recommends bubblewrap"
else
    echo "setup: installing bubblewrap with apt-get (SERVELAB_NO_APT=1 forbids it)"
    if ! { apt-get update -q && apt-get install -q -y --no-install-recommends bubblewrap; } >/dev/null; then
        echo "$lacking; apt-get could not install it, see above"
    fi
fi
