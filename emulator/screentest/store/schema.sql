-- Times are account times in Unix seconds, but for wall_anchor. A job's document is frozen at submit; what happens to it
-- later is appended to amendments. The columns beside the document are those that queries range over.
BEGIN;
CREATE TABLE accounts (
    id             TEXT PRIMARY KEY,
    label          TEXT NOT NULL,
    wall_anchor    REAL NOT NULL,
    account_anchor REAL NOT NULL,
    rate           REAL NOT NULL,
    submitted      INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE jobs (
    seq        INTEGER PRIMARY KEY,
    id         TEXT NOT NULL UNIQUE,
    account    TEXT NOT NULL,
    provider   TEXT NOT NULL,
    submitted  REAL NOT NULL,
    ends       REAL NOT NULL,
    document   TEXT NOT NULL,
    amendments TEXT NOT NULL DEFAULT '[]'
);
CREATE INDEX jobs_newest_first ON jobs (account, provider, submitted, seq);
CREATE INDEX jobs_by_end ON jobs (account, ends);
CREATE TABLE totals (
    account  TEXT NOT NULL,
    provider TEXT NOT NULL,
    jobs     INTEGER NOT NULL,
    PRIMARY KEY (account, provider)
) WITHOUT ROWID;
PRAGMA user_version = 1;
COMMIT;
