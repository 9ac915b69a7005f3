#!/bin/sh
# Run once by the image of PostgreSQL, while its volume is empty: a role that owns the site's database, and is no administrator.
# It may create databases, because a backup is tried, and restored, in one beside the site's. The administrator has no password
# afterwards: nobody is one who comes over the network.
psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --username="$POSTGRES_USER" --dbname=postgres <<'SQL'
\getenv password POSTGRES_PASSWORD
\getenv administrator POSTGRES_USER
CREATE ROLE longtable LOGIN CREATEDB PASSWORD :'password';
CREATE DATABASE longtable OWNER longtable ENCODING 'UTF8' TEMPLATE template0;
ALTER ROLE :"administrator" PASSWORD NULL;
SQL
