-- From version 1: totals are kept per day; what was counted before has no day.
BEGIN;
ALTER TABLE totals RENAME TO totals_1;
CREATE TABLE totals (
    account      TEXT NOT NULL,
    provider     TEXT NOT NULL,
    model        TEXT NOT NULL,
    day          TEXT NOT NULL,
    jobs         INTEGER NOT NULL,
    microdollars INTEGER NOT NULL,
    unknown      INTEGER NOT NULL,
    PRIMARY KEY (account, provider, model, day)
) WITHOUT ROWID;
INSERT INTO totals SELECT account, provider, model, '', jobs, microdollars, unknown FROM totals_1;
DROP TABLE totals_1;
PRAGMA user_version = 2;
COMMIT;
