-- Suspension of accounts by an operator (package iam).
-- +goose Up
ALTER TABLE iam_accounts ADD COLUMN suspended_at     BIGINT NOT NULL DEFAULT 0; -- 0: it is not
ALTER TABLE iam_accounts ADD COLUMN suspended_reason TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE iam_accounts DROP COLUMN suspended_reason;
ALTER TABLE iam_accounts DROP COLUMN suspended_at;
