-- Accounts and access (package iam). Names and e-mail addresses are unique by their folded form.
-- +goose Up
CREATE TABLE iam_accounts (
    id             TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name           TEXT COLLATE "C" NOT NULL,
    folded_name    TEXT COLLATE "C" NOT NULL UNIQUE,
    first_user_id  TEXT COLLATE "C" NOT NULL,
    policy_version BIGINT  NOT NULL,
    created_at     BIGINT  NOT NULL
);

CREATE TABLE iam_users (
    id            TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    account_id    TEXT COLLATE "C" NOT NULL REFERENCES iam_accounts (id),
    name          TEXT COLLATE "C" NOT NULL,
    folded_name   TEXT COLLATE "C" NOT NULL,
    email         TEXT COLLATE "C" NOT NULL,
    folded_email  TEXT COLLATE "C" UNIQUE, -- NULL without an address: any number of users may have none
    password_hash TEXT COLLATE "C" NOT NULL,
    enabled       BOOLEAN NOT NULL,
    operator      BOOLEAN NOT NULL,
    token_epoch   BIGINT  NOT NULL,
    created_at    BIGINT  NOT NULL,
    UNIQUE (account_id, folded_name)
);

CREATE TABLE iam_projects (
    id         TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    account_id TEXT COLLATE "C" NOT NULL REFERENCES iam_accounts (id),
    name       TEXT COLLATE "C" NOT NULL,
    region     TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (account_id, name)
);

CREATE TABLE iam_access_keys (
    id            TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    account_id    TEXT COLLATE "C" NOT NULL REFERENCES iam_accounts (id),
    user_id       TEXT COLLATE "C" NOT NULL REFERENCES iam_users (id),
    description   TEXT COLLATE "C" NOT NULL,
    sealed_secret TEXT COLLATE "C" NOT NULL, -- under the platform's key
    enabled       BOOLEAN NOT NULL,
    created_at    BIGINT  NOT NULL
);
CREATE INDEX iam_access_keys_by_user ON iam_access_keys (account_id, user_id, created_at, id);

CREATE TABLE iam_attachments (
    account_id  TEXT COLLATE "C" NOT NULL REFERENCES iam_accounts (id),
    user_id     TEXT COLLATE "C" NOT NULL REFERENCES iam_users (id),
    policy_name TEXT COLLATE "C" NOT NULL,
    document    TEXT COLLATE "C",  -- NULL: a built-in policy
    created_at  BIGINT NOT NULL,
    PRIMARY KEY (account_id, user_id, policy_name)
);

CREATE TABLE iam_signing_keys (
    id             TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    public_key     BYTEA  NOT NULL,
    sealed_private TEXT COLLATE "C" NOT NULL, -- under the platform's key
    created_at     BIGINT NOT NULL
);

CREATE TABLE iam_sessions (
    id                  TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    account_id          TEXT COLLATE "C" NOT NULL REFERENCES iam_accounts (id),
    user_id             TEXT COLLATE "C" NOT NULL REFERENCES iam_users (id),
    token_epoch         BIGINT NOT NULL,
    sealed_rotation_key TEXT COLLATE "C" NOT NULL, -- under the platform's key
    current_hash        BYTEA  NOT NULL,
    previous_hash       BYTEA,
    rotated_at          BIGINT NOT NULL,
    created_at          BIGINT NOT NULL,
    expires_at          BIGINT NOT NULL,
    ended_at            BIGINT -- NULL while it lives
);
CREATE INDEX iam_sessions_by_user ON iam_sessions (account_id, user_id, ended_at);

-- +goose Down
DROP TABLE iam_sessions;
DROP TABLE iam_signing_keys;
DROP TABLE iam_attachments;
DROP TABLE iam_access_keys;
DROP TABLE iam_projects;
DROP TABLE iam_users;
DROP TABLE iam_accounts;
