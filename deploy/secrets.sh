#!/bin/sh
# Make the secret files that docker-compose.yml reads, once; existing ones are left alone. Run it before the first start.
set -eu
cd "$(dirname "$0")/.."
umask 077
mkdir -p secrets
for name in secret_key postgres_password owner_password app_password; do
  [ -s "secrets/$name" ] || head -c 48 /dev/urandom | base64 | tr -d '\n=+/' >"secrets/$name"
done
# What confidential records are sealed with. Keep a copy apart from the backups: without it they cannot be read again.
[ -s secrets/seal_keys ] || head -c 32 /dev/urandom | base64 | tr "+/" "-_" >secrets/seal_keys
[ -e secrets/email_password ] || : >secrets/email_password
# Compose mounts each file as it is, for processes that run as other users than you; the folder keeps everyone else out.
chmod 700 secrets
chmod 444 secrets/*
