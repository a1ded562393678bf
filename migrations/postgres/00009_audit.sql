-- The audit trail: who did what, chained account by account (package audit). The account "" is the platform itself.
-- +goose Up
CREATE TABLE audit_heads (
    account_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    sequence   BIGINT NOT NULL,
    hash       BYTEA  NOT NULL
);

CREATE TABLE audit_records (
    account_id TEXT COLLATE "C" NOT NULL,
    sequence   BIGINT NOT NULL,
    id         TEXT COLLATE "C" NOT NULL UNIQUE,
    at         BIGINT NOT NULL,
    user_id    TEXT COLLATE "C" NOT NULL,
    action     TEXT COLLATE "C" NOT NULL,
    resource   TEXT COLLATE "C" NOT NULL,
    result     TEXT COLLATE "C" NOT NULL,
    body       TEXT COLLATE "C" NOT NULL, -- what the hash covers, with all of the columns before
    prev_hash  BYTEA  NOT NULL,
    hash       BYTEA  NOT NULL,
    PRIMARY KEY (account_id, sequence)
);
CREATE INDEX audit_records_by_time ON audit_records (account_id, at, sequence);
CREATE INDEX audit_records_by_user ON audit_records (account_id, user_id, at, sequence);

-- What is counted rather than recorded: denials, and uses of access keys.
CREATE TABLE audit_counts (
    source        TEXT COLLATE "C" NOT NULL, -- a start of a process
    minute        BIGINT NOT NULL, -- since 1970
    account_id    TEXT COLLATE "C" NOT NULL,
    kind          TEXT COLLATE "C" NOT NULL,
    user_id       TEXT COLLATE "C" NOT NULL,
    credential_id TEXT COLLATE "C" NOT NULL,
    action        TEXT COLLATE "C" NOT NULL,
    resource      TEXT COLLATE "C" NOT NULL,
    calls         BIGINT NOT NULL,
    PRIMARY KEY (account_id, minute, kind, user_id, credential_id, action, resource, source)
);
CREATE INDEX audit_counts_by_minute ON audit_counts (minute);

-- +goose StatementBegin
CREATE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit records are only ever added';
END;
$$;
-- +goose StatementEnd
CREATE TRIGGER audit_records_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_records EXECUTE FUNCTION audit_append_only();
CREATE TRIGGER audit_heads_no_delete BEFORE DELETE OR TRUNCATE ON audit_heads EXECUTE FUNCTION audit_append_only();

-- +goose Down
DROP TABLE audit_counts;
DROP TABLE audit_records;
DROP TABLE audit_heads;
DROP FUNCTION audit_append_only();
