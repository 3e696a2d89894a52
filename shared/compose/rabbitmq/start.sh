#!/bin/sh
# Start RabbitMQ with the password from its secret: it is read when the database is new.
set -eu

RABBITMQ_DEFAULT_PASS=$(cat /run/secrets/rabbitmq_password)
export RABBITMQ_DEFAULT_PASS
exec rabbitmq-server
