-- User groups, customer policies, and policies attached to subjects: "u:" and a user's id, "g:" and a user group's, "r:" and a role's.
-- +goose Up
CREATE TABLE iam_groups (
    id          TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    account_id  TEXT COLLATE "C" NOT NULL REFERENCES iam_accounts (id),
    name        TEXT COLLATE "C" NOT NULL,
    folded_name TEXT COLLATE "C" NOT NULL,
    description TEXT COLLATE "C" NOT NULL,
    created_at  BIGINT NOT NULL,
    UNIQUE (account_id, folded_name)
);

CREATE TABLE iam_group_members (
    account_id TEXT COLLATE "C" NOT NULL REFERENCES iam_accounts (id),
    group_id   TEXT COLLATE "C" NOT NULL REFERENCES iam_groups (id),
    user_id    TEXT COLLATE "C" NOT NULL REFERENCES iam_users (id),
    created_at BIGINT NOT NULL,
    PRIMARY KEY (group_id, user_id)
);
CREATE INDEX iam_group_members_by_user ON iam_group_members (account_id, user_id);

CREATE TABLE iam_policies (
    account_id  TEXT COLLATE "C" NOT NULL REFERENCES iam_accounts (id),
    name        TEXT COLLATE "C" NOT NULL,
    description TEXT COLLATE "C" NOT NULL,
    document    TEXT COLLATE "C" NOT NULL,
    version     BIGINT NOT NULL,
    created_at  BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL,
    PRIMARY KEY (account_id, name)
);

CREATE TABLE iam_policy_attachments (
    account_id  TEXT COLLATE "C" NOT NULL REFERENCES iam_accounts (id),
    subject     TEXT COLLATE "C" NOT NULL,
    policy_name TEXT COLLATE "C" NOT NULL, -- built-in, or of iam_policies
    created_at  BIGINT NOT NULL,
    PRIMARY KEY (account_id, subject, policy_name)
);
CREATE INDEX iam_policy_attachments_by_policy ON iam_policy_attachments (account_id, policy_name, subject);

-- No earlier version had a way to write a document here. A row that has one all the same becomes an attachment of a policy that does not exist, which denies everything:
-- what the document denied is not forgotten.
INSERT INTO iam_policy_attachments (account_id, subject, policy_name, created_at)
    SELECT account_id, 'u:' || user_id, policy_name, created_at FROM iam_attachments;
DROP TABLE iam_attachments;

-- The keys of the directory's policy entries change: an old key that stayed would go on allowing after its policy was detached. The directory gets another id, so that
-- every copy starts anew.
UPDATE directory_head SET directory_id = replace(gen_random_uuid()::text, '-', ''), revision = revision + 1
    WHERE id = 1 AND EXISTS (SELECT 1 FROM directory_entries WHERE kind = 'policy');
DELETE FROM directory_entries WHERE kind = 'policy';
INSERT INTO directory_entries (kind, entry_key, revision, deleted, value)
    SELECT 'policy', account_id || '/' || subject || '/' || policy_name, (SELECT revision FROM directory_head WHERE id = 1), FALSE,
        convert_to(json_build_object('account_id', account_id, 'subject', subject, 'name', policy_name)::text, 'UTF8')
    FROM iam_policy_attachments;

-- +goose Down
CREATE TABLE iam_attachments (
    account_id  TEXT COLLATE "C" NOT NULL REFERENCES iam_accounts (id),
    user_id     TEXT COLLATE "C" NOT NULL REFERENCES iam_users (id),
    policy_name TEXT COLLATE "C" NOT NULL,
    document    TEXT COLLATE "C",
    created_at  BIGINT NOT NULL,
    PRIMARY KEY (account_id, user_id, policy_name)
);
INSERT INTO iam_attachments (account_id, user_id, policy_name, document, created_at)
    SELECT a.account_id, substr(a.subject, 3), a.policy_name, p.document, a.created_at
    FROM iam_policy_attachments a LEFT JOIN iam_policies p ON p.account_id = a.account_id AND p.name = a.policy_name
    WHERE a.subject LIKE 'u:%';
UPDATE directory_head SET directory_id = replace(gen_random_uuid()::text, '-', ''), revision = revision + 1
    WHERE id = 1 AND EXISTS (SELECT 1 FROM directory_entries WHERE kind = 'policy');
DELETE FROM directory_entries WHERE kind IN ('policy', 'policy_document');
INSERT INTO directory_entries (kind, entry_key, revision, deleted, value)
    SELECT 'policy', account_id || '/' || user_id || '/' || policy_name, (SELECT revision FROM directory_head WHERE id = 1), FALSE,
        convert_to((CASE WHEN document IS NULL THEN json_build_object('account_id', account_id, 'user_id', user_id, 'name', policy_name)
            ELSE json_build_object('account_id', account_id, 'user_id', user_id, 'name', policy_name, 'document', document::json) END)::text, 'UTF8')
    FROM iam_attachments;
DROP TABLE iam_policy_attachments;
DROP TABLE iam_policies;
DROP TABLE iam_group_members;
DROP TABLE iam_groups;
