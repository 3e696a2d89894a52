#!/bin/sh
# Start Redis with the password from its secret. It comes in by standard input: an argument would be seen
# by whoever lists processes, and a file would have to be deleted.
set -eu

exec redis-server /etc/redis/redis.conf - <<CONFIG
requirepass $(cat /run/secrets/redis_password)
CONFIG
