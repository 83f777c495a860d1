-- From version 2: jobs are found by the end of their id and by the minute of their end, and listed in their order.
BEGIN;
CREATE TABLE jobs_3 (
    seq        INTEGER PRIMARY KEY,
    id         TEXT NOT NULL,
    account    TEXT NOT NULL,
    provider   TEXT NOT NULL,
    submitted  REAL NOT NULL,
    ends       REAL NOT NULL,
    document   TEXT NOT NULL,
    amendments TEXT NOT NULL DEFAULT '[]'
);
INSERT INTO jobs_3 SELECT seq, id, account, provider, submitted, ends, document, amendments FROM jobs;
DROP TABLE jobs;
ALTER TABLE jobs_3 RENAME TO jobs;
CREATE UNIQUE INDEX jobs_by_id ON jobs (substr(id, -8), id);
CREATE INDEX jobs_in_order ON jobs (account, provider);
CREATE INDEX jobs_by_end ON jobs (account, CAST(ends / 60 AS INTEGER));
PRAGMA user_version = 3;
COMMIT;
