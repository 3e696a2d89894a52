#!/bin/sh
# Make .env and the secrets of the stack, each where there is none; what is there stays as it is.
#
# The folder is closed to everybody else; the files in it are readable, because the engine shows them
# to the users of the containers, who are other ones than you.
set -eu
cd "$(dirname "$0")/../.."

if [ ! -e .env ]; then
    # A student edition has no solutions.
    if ls -d exercise-*/solution >/dev/null 2>&1; then whose=solution; else whose=starter; fi
    (umask 077 && sed "s/^IMPL=.*/IMPL=$whose/" .env.example >.env)
    echo "stack: wrote .env from .env.example"
fi

folder=$(sed -n 's/^SECRETS_FOLDER=//p' .env)
if [ -z "$folder" ]; then
    echo "stack: .env does not set SECRETS_FOLDER; take the line from .env.example" >&2
    exit 2
fi
[ -d "$folder" ] || (umask 077 && mkdir -p "$folder")
for name in redis_password rabbitmq_password grafana_password postgres_password; do
    [ -s "$folder/$name" ] && continue
    # Hexadecimal: no configuration file and no URL needs it escaped.
    head -c 24 /dev/urandom | od -An -tx1 | tr -d ' \n' >"$folder/$name"
    chmod 444 "$folder/$name"
    echo "stack: made $folder/$name"
done
