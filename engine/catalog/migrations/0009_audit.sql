-- Who did what, when. Triggers inside the database write it, so that what people do with psql is there, too.
-- Rows are only ever added: not even the owner's statements change or remove one.

-- "superuser", "owner", or which of our roles a login has; of roles that include each other only the larger one.
CREATE FUNCTION voorwerp.role_of(login name) RETURNS text LANGUAGE sql STABLE SET search_path = pg_catalog AS $$
    WITH held AS (
        SELECT oid, rolname FROM pg_roles WHERE pg_has_role(login, oid, 'USAGE') AND rolname IN
            ('voorwerp_reader', 'voorwerp_researcher', 'voorwerp_lead', 'voorwerp_operator'))
    SELECT CASE
        WHEN (SELECT rolsuper FROM pg_roles WHERE rolname = login) THEN 'superuser'
        WHEN (SELECT pg_has_role(login, nspowner, 'USAGE') FROM pg_namespace WHERE nspname = 'voorwerp') THEN 'owner'
        ELSE (SELECT coalesce(string_agg(h.rolname, ', ' ORDER BY h.rolname), '') FROM held h WHERE NOT EXISTS (
            SELECT FROM held more WHERE more.oid <> h.oid AND pg_has_role(more.oid, h.oid, 'USAGE')))
    END
$$;

CREATE TABLE voorwerp.audit (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at          timestamptz NOT NULL,
    login       text NOT NULL,
    role        text NOT NULL,
    application text NOT NULL,
    action      text NOT NULL,
    object      text NOT NULL,
    detail      jsonb NOT NULL
);
CREATE INDEX audit_login ON voorwerp.audit (login, id);
CREATE INDEX audit_action ON voorwerp.audit (action, id);
CREATE INDEX audit_at ON voorwerp.audit (at);

-- When and who are never the writer's words.
CREATE FUNCTION voorwerp.audit_sign() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    NEW.at := clock_timestamp();
    NEW.login := session_user;
    NEW.role := voorwerp.role_of(session_user);
    NEW.application := current_setting('application_name');
    RETURN NEW;
END $$;
CREATE TRIGGER audit_sign BEFORE INSERT ON voorwerp.audit FOR EACH ROW EXECUTE FUNCTION voorwerp.audit_sign();

CREATE FUNCTION voorwerp.audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of the audit are never changed or removed' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER audit_refuse BEFORE UPDATE OR DELETE OR TRUNCATE ON voorwerp.audit
    FOR EACH STATEMENT EXECUTE FUNCTION voorwerp.audit_refuse();

-- What has no table of its own: backups and who got which role. Only those may call it who may do that (grants.sql).
CREATE FUNCTION voorwerp.audit_event(action text, object text, detail jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    IF action NOT IN ('backup made', 'backup verified', 'backup restored', 'roles created', 'role granted', 'role revoked') THEN
        RAISE EXCEPTION 'the audit knows no event ''%''', action;
    END IF;
    INSERT INTO voorwerp.audit (action, object, detail) VALUES (action, object, detail);
END $$;
REVOKE EXECUTE ON FUNCTION voorwerp.audit_event FROM PUBLIC;

-- Has one kind of change of a table recorded, one row of the audit for each changed row r: action, object, detail and
-- condition are SQL over r (and, for an UPDATE, over the table "before"). For this and later migrations.
CREATE FUNCTION voorwerp.audit_on(relation text, event text, action text, object text, detail text,
                                  condition text DEFAULT 'true') RETURNS void LANGUAGE plpgsql AS $make$
BEGIN
    EXECUTE format($sql$
        CREATE FUNCTION voorwerp.%1$I() RETURNS trigger
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $body$
        BEGIN
            IF TG_TABLE_SCHEMA <> 'voorwerp' OR TG_TABLE_NAME <> %2$L THEN
                RAISE EXCEPTION 'not a trigger for %%', TG_TABLE_NAME;
            END IF;
            INSERT INTO voorwerp.audit (action, object, detail) SELECT %3$s, %4$s, %5$s FROM changed r WHERE %6$s;
            RETURN NULL;
        END $body$;
        REVOKE EXECUTE ON FUNCTION voorwerp.%1$I FROM PUBLIC;
        CREATE TRIGGER %1$I AFTER %7$s ON voorwerp.%2$I REFERENCING %8$s
            FOR EACH STATEMENT EXECUTE FUNCTION voorwerp.%1$I();
    $sql$, 'audit_' || relation || '_' || lower(event), relation, action, object, detail, condition, event,
        CASE event WHEN 'INSERT' THEN 'NEW TABLE AS changed' WHEN 'DELETE' THEN 'OLD TABLE AS changed'
                   ELSE 'OLD TABLE AS before NEW TABLE AS changed' END);
END $make$;
REVOKE EXECUTE ON FUNCTION voorwerp.audit_on FROM PUBLIC;

CREATE FUNCTION voorwerp.audit_truncate() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO voorwerp.audit (action, object, detail) VALUES ('table emptied', TG_TABLE_SCHEMA || '.' || TG_TABLE_NAME, '{}');
    RETURN NULL;
END $$;
REVOKE EXECUTE ON FUNCTION voorwerp.audit_truncate FROM PUBLIC;

DO $$
DECLARE
    row record;
    label CONSTANT text := $x$jsonb_build_object('class', r.class, 'quality', r.quality, 'comment', r.comment, 'author', r.author)$x$;
    selection CONSTANT text := $x$jsonb_build_object('where', r.where_expression, 'spectra', r.spectra)$x$;
    dataset CONSTANT text := $x$jsonb_build_object('selection', r.selection, 'recipe', r.recipe, 'spectra', r.spectra, 'sha256', r.sha256)$x$;
    model CONSTANT text := $x$jsonb_build_object('dataset', r.dataset, 'sha256', r.sha256)$x$;
    version CONSTANT text := $x$jsonb_build_object('version', (SELECT m.name || '@' || m.version FROM voorwerp.model_version m WHERE m.id = r.model_version_id))$x$;
    run CONSTANT text := $x$jsonb_build_object('run', r.id, 'selection', r.selection, 'where', r.where_expression)$x$;
    job CONSTANT text := $x$jsonb_build_object('job', r.id, 'kind', r.kind, 'message', r.message, 'error', r.error)$x$;
    catalogue CONSTANT text := $x$jsonb_build_object('source', r.source, 'rows', r.row_count, 'sha256', r.sha256)$x$;
    file CONSTANT text := $x$jsonb_build_object('specprod', r.specprod, 'kind', r.kind, 'bytes', r.size, 'sha256', r.sha256)$x$;
BEGIN
    FOR row IN SELECT * FROM (VALUES
        ('label', 'INSERT', '''label set''', 'r.targetid', label),
        ('label', 'UPDATE', '''label set''', 'r.targetid', label),
        ('label', 'DELETE', '''label removed''', 'r.targetid', label),
        ('selection', 'INSERT', '''selection saved''', 'r.name', selection),
        ('selection', 'UPDATE', '''selection saved''', 'r.name', selection),
        ('selection', 'DELETE', '''selection removed''', 'r.name', selection),
        ('dataset', 'INSERT', '''training set built''', 'r.name', dataset),
        ('dataset', 'UPDATE', '''training set changed''', 'r.name', dataset),
        ('dataset', 'DELETE', '''training set removed''', 'r.name', dataset),
        ('model_version', 'INSERT', '''model added''', 'r.name || ''@'' || r.version', model),
        ('model_version', 'UPDATE', '''model changed''', 'r.name || ''@'' || r.version', model),
        ('model_version', 'DELETE', '''model removed''', 'r.name || ''@'' || r.version', model),
        ('model_alias', 'INSERT', '''alias set''', 'r.model || ''@'' || r.alias', version),
        ('model_alias', 'UPDATE', '''alias set''', 'r.model || ''@'' || r.alias', version),
        ('model_alias', 'DELETE', '''alias removed''', 'r.model || ''@'' || r.alias', version),
        ('score_run', 'INSERT', '''scored''',
            '(SELECT m.name || ''@'' || m.version FROM voorwerp.model_version m WHERE m.id = r.model_version_id)', run),
        ('score_run', 'DELETE', '''scores removed''', 'r.model_version_id', run),
        ('job', 'INSERT', '''job queued''', 'r.title', job),
        ('job', 'DELETE', '''job removed''', 'r.title', job),
        ('file', 'INSERT', '''file ingested''', 'r.path', file),
        ('file', 'UPDATE', '''file ingested''', 'r.path', file),
        ('file', 'DELETE', '''file removed''', 'r.path', file),
        ('imported_catalogue', 'INSERT', '''catalogue imported''', 'r.name', catalogue),
        ('imported_catalogue', 'UPDATE', '''catalogue imported''', 'r.name', catalogue),
        ('imported_catalogue', 'DELETE', '''catalogue removed''', 'r.name', catalogue),
        ('schema_migration', 'INSERT', '''schema migrated''', 'r.name', 'jsonb_build_object(''version'', r.version)')
        ) rules (relation, event, action, object, detail)
    LOOP
        PERFORM voorwerp.audit_on(row.relation, row.event, row.action, row.object, row.detail);
    END LOOP;
    -- A running job writes its progress every second: only what changes its state counts.
    PERFORM voorwerp.audit_on('job', 'UPDATE',
        'CASE WHEN r.cancel_asked AND r.state = ''running'' THEN ''job asked to stop'' ELSE ''job '' || r.state END',
        'r.title', job,
        'EXISTS (SELECT FROM before b WHERE b.id = r.id AND (b.state <> r.state OR (r.cancel_asked AND NOT b.cancel_asked)))');
    FOR row IN SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'voorwerp'::regnamespace
        AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relname <> 'audit'
    LOOP
        EXECUTE format('CREATE TRIGGER audit_truncate AFTER TRUNCATE ON voorwerp.%I '
                       'FOR EACH STATEMENT EXECUTE FUNCTION voorwerp.audit_truncate()', row.relname);
    END LOOP;
END $$;

INSERT INTO voorwerp.audit (action, object, detail)
    SELECT 'schema migrated', name, jsonb_build_object('version', version, 'applied', applied)
    FROM voorwerp.schema_migration ORDER BY version;
