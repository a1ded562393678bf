-- Roles, the states of the keys that sign tokens, tokens revoked one by one (package iam).
-- +goose Up
CREATE TABLE iam_roles (
    id                 TEXT   NOT NULL PRIMARY KEY,
    account_id         TEXT   NOT NULL REFERENCES iam_accounts (id),
    name               TEXT   NOT NULL,
    folded_name        TEXT   NOT NULL,
    description        TEXT   NOT NULL,
    trusted_account_id TEXT   NOT NULL,
    trusted_users      TEXT   NOT NULL, -- JSON: a list of ids; empty: all users of the trusted account
    max_seconds        BIGINT NOT NULL,
    epoch              BIGINT NOT NULL,
    created_at         BIGINT NOT NULL,
    UNIQUE (account_id, folded_name)
);

ALTER TABLE iam_signing_keys ADD COLUMN state TEXT NOT NULL DEFAULT 'previous'; -- next, current or previous
ALTER TABLE iam_signing_keys ADD COLUMN changed_at BIGINT NOT NULL DEFAULT 0;   -- when it got the state
UPDATE iam_signing_keys SET changed_at = created_at;
UPDATE iam_signing_keys SET state = 'current' WHERE id = (SELECT id FROM iam_signing_keys ORDER BY created_at DESC, id DESC LIMIT 1);
CREATE UNIQUE INDEX iam_signing_keys_one ON iam_signing_keys (state) WHERE state <> 'previous'; -- one signs, one is next

CREATE TABLE iam_revoked_tokens (
    account_id TEXT   NOT NULL REFERENCES iam_accounts (id),
    user_id    TEXT   NOT NULL REFERENCES iam_users (id) ON DELETE CASCADE,
    token_id   TEXT   NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, token_id)
);

-- +goose Down
DROP TABLE iam_revoked_tokens;
DROP INDEX iam_signing_keys_one;
ALTER TABLE iam_signing_keys DROP COLUMN changed_at;
ALTER TABLE iam_signing_keys DROP COLUMN state;
DROP TABLE iam_roles;
