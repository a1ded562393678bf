-- Policies of queues: what the owner of a queue lets other accounts do with it.
-- +goose Up
ALTER TABLE cp_queues ADD COLUMN policy_version BIGINT NOT NULL DEFAULT 0;      -- of the policy in force; 0: none
ALTER TABLE cp_queues ADD COLUMN last_policy_version BIGINT NOT NULL DEFAULT 0; -- ever given: no version names two policies

CREATE TABLE cp_queue_policies (
    queue_id   TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES cp_queues (id) ON DELETE CASCADE,
    account_id TEXT COLLATE "C" NOT NULL,
    version    BIGINT NOT NULL,
    document   TEXT   NOT NULL,
    updated_at BIGINT NOT NULL,
    updated_by TEXT COLLATE "C" NOT NULL -- user id
);

-- +goose Down
DROP TABLE cp_queue_policies;
ALTER TABLE cp_queues DROP COLUMN last_policy_version;
ALTER TABLE cp_queues DROP COLUMN policy_version;
