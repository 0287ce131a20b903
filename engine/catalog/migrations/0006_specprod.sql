-- Catalogue files (zall-pix, zpix, zall-tilecumulative, ztile) in the ledger: kind 'zcatalog'. Which kinds there are is the
-- program's matter. Their rows are in the schema of the production, which is made when the first one comes.
ALTER TABLE voorwerp.file DROP CONSTRAINT IF EXISTS file_kind_check;
