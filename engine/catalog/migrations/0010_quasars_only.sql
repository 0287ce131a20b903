-- Coadds of which only the quasars were taken: DESI's files hold every target of a place, a database of quasars one in twelve.
ALTER TABLE voorwerp.file ADD COLUMN quasars_only boolean NOT NULL DEFAULT false;
