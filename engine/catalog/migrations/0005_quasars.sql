-- What QuasarNet, the Mg II fit and quasar catalogues say; names are those of DESI's QSO_cat. NULL: not known.
ALTER TABLE voorwerp.target
    ADD COLUMN scnd_target      bigint,
    ADD COLUMN last_tileid      integer,
    ADD COLUMN z_new            double precision,
    ADD COLUMN deltachi2_new    double precision,
    ADD COLUMN z_qn             double precision,
    ADD COLUMN c_lya            real,
    ADD COLUMN c_civ            real,
    ADD COLUMN c_ciii           real,
    ADD COLUMN c_mgii           real,
    ADD COLUMN c_hbeta          real,
    ADD COLUMN c_halpha         real,
    ADD COLUMN is_qso_qn_new_rr smallint,
    ADD COLUMN is_qso_mgii      smallint,
    ADD COLUMN delta_chi2_mgii  real,
    ADD COLUMN proba_rf         real,
    ADD COLUMN qso_maskbits     bigint, -- of a quasar catalogue; engine/catalog/quasar_rule computes it elsewhere
    ADD COLUMN qso_source       text NOT NULL DEFAULT '' CHECK (qso_source IN ('', 'afterburner', 'qso_cat'));

ALTER TABLE voorwerp.catalog_redshift
    ADD COLUMN lastnight        integer,
    ADD COLUMN z_qn             double precision,
    ADD COLUMN c_lya            real,
    ADD COLUMN c_civ            real,
    ADD COLUMN c_ciii           real,
    ADD COLUMN c_mgii           real,
    ADD COLUMN c_hbeta          real,
    ADD COLUMN c_halpha         real,
    ADD COLUMN is_qso_qn_new_rr smallint,
    ADD COLUMN is_qso_mgii      smallint,
    ADD COLUMN delta_chi2_mgii  real,
    ADD COLUMN proba_rf         real,
    ADD COLUMN qso_maskbits     bigint;

-- The afterburners' files of a coadd: "QuasarNet's hash,Mg II's hash", either part empty where there is none.
ALTER TABLE voorwerp.file
    ADD COLUMN quasarnet_path     text NOT NULL DEFAULT '',
    ADD COLUMN mgii_path          text NOT NULL DEFAULT '',
    ADD COLUMN afterburner_sha256 text NOT NULL DEFAULT '';

-- What ingest did not take: whole files (no row) and rows. A path's problems are replaced when it is read again.
CREATE TABLE voorwerp.ingest_problem (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    path     text NOT NULL,
    file_row bigint,
    reason   text NOT NULL,
    noticed  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ingest_problem_path ON voorwerp.ingest_problem (path);
