-- How users sign in (package iam): second factors, tickets in e-mails, where sessions are.
-- +goose Up
ALTER TABLE iam_users ADD COLUMN email_verified BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE iam_users ADD COLUMN mfa            BOOLEAN NOT NULL DEFAULT FALSE; -- has a confirmed row in iam_totp

ALTER TABLE iam_sessions ADD COLUMN mfa             BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE iam_sessions ADD COLUMN address         TEXT    NOT NULL DEFAULT '';
ALTER TABLE iam_sessions ADD COLUMN user_agent      TEXT    NOT NULL DEFAULT '';
ALTER TABLE iam_sessions ADD COLUMN impersonator_id TEXT    NOT NULL DEFAULT '';

CREATE TABLE iam_tickets (
    hash       BLOB   NOT NULL PRIMARY KEY, -- SHA-256 of what its holder shows
    purpose    TEXT   NOT NULL,
    account_id TEXT   NOT NULL, -- '' before there is one
    user_id    TEXT   NOT NULL,
    email      TEXT   NOT NULL, -- the address that it was sent to
    data       TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX iam_tickets_by_user ON iam_tickets (account_id, user_id, purpose);
CREATE INDEX iam_tickets_by_end ON iam_tickets (expires_at);

CREATE TABLE iam_totp (
    user_id       TEXT    NOT NULL PRIMARY KEY REFERENCES iam_users (id) ON DELETE CASCADE,
    account_id    TEXT    NOT NULL,
    sealed_secret TEXT    NOT NULL, -- under the platform's key
    confirmed     BOOLEAN NOT NULL,
    last_step     BIGINT  NOT NULL, -- no code of this step of time or an earlier one is accepted again
    failures      BIGINT  NOT NULL, -- wrong codes in a row
    failed_at     BIGINT  NOT NULL
);

CREATE TABLE iam_recovery_codes (
    account_id TEXT NOT NULL,
    user_id    TEXT NOT NULL REFERENCES iam_users (id) ON DELETE CASCADE,
    hash       BLOB NOT NULL, -- SHA-256: a code has 128 random bits
    PRIMARY KEY (user_id, hash)
);

-- +goose Down
DROP TABLE iam_recovery_codes;
DROP TABLE iam_totp;
DROP TABLE iam_tickets;
ALTER TABLE iam_sessions DROP COLUMN impersonator_id;
ALTER TABLE iam_sessions DROP COLUMN user_agent;
ALTER TABLE iam_sessions DROP COLUMN address;
ALTER TABLE iam_sessions DROP COLUMN mfa;
ALTER TABLE iam_users DROP COLUMN mfa;
ALTER TABLE iam_users DROP COLUMN email_verified;
