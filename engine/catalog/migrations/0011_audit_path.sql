-- Inside the audit's functions, which run with the rights of the owner, temporary objects are looked at last: without
-- pg_temp in its path PostgreSQL looks there first, and a writer's own view "pg_roles" would be run by the owner.
ALTER FUNCTION voorwerp.role_of(name) SET search_path = pg_catalog, pg_temp;
ALTER FUNCTION voorwerp.audit_sign() SET search_path = pg_catalog, pg_temp;
ALTER FUNCTION voorwerp.audit_event(text, text, jsonb) SET search_path = pg_catalog, pg_temp;
