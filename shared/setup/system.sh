#!/bin/sh
# What grading in isolation and the services of the course need from the system.
#
#   bubblewrap      without it, grading falls back to isolation level process
#   the servers     without them, Valkey and SQLite stand in for Redis and PostgreSQL,
#                   and what needs another one is not run
#
# So a lack is one line, never an error. SERVELAB_NO_APT=1 forbids to install anything.
set -eu

PATH=$PATH:/usr/sbin
POLICY=/usr/sbin/policy-rc.d

missing() {
    while read -r program package; do
        command -v "$program" >/dev/null || echo "$package"
    done <<END
bwrap bubblewrap
redis-server redis-server
rabbitmq-server rabbitmq-server
nginx nginx-light
haproxy haproxy
prometheus prometheus
prometheus-alertmanager prometheus-alertmanager
prometheus-redis-exporter prometheus-redis-exporter
END
    # This one is kept out of the PATH, in a folder of its version.
    ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || echo postgresql
}

install() {
    # A package of a server starts it at once, unless this program forbids it (see invoke-rc.d).
    kept=
    trap restore EXIT
    trap 'exit 130' HUP INT TERM
    if [ -e $POLICY ]; then
        kept=$POLICY.before-servelab
        mv $POLICY "$kept"
    fi
    printf '#!/bin/sh\nexit 101\n' >$POLICY
    chmod 755 $POLICY
    export DEBIAN_FRONTEND=noninteractive
    { apt-get update -q && apt-get install -q -y --no-install-recommends "$@"; } >/dev/null || exit 1
    for package; do
        [ ! -d /run/systemd/system ] || systemctl disable --quiet "${package%-light}" 2>/dev/null || true
    done
}

restore() {
    rm -f $POLICY
    [ -z "$kept" ] || mv "$kept" $POLICY
}

if [ "$(uname -s)" = Darwin ]; then
    programs="redis rabbitmq nginx haproxy postgresql prometheus"
    echo "setup: grading in isolation needs Linux; servers for the services of the course: brew install $programs"
    exit
fi
lacking=$(missing | tr '\n' ' ')
lacking=${lacking% }
[ -n "$lacking" ] || exit 0

if ! command -v apt-get >/dev/null; then
    echo "setup: not here: $lacking (as Debian calls them); get them with the package manager of your system"
elif [ "$(id -u)" != 0 ] || [ -n "${SERVELAB_NO_APT:-}" ]; then
    echo "setup: not here: $lacking; get them with: sudo apt-get install --no-install-recommends $lacking"
else
    echo "setup: installing $lacking with apt-get, starting none of them (SERVELAB_NO_APT=1 forbids it)"
    # A subshell, so that its trap restores also after a failure, and the course goes on without them.
    # shellcheck disable=SC2086 # a list of packages
    (install $lacking) || echo "setup: apt-get could not install them, see above"
fi
