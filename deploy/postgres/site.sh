#!/bin/sh
# Run once by the PostgreSQL image while its volume is empty: creates a role that owns the site's database but is not a
# superuser. It may create databases, because backups are tested and restored in a separate one. Afterwards the superuser
# has no password, so it cannot sign in over the network.
psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --username="$POSTGRES_USER" --dbname=postgres <<'SQL'
\getenv password POSTGRES_PASSWORD
\getenv administrator POSTGRES_USER
CREATE ROLE longtable LOGIN CREATEDB PASSWORD :'password';
CREATE DATABASE longtable OWNER longtable ENCODING 'UTF8' TEMPLATE template0;
ALTER ROLE :"administrator" PASSWORD NULL;
SQL
