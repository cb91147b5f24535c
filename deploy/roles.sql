-- Roles and rights of a database for Working Metrics. Run it with psql as a superuser, in that database; safe to run again.
-- The passwords come from the environment: WM_MIGRATOR_PASSWORD, WM_APP_PASSWORD, WM_WORKER_PASSWORD,
-- WM_RELEASE_PASSWORD.
\set ON_ERROR_STOP on
\getenv migrator WM_MIGRATOR_PASSWORD
\getenv app WM_APP_PASSWORD
\getenv worker WM_WORKER_PASSWORD
\getenv release WM_RELEASE_PASSWORD

SELECT format('CREATE ROLE %I', name)
FROM unnest(ARRAY['wm_owner', 'wm_migrator', 'wm_app', 'wm_worker', 'wm_release']) AS name
WHERE name NOT IN (SELECT rolname FROM pg_roles)
\gexec

-- The owner of every table cannot log in; the roles that log in own nothing and cannot pass by row policies.
ALTER ROLE wm_owner NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOLOGIN;
ALTER ROLE wm_migrator NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE LOGIN PASSWORD :'migrator';
ALTER ROLE wm_app NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE LOGIN PASSWORD :'app';
ALTER ROLE wm_worker NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE LOGIN PASSWORD :'worker';
ALTER ROLE wm_release NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE LOGIN PASSWORD :'release';
GRANT wm_owner TO wm_migrator;

ALTER DATABASE :"DBNAME" OWNER TO wm_owner;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
ALTER SCHEMA public OWNER TO wm_owner;
GRANT USAGE ON SCHEMA public TO wm_app, wm_worker, wm_release;
