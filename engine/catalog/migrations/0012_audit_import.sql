-- A catalogue's row is there before its rows are: the import is recorded once, when they are counted.
DROP FUNCTION voorwerp.audit_imported_catalogue_insert CASCADE;
SELECT voorwerp.audit_on('imported_catalogue', 'INSERT', '''catalogue imported''', 'r.name',
    'jsonb_build_object(''source'', r.source, ''rows'', r.row_count, ''sha256'', r.sha256)', 'r.row_count > 0');
