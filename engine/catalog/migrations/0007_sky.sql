-- Places on the sky: an index for cones, boxes and matches, imported catalogues, and what they match.
-- Declination first: a cone is a short range of it, and within that range the right ascension is read from the index.
CREATE INDEX target_sky ON voorwerp.target (target_dec, target_ra);

-- What may lie in a wide cone (degrees): a necessary condition that an index answers. Where the extension q3c is
-- installed, the program replaces the body by q3c's own query and adds the index target_q3c (sky_search.h).
CREATE FUNCTION voorwerp.in_cone(place_ra float8, place_dec float8, centre_ra float8, centre_dec float8, radius float8)
    RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS 'SELECT place_dec BETWEEN centre_dec - radius AND centre_dec + radius';

-- A catalogue of somebody else's. columns: [{"name", "type", "unit", "ucd", "description"}], in the order of the cells.
CREATE TABLE voorwerp.imported_catalogue (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name        text NOT NULL UNIQUE,
    source      text NOT NULL,
    sha256      text NOT NULL,
    format      text NOT NULL,
    ra_column   text NOT NULL,
    dec_column  text NOT NULL,
    columns     jsonb NOT NULL,
    row_count   bigint NOT NULL,
    rejected    bigint NOT NULL,
    imported_by text NOT NULL,
    imported    timestamptz NOT NULL DEFAULT now()
);
-- row_number is the row of the file, from 1; cells are its texts as the file has them, NULL where it has none.
CREATE TABLE voorwerp.imported_row (
    catalogue_id bigint NOT NULL REFERENCES voorwerp.imported_catalogue (id) ON DELETE CASCADE,
    row_number   bigint NOT NULL,
    ra           float8 NOT NULL,
    dec          float8 NOT NULL,
    cells        text[] NOT NULL,
    PRIMARY KEY (catalogue_id, row_number)
);

-- The last match of a catalogue. targets_state tells whether spectra came or went since then.
CREATE TABLE voorwerp.catalogue_match_run (
    catalogue_id     bigint PRIMARY KEY REFERENCES voorwerp.imported_catalogue (id) ON DELETE CASCADE,
    radius           float8 NOT NULL, -- arcsec
    where_expression text NOT NULL,
    statistics       jsonb NOT NULL,
    targets_state    text NOT NULL,
    matched_by       text NOT NULL,
    matched          timestamptz NOT NULL DEFAULT now()
);
-- All pairs within the radius; best: the nearest spectrum of that row.
CREATE TABLE voorwerp.catalogue_match (
    catalogue_id bigint NOT NULL REFERENCES voorwerp.imported_catalogue (id) ON DELETE CASCADE,
    row_number   bigint NOT NULL,
    target_id    bigint NOT NULL REFERENCES voorwerp.target (id) ON DELETE CASCADE,
    separation   float8 NOT NULL, -- arcsec
    best         boolean NOT NULL,
    PRIMARY KEY (catalogue_id, target_id, row_number)
);
CREATE INDEX catalogue_match_target ON voorwerp.catalogue_match (target_id);

-- For expressions: matched('name') must not be silently empty because the name is misspelled.
CREATE FUNCTION voorwerp.catalogue_id(wanted text) RETURNS bigint LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
    found_id bigint;
BEGIN
    SELECT id INTO found_id FROM voorwerp.imported_catalogue WHERE name = wanted;
    IF found_id IS NULL THEN
        RAISE EXCEPTION 'there is no imported catalogue ''%''', wanted USING ERRCODE = 'undefined_object';
    END IF;
    RETURN found_id;
END $$;
