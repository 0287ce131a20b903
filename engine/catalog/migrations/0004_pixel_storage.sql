-- How the pixels of a file's spectra are stored (engine/catalog/spectrum_codec.h). What is there was stored lossless.
ALTER TABLE voorwerp.file ADD COLUMN pixels text NOT NULL DEFAULT 'lossless' CHECK (pixels IN ('noise-aware', 'lossless'));
ALTER TABLE voorwerp.file ALTER COLUMN pixels SET DEFAULT 'noise-aware';
