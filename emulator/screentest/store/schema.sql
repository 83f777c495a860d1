-- Times are account times in Unix seconds, but for wall_anchor. A job's document is frozen at submit; what happens to it
-- later is appended to amendments. The columns beside the document are those that queries range over.
BEGIN;
CREATE TABLE accounts (
    id             TEXT PRIMARY KEY,
    label          TEXT NOT NULL,
    wall_anchor    REAL NOT NULL,
    account_anchor REAL NOT NULL,
    rate           REAL NOT NULL,
    submitted      INTEGER NOT NULL,
    settings       TEXT NOT NULL DEFAULT '{}'
) WITHOUT ROWID;
CREATE TABLE jobs (
    seq        INTEGER PRIMARY KEY,
    id         TEXT NOT NULL,
    account    TEXT NOT NULL,
    provider   TEXT NOT NULL,
    submitted  REAL NOT NULL,
    ends       REAL NOT NULL,
    document   TEXT NOT NULL,
    amendments TEXT NOT NULL DEFAULT '[]'
);
-- By the end of the id, where ids that follow one another lie side by side.
CREATE UNIQUE INDEX jobs_by_id ON jobs (substr(id, -8), id);
-- An index ends in seq by itself.
CREATE INDEX jobs_in_order ON jobs (account, provider);
-- By the minute: jobs that are submitted together end in any order.
CREATE INDEX jobs_by_end ON jobs (account, CAST(ends / 60 AS INTEGER));
CREATE TABLE totals (
    account      TEXT NOT NULL,
    provider     TEXT NOT NULL,
    model        TEXT NOT NULL,
    day          TEXT NOT NULL,
    jobs         INTEGER NOT NULL,
    microdollars INTEGER NOT NULL,
    unknown      INTEGER NOT NULL,
    -- Its columns come first: where they do not, the integrity check of SQLite 3.40 sees corruption that is none.
    PRIMARY KEY (account, provider, model, day)
) WITHOUT ROWID;
CREATE TABLE claims (
    account  TEXT NOT NULL,
    provider TEXT NOT NULL,
    key      TEXT NOT NULL,
    digest   TEXT NOT NULL,
    at       REAL NOT NULL,
    job      TEXT NOT NULL,
    PRIMARY KEY (account, provider, key)
) WITHOUT ROWID;
CREATE TABLE effects (
    seq      INTEGER PRIMARY KEY,
    id       TEXT NOT NULL UNIQUE,
    account  TEXT NOT NULL,
    job      TEXT NOT NULL,
    kind     TEXT NOT NULL,
    due      REAL,
    document TEXT NOT NULL
);
CREATE INDEX effects_due ON effects (account, due) WHERE due IS NOT NULL;
CREATE INDEX effects_by_job ON effects (job);
CREATE TABLE records (
    seq      INTEGER PRIMARY KEY,
    id       TEXT NOT NULL UNIQUE,
    account  TEXT NOT NULL,
    kind     TEXT NOT NULL,
    created  REAL NOT NULL,
    document TEXT NOT NULL,
    content  BLOB
);
CREATE INDEX records_by_kind ON records (account, kind);
PRAGMA user_version = 3;
COMMIT;
