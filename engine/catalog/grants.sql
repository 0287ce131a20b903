-- Who may do what to which table: the one place that says so. Run by the owner of the schema "voorwerp" where the four
-- roles exist: after they were made, after every migration, at any other time.
-- voorwerp_researcher is a voorwerp_reader, voorwerp_lead a voorwerp_researcher, voorwerp_operator a voorwerp_reader.
DO $$
DECLARE
    ours CONSTANT text := 'voorwerp_reader, voorwerp_researcher, voorwerp_lead, voorwerp_operator';
    -- Tables of the schema "voorwerp" and who may do more than read them. Tables that are not named here (and those of
    -- productions and imported catalogues) are read by everybody with a role and written by the lead.
    rules CONSTANT jsonb := '[
        ["schema_migration",     "voorwerp_reader",     "SELECT"],
        ["audit",                "voorwerp_operator",   "SELECT"],
        ["audit",                "voorwerp_lead",       "SELECT"],
        ["selection",            "voorwerp_researcher", "INSERT, UPDATE, DELETE"],
        ["dataset",              "voorwerp_researcher", "INSERT"],
        ["dataset",              "voorwerp_lead",       "DELETE"],
        ["imported_catalogue",   "voorwerp_researcher", "INSERT, UPDATE, DELETE"],
        ["imported_row",         "voorwerp_researcher", "INSERT, UPDATE, DELETE"],
        ["catalogue_match_run",  "voorwerp_researcher", "INSERT, UPDATE, DELETE"],
        ["catalogue_match",      "voorwerp_researcher", "INSERT, UPDATE, DELETE"],
        ["label",                "voorwerp_researcher", "INSERT, UPDATE, DELETE"],
        ["label_history",        "voorwerp_researcher", "INSERT"],
        ["job",                  "voorwerp_researcher", "INSERT, UPDATE"],
        ["job",                  "voorwerp_operator",   "INSERT, UPDATE"],
        ["model_version",        "voorwerp_researcher", "INSERT"],
        ["model_version",        "voorwerp_lead",       "DELETE"],
        ["score",                "voorwerp_researcher", "INSERT, DELETE"],
        ["score_run",            "voorwerp_researcher", "INSERT, UPDATE (scored, finished)"],
        ["score_run",            "voorwerp_lead",       "DELETE"],
        ["model_alias",          "voorwerp_lead",       "INSERT, UPDATE, DELETE"],
        ["alias_history",        "voorwerp_lead",       "INSERT"]
    ]';
    item record;
BEGIN
    FOR item IN SELECT nspname FROM pg_namespace WHERE nspname NOT LIKE 'pg\_%' AND nspname <> 'public'
                AND nspname <> 'information_schema' AND pg_has_role(nspowner, 'USAGE')
    LOOP
        EXECUTE format('GRANT USAGE ON SCHEMA %I TO voorwerp_reader', item.nspname);
        EXECUTE format('GRANT SELECT ON ALL SEQUENCES IN SCHEMA %I TO voorwerp_reader', item.nspname);
    END LOOP;
    FOR item IN SELECT format('%I.%I', n.nspname, c.relname) AS name,
                       n.nspname = 'voorwerp' AND rules @> jsonb_build_array(jsonb_build_array(c.relname)) AS named,
                       n.nspname = 'voorwerp' AND c.relname = 'audit' AS secret
                FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE c.relkind IN ('r', 'p', 'v', 'm') AND n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'public'
                  AND n.nspname <> 'information_schema' AND pg_has_role(c.relowner, 'USAGE')
    LOOP
        EXECUTE format('REVOKE ALL ON %s FROM %s', item.name, ours);
        IF NOT item.secret THEN
            EXECUTE format('GRANT SELECT ON %s TO voorwerp_reader', item.name);
        END IF;
        IF NOT item.named THEN
            EXECUTE format('GRANT INSERT, UPDATE, DELETE, TRUNCATE ON %s TO voorwerp_lead', item.name);
        END IF;
    END LOOP;
    FOR item IN SELECT rule ->> 0 AS relation, rule ->> 1 AS role, rule ->> 2 AS privileges
                FROM jsonb_array_elements(rules) rule
    LOOP
        EXECUTE format('GRANT %s ON voorwerp.%I TO %I', item.privileges, item.relation, item.role);
    END LOOP;
    GRANT EXECUTE ON FUNCTION voorwerp.audit_event TO voorwerp_operator;
    -- What its owner makes later, before the next run of this file.
    ALTER DEFAULT PRIVILEGES GRANT USAGE ON SCHEMAS TO voorwerp_reader;
    ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO voorwerp_reader;
    ALTER DEFAULT PRIVILEGES GRANT SELECT ON SEQUENCES TO voorwerp_reader;
    ALTER DEFAULT PRIVILEGES GRANT INSERT, UPDATE, DELETE, TRUNCATE ON TABLES TO voorwerp_lead;
    -- Staging tables of imports and scores; the schemas of productions that a lead imports.
    IF (SELECT pg_has_role(datdba, 'USAGE') FROM pg_database WHERE datname = current_database()) THEN
        EXECUTE format('GRANT CONNECT, TEMPORARY ON DATABASE %I TO voorwerp_reader', current_database());
        EXECUTE format('GRANT CREATE ON DATABASE %I TO voorwerp_lead', current_database());
    END IF;
END $$;
