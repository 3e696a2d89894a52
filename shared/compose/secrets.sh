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

# As Compose has it: the environment comes before .env, the last line before others, quotes are no part of it.
folder=${SECRETS_FOLDER-$(sed -n "/^SECRETS_FOLDER=/{s/^[^=]*=//;s/^\([\"']\)\(.*\)\1\$/\2/;p;}" .env | tail -n 1)}
if [ -z "$folder" ]; then
    echo "stack: .env does not set SECRETS_FOLDER; take the line from .env.example" >&2
    exit 2
fi
[ -d "$folder" ] || (umask 077 && mkdir -p "$folder")
# shellcheck disable=SC2012 # `find -perm` for "any of these" is written differently on Linux and macOS
case $(ls -ldL "$folder" | cut -c 5-10) in
------) ;;
*)
    echo "stack: others than you can look into $folder, where the secrets are; close it with: chmod 700 $folder" >&2
    exit 2
    ;;
esac
for name in redis_password rabbitmq_password grafana_password postgres_password; do
    [ -s "$folder/$name" ] && continue
    # Hexadecimal: no configuration file and no URL needs it escaped.
    head -c 24 /dev/urandom | od -An -tx1 | tr -d ' \n' >"$folder/$name"
    chmod 444 "$folder/$name"
    echo "stack: made $folder/$name"
done
