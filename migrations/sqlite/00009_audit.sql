-- The audit trail: who did what, chained account by account (package audit). The account "" is the platform itself.
-- +goose Up
CREATE TABLE audit_heads (
    account_id TEXT   NOT NULL PRIMARY KEY,
    sequence   BIGINT NOT NULL,
    hash       BLOB   NOT NULL
);

CREATE TABLE audit_records (
    account_id TEXT   NOT NULL,
    sequence   BIGINT NOT NULL,
    id         TEXT   NOT NULL UNIQUE,
    at         BIGINT NOT NULL,
    user_id    TEXT   NOT NULL,
    action     TEXT   NOT NULL,
    resource   TEXT   NOT NULL,
    result     TEXT   NOT NULL,
    body       TEXT   NOT NULL, -- what the hash covers, with all of the columns before
    prev_hash  BLOB   NOT NULL,
    hash       BLOB   NOT NULL,
    PRIMARY KEY (account_id, sequence)
) WITHOUT ROWID;
CREATE INDEX audit_records_by_time ON audit_records (account_id, at, sequence);
CREATE INDEX audit_records_by_user ON audit_records (account_id, user_id, at, sequence);

-- What is counted rather than recorded: denials, and uses of access keys.
CREATE TABLE audit_counts (
    source        TEXT   NOT NULL, -- a start of a process
    minute        BIGINT NOT NULL, -- since 1970
    account_id    TEXT   NOT NULL,
    kind          TEXT   NOT NULL,
    user_id       TEXT   NOT NULL,
    credential_id TEXT   NOT NULL,
    action        TEXT   NOT NULL,
    resource      TEXT   NOT NULL,
    calls         BIGINT NOT NULL,
    PRIMARY KEY (account_id, minute, kind, user_id, credential_id, action, resource, source)
);
CREATE INDEX audit_counts_by_minute ON audit_counts (minute);

-- +goose StatementBegin
CREATE TRIGGER audit_records_no_update BEFORE UPDATE ON audit_records
BEGIN SELECT RAISE(ABORT, 'audit records are only ever added'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_records_no_delete BEFORE DELETE ON audit_records
BEGIN SELECT RAISE(ABORT, 'audit records are only ever added'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_heads_no_delete BEFORE DELETE ON audit_heads
BEGIN SELECT RAISE(ABORT, 'audit records are only ever added'); END;
-- +goose StatementEnd

-- +goose Down
DROP TABLE audit_counts;
DROP TABLE audit_records;
DROP TABLE audit_heads;
