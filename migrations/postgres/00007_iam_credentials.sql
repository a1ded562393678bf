-- Roles, the states of the keys that sign tokens, tokens revoked one by one (package iam).
-- +goose Up
CREATE TABLE iam_roles (
    id                 TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    account_id         TEXT COLLATE "C" NOT NULL REFERENCES iam_accounts (id),
    name               TEXT COLLATE "C" NOT NULL,
    folded_name        TEXT COLLATE "C" NOT NULL,
    description        TEXT COLLATE "C" NOT NULL,
    trusted_account_id TEXT COLLATE "C" NOT NULL,
    trusted_users      TEXT COLLATE "C" NOT NULL, -- JSON: a list of ids; empty: all users of the trusted account
    max_seconds        BIGINT NOT NULL,
    epoch              BIGINT NOT NULL,
    created_at         BIGINT NOT NULL,
    UNIQUE (account_id, folded_name)
);

ALTER TABLE iam_signing_keys ADD COLUMN state TEXT COLLATE "C" NOT NULL DEFAULT 'previous'; -- next, current or previous
ALTER TABLE iam_signing_keys ADD COLUMN changed_at BIGINT NOT NULL DEFAULT 0;   -- when it got the state
UPDATE iam_signing_keys SET changed_at = created_at;
UPDATE iam_signing_keys SET state = 'current' WHERE id = (SELECT id FROM iam_signing_keys ORDER BY created_at DESC, id DESC LIMIT 1);
CREATE UNIQUE INDEX iam_signing_keys_one ON iam_signing_keys (state) WHERE state <> 'previous'; -- one signs, one is next

CREATE TABLE iam_revoked_tokens (
    account_id TEXT COLLATE "C" NOT NULL REFERENCES iam_accounts (id),
    user_id    TEXT COLLATE "C" NOT NULL REFERENCES iam_users (id) ON DELETE CASCADE,
    token_id   TEXT COLLATE "C" NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, token_id)
);

-- +goose Down
DROP TABLE iam_revoked_tokens;
DROP INDEX iam_signing_keys_one;
ALTER TABLE iam_signing_keys DROP COLUMN changed_at;
ALTER TABLE iam_signing_keys DROP COLUMN state;
DROP TABLE iam_roles;
