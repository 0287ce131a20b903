-- Files, spectra and what is known about them.
-- Columns that DESI's specprod-db has keep its names; types are as wide as the reader's values, so that nothing is cut off.
-- Numbers that a file does not have are NULL, never NaN; texts are empty, never NULL.

CREATE TABLE voorwerp.file (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    path           text NOT NULL,
    specprod       text NOT NULL,
    kind           text NOT NULL CHECK (kind IN ('coadd', 'qso_cat')),
    size           bigint NOT NULL,
    mtime          bigint NOT NULL,
    sha256         text NOT NULL,
    redrock_path   text NOT NULL DEFAULT '',
    redrock_sha256 text NOT NULL DEFAULT '',
    provenance     jsonb NOT NULL DEFAULT '{}',
    ingested       timestamptz NOT NULL DEFAULT now(),
    UNIQUE (specprod, path)
);
CREATE INDEX file_sha256 ON voorwerp.file (sha256);

CREATE TABLE voorwerp.target (
    id                bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    targetid          bigint NOT NULL,
    specprod          text NOT NULL,
    survey            text NOT NULL,
    program           text NOT NULL,
    spgrp             text NOT NULL,
    spgrpval          bigint NOT NULL,
    healpix           bigint GENERATED ALWAYS AS (CASE WHEN spgrp = 'healpix' AND spgrpval >= 0 THEN spgrpval END) STORED,
    tileid            integer NOT NULL,
    target_ra         double precision,
    target_dec        double precision,
    objtype           text NOT NULL,
    coadd_fiberstatus bigint,
    desi_target       bigint,
    fiber             integer,
    petal_loc         integer,
    night             integer,
    coadd_numexp      integer,
    coadd_exptime     real,
    ebv               real,
    flux_g            real,
    flux_r            real,
    flux_z            real,
    flux_w1           real,
    flux_w2           real,
    snr_b             real,
    snr_r             real,
    snr_z             real,
    snr               real,
    fraction_masked   real,
    z                 double precision,
    zerr              double precision,
    zwarn             bigint,
    chi2              double precision,
    deltachi2         double precision,
    spectype          text NOT NULL,
    subtype           text NOT NULL,
    redshift_source   text NOT NULL CHECK (redshift_source IN ('', 'redrock', 'qso_cat')),
    problem           text NOT NULL,
    file_id           bigint NOT NULL REFERENCES voorwerp.file (id),
    file_row          integer NOT NULL,
    CONSTRAINT target_key UNIQUE (targetid, specprod, survey, program, spgrp, spgrpval, tileid)
);
-- Keyset paging walks (column, id) in both directions.
CREATE INDEX target_ra ON voorwerp.target (target_ra, id);
CREATE INDEX target_dec ON voorwerp.target (target_dec, id);
CREATE INDEX target_z ON voorwerp.target (z, id);
CREATE INDEX target_zwarn ON voorwerp.target (zwarn, id);
CREATE INDEX target_deltachi2 ON voorwerp.target (deltachi2, id);
CREATE INDEX target_snr ON voorwerp.target (snr, id);
CREATE INDEX target_flux_r ON voorwerp.target (flux_r, id);
CREATE INDEX target_fraction_masked ON voorwerp.target (fraction_masked, id);
CREATE INDEX target_spectype ON voorwerp.target (spectype, id);
CREATE INDEX target_survey ON voorwerp.target (survey, id);
CREATE INDEX target_problem ON voorwerp.target (problem, id);
CREATE INDEX target_targetid ON voorwerp.target (targetid, id);
CREATE INDEX target_file ON voorwerp.target (file_id);

-- Pixels on DESI's 7,781-pixel grid, compressed by the program (engine/catalog/spectrum_codec.h).
CREATE TABLE voorwerp.spectrum (
    target_id bigint NOT NULL REFERENCES voorwerp.target (id) ON DELETE CASCADE,
    flux      bytea NOT NULL,
    ivar      bytea NOT NULL,
    mask      bytea NOT NULL,
    PRIMARY KEY (target_id)
) PARTITION BY HASH (target_id);
DO $$
BEGIN
    FOR part IN 0..7 LOOP
        EXECUTE format('CREATE TABLE voorwerp.spectrum_%s PARTITION OF voorwerp.spectrum '
                       'FOR VALUES WITH (MODULUS 8, REMAINDER %s)', part, part);
        EXECUTE format('ALTER TABLE voorwerp.spectrum_%s ALTER flux SET STORAGE EXTERNAL, '
                       'ALTER ivar SET STORAGE EXTERNAL, ALTER mask SET STORAGE EXTERNAL', part);
    END LOOP;
END $$;

-- What QSO catalogues say, used for spectra without a redshift of redrock's.
CREATE TABLE voorwerp.catalog_redshift (
    file_id  bigint NOT NULL REFERENCES voorwerp.file (id) ON DELETE CASCADE,
    specprod text NOT NULL,
    targetid bigint NOT NULL,
    survey   text NOT NULL,
    program  text NOT NULL,
    tileid   integer NOT NULL,
    z        double precision NOT NULL,
    zerr     double precision,
    zwarn    bigint NOT NULL,
    spectype text NOT NULL
);
CREATE INDEX catalog_redshift_targetid ON voorwerp.catalog_redshift (targetid);
CREATE INDEX catalog_redshift_file ON voorwerp.catalog_redshift (file_id);

CREATE TABLE voorwerp.selection (
    name             text PRIMARY KEY,
    where_expression text NOT NULL,
    rule             text NOT NULL,
    spectra          bigint NOT NULL,
    created          timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE voorwerp.dataset (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name             text NOT NULL UNIQUE,
    file             text NOT NULL,
    sha256           text NOT NULL,
    selection        text NOT NULL,
    where_expression text NOT NULL,
    recipe           text NOT NULL,
    recipe_hash      text NOT NULL,
    spectra          bigint NOT NULL,
    pixels           bigint NOT NULL,
    lineage          jsonb NOT NULL,
    created          timestamptz NOT NULL DEFAULT now()
);
