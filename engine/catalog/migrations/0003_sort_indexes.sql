-- More columns that tables are sorted by.
CREATE INDEX target_healpix ON voorwerp.target (healpix, id);
CREATE INDEX target_program ON voorwerp.target (program, id);
CREATE INDEX target_night ON voorwerp.target (night, id);
CREATE INDEX target_ebv ON voorwerp.target (ebv, id);
CREATE INDEX target_flux_g ON voorwerp.target (flux_g, id);
CREATE INDEX target_flux_z ON voorwerp.target (flux_z, id);
CREATE INDEX target_coadd_fiberstatus ON voorwerp.target (coadd_fiberstatus, id);

-- Scores are written by one statement that sets model and run itself: checking both again for each row only costs time.
ALTER TABLE voorwerp.score DROP CONSTRAINT score_model_version_id_fkey, DROP CONSTRAINT score_run_id_fkey;
