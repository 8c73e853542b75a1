#!/bin/sh
# Runs once, when the database's volume is new: the owner migrates, the application may only read and write rows.
set -eu
owner_password=$(cat /run/secrets/owner_password)
app_password=$(cat /run/secrets/app_password)
psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
  -v owner_password="$owner_password" -v app_password="$app_password" <<'SQL'
CREATE ROLE schoolsafe_owner LOGIN PASSWORD :'owner_password';
CREATE ROLE schoolsafe_app LOGIN PASSWORD :'app_password';
CREATE DATABASE schoolsafe OWNER schoolsafe_owner;
REVOKE ALL ON DATABASE schoolsafe FROM PUBLIC;
GRANT CONNECT ON DATABASE schoolsafe TO schoolsafe_app;
SQL
