-- Lists of millions of rows: what the planner must know, and the two orders that no single column's index keeps.

-- Quasars by redshift: without it stars and galaxies, whose redshifts are small, stand in the way of every list of quasars that
-- begins at low z. 62 MB for 1.6 million rows.
CREATE INDEX target_spectype_z ON voorwerp.target (spectype, z, id);
CREATE INDEX label_class ON voorwerp.label (class, targetid);

-- Rare values are told from common ones by a finer histogram: z > 6 is one in 50,000.
ALTER TABLE voorwerp.target ALTER z SET STATISTICS 1000, ALTER snr SET STATISTICS 1000, ALTER target_ra SET STATISTICS 1000,
    ALTER target_dec SET STATISTICS 1000, ALTER flux_r SET STATISTICS 1000, ALTER deltachi2 SET STATISTICS 1000;
ALTER TABLE voorwerp.score ALTER score SET STATISTICS 1000, ALTER artefact SET STATISTICS 1000, ALTER latent SET STATISTICS 0;
CREATE STATISTICS voorwerp.target_classes (mcv) ON spectype, zwarn, survey, program FROM voorwerp.target;

-- An index can answer alone only where vacuum has been: not after a fifth of the table is new, but after a twentieth.
ALTER TABLE voorwerp.target SET (autovacuum_vacuum_insert_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05);
ALTER TABLE voorwerp.score SET (autovacuum_vacuum_insert_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05);
