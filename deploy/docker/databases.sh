#!/usr/bin/env bash
# Runs once, at the first start of the PostgreSQL container: a database and a role of its own for each service.
set -euo pipefail
for service in gateway assistance eldercare funeral marriage; do
  psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --set service="$service" \
       --set password="$LIANBAN_DATABASE_PASSWORD" <<'SQL'
CREATE ROLE :"service" LOGIN PASSWORD :'password';
CREATE DATABASE :"service" OWNER :"service" TEMPLATE template0 ENCODING 'UTF8'
  LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C';
REVOKE CONNECT ON DATABASE :"service" FROM PUBLIC;
SQL
done
