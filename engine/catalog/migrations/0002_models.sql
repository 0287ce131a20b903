-- Model versions and their aliases; scores; labels; jobs.

CREATE TABLE voorwerp.model_version (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name           text NOT NULL,
    version        integer NOT NULL CHECK (version > 0),
    file           text NOT NULL,
    sha256         text NOT NULL,
    dataset        text NOT NULL,
    dataset_sha256 text NOT NULL,
    configuration  jsonb NOT NULL,
    metrics        jsonb NOT NULL,
    lineage        jsonb NOT NULL,
    created        timestamptz NOT NULL DEFAULT now(),
    UNIQUE (name, version)
);

-- model = '': an alias of the whole workspace.
CREATE TABLE voorwerp.alias_history (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    model        text NOT NULL,
    alias        text NOT NULL,
    from_version bigint REFERENCES voorwerp.model_version (id),
    to_version   bigint NOT NULL REFERENCES voorwerp.model_version (id),
    who          text NOT NULL,
    reason       text NOT NULL,
    undoes       bigint REFERENCES voorwerp.alias_history (id),
    changed      timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE voorwerp.model_alias (
    model            text NOT NULL,
    alias            text NOT NULL,
    model_version_id bigint NOT NULL REFERENCES voorwerp.model_version (id),
    PRIMARY KEY (model, alias)
);

CREATE TABLE voorwerp.score_run (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    model_version_id bigint NOT NULL REFERENCES voorwerp.model_version (id),
    selection        text NOT NULL,
    where_expression text NOT NULL,
    configuration    jsonb NOT NULL,
    scored           bigint NOT NULL DEFAULT 0,
    finished         timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE voorwerp.score (
    model_version_id bigint NOT NULL REFERENCES voorwerp.model_version (id),
    target_id        bigint NOT NULL REFERENCES voorwerp.target (id) ON DELETE CASCADE,
    run_id           bigint NOT NULL REFERENCES voorwerp.score_run (id),
    rank             bigint NOT NULL,
    score            real,
    score_chi2       real,
    score_robust     real,
    score_smoothed   real,
    score_density    real,
    score_kl         real,
    artefact         real,
    p_value          double precision,
    q_value          double precision,
    kind             text NOT NULL,
    latent           real[] NOT NULL,
    PRIMARY KEY (model_version_id, target_id)
);
CREATE INDEX score_target ON voorwerp.score (target_id);
CREATE INDEX score_rank ON voorwerp.score (model_version_id, rank, target_id);
CREATE INDEX score_score ON voorwerp.score (model_version_id, score, target_id);
CREATE INDEX score_chi2 ON voorwerp.score (model_version_id, score_chi2, target_id);
CREATE INDEX score_robust ON voorwerp.score (model_version_id, score_robust, target_id);
CREATE INDEX score_smoothed ON voorwerp.score (model_version_id, score_smoothed, target_id);
CREATE INDEX score_density ON voorwerp.score (model_version_id, score_density, target_id);
CREATE INDEX score_kl ON voorwerp.score (model_version_id, score_kl, target_id);
CREATE INDEX score_artefact ON voorwerp.score (model_version_id, artefact, target_id);
CREATE INDEX score_q_value ON voorwerp.score (model_version_id, q_value, target_id);

-- A label belongs to a TARGETID: it outlives a new reduction, and may come before the spectrum.
CREATE TABLE voorwerp.label_history (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    targetid bigint NOT NULL,
    action   text NOT NULL CHECK (action IN ('set', 'clear', 'undo', 'import')),
    class    text NOT NULL,
    quality  smallint CHECK (quality BETWEEN 0 AND 4),
    comment  text NOT NULL,
    author   text NOT NULL,
    changed  timestamptz NOT NULL DEFAULT now(),
    previous bigint REFERENCES voorwerp.label_history (id), -- what was current before this change
    undoes   bigint REFERENCES voorwerp.label_history (id)
);
CREATE INDEX label_history_targetid ON voorwerp.label_history (targetid, id);
CREATE INDEX label_history_author ON voorwerp.label_history (author, id);
CREATE TABLE voorwerp.label (
    targetid bigint PRIMARY KEY,
    history  bigint NOT NULL REFERENCES voorwerp.label_history (id),
    class    text NOT NULL,
    quality  smallint,
    comment  text NOT NULL,
    author   text NOT NULL,
    changed  timestamptz NOT NULL
);

CREATE TABLE voorwerp.job (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind          text NOT NULL,
    title         text NOT NULL,
    configuration jsonb NOT NULL,
    state         text NOT NULL DEFAULT 'queued'
                  CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled', 'interrupted')),
    progress      double precision NOT NULL DEFAULT 0,
    message       text NOT NULL DEFAULT '',
    error         text NOT NULL DEFAULT '',
    remedy        text NOT NULL DEFAULT '',
    attempts      integer NOT NULL DEFAULT 0,
    cancel_asked  boolean NOT NULL DEFAULT false,
    created       timestamptz NOT NULL DEFAULT now(),
    started       timestamptz,
    ended         timestamptz,
    heartbeat     timestamptz,
    owner_host    text NOT NULL DEFAULT '',
    owner_pid     bigint NOT NULL DEFAULT 0,
    owner_start   text NOT NULL DEFAULT ''
);
CREATE INDEX job_state ON voorwerp.job (state, id);
