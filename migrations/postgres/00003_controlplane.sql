-- The control plane's own facts: queues, consumer groups, tags, quotas, regions, activations, the lifecycle log, counted calls.
-- Ids and names are compared byte by byte (COLLATE "C"), as SQLite and Go do.
-- +goose Up
CREATE TABLE cp_regions (
    name     TEXT COLLATE "C" PRIMARY KEY,
    endpoint TEXT NOT NULL
);

CREATE TABLE cp_activations (
    account_id   TEXT COLLATE "C" PRIMARY KEY,
    state        TEXT   NOT NULL,
    activated_at BIGINT NOT NULL
);

-- One row a project that ever created a queue: the lock under which its queues are counted, and its quota when the operator set one.
CREATE TABLE cp_projects (
    project_id       TEXT COLLATE "C" PRIMARY KEY,
    queues           INTEGER,
    groups_per_queue INTEGER
);

CREATE TABLE cp_queues (
    id                  TEXT COLLATE "C" PRIMARY KEY,
    account_id          TEXT COLLATE "C" NOT NULL,
    project_id          TEXT COLLATE "C" NOT NULL,
    user_id             TEXT COLLATE "C" NOT NULL,
    region              TEXT COLLATE "C" NOT NULL,
    name                TEXT COLLATE "C" NOT NULL,
    description         TEXT    NOT NULL,
    mode                TEXT    NOT NULL,
    max_consume_count   INTEGER NOT NULL, -- 0: no dead letters
    retention_hours     INTEGER NOT NULL, -- 0: the standard retention
    requests_per_second INTEGER NOT NULL, -- 0: no limit
    open_polls          INTEGER NOT NULL, -- 0: no limit
    created_at          BIGINT  NOT NULL,
    UNIQUE (project_id, name)
);
CREATE INDEX cp_queues_by_account ON cp_queues (account_id, project_id);

CREATE TABLE cp_groups (
    id         TEXT COLLATE "C" PRIMARY KEY,
    account_id TEXT COLLATE "C" NOT NULL,
    project_id TEXT COLLATE "C" NOT NULL,
    queue_id   TEXT COLLATE "C" NOT NULL REFERENCES cp_queues (id) ON DELETE CASCADE,
    name       TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (queue_id, name)
);

CREATE TABLE cp_queue_tags (
    queue_id   TEXT COLLATE "C" NOT NULL REFERENCES cp_queues (id) ON DELETE CASCADE,
    tag_key    TEXT COLLATE "C" NOT NULL,
    tag_value  TEXT   NOT NULL,
    account_id TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (queue_id, tag_key)
);

-- What happened to queues that matters for their cost (package lifecycle). Rows are never changed or deleted.
CREATE TABLE cp_lifecycle (
    sequence   BIGINT  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at         BIGINT NOT NULL,
    kind       TEXT   NOT NULL,
    queue_id   TEXT COLLATE "C" NOT NULL,
    account_id TEXT COLLATE "C" NOT NULL,
    project_id TEXT COLLATE "C" NOT NULL,
    user_id    TEXT COLLATE "C" NOT NULL,
    region     TEXT COLLATE "C" NOT NULL
);
CREATE INDEX cp_lifecycle_by_account ON cp_lifecycle (account_id, queue_id, sequence);
CREATE INDEX cp_lifecycle_by_queue ON cp_lifecycle (queue_id, kind, at);

-- Counted calls that are not delivered yet, numbered without gaps in the order of commits: the number is taken under the lock of the head.
CREATE TABLE cp_usage_head (
    id        INTEGER PRIMARY KEY CHECK (id = 1),
    sequence  BIGINT  NOT NULL, -- the last number taken
    cut       BIGINT  NOT NULL, -- the last number of the batch that is being delivered
    delivered BIGINT  NOT NULL  -- the last number that the sink has
);
INSERT INTO cp_usage_head (id, sequence, cut, delivered) VALUES (1, 0, 0, 0);

CREATE TABLE cp_usage_outbox (
    sequence   BIGINT PRIMARY KEY,
    account_id TEXT COLLATE "C" NOT NULL,
    project_id TEXT COLLATE "C" NOT NULL,
    user_id    TEXT COLLATE "C" NOT NULL,
    queue_id   TEXT COLLATE "C" NOT NULL,
    action     TEXT   NOT NULL,
    hour       BIGINT NOT NULL
);

-- +goose Down
DROP TABLE cp_usage_outbox;
DROP TABLE cp_usage_head;
DROP TABLE cp_lifecycle;
DROP TABLE cp_queue_tags;
DROP TABLE cp_groups;
DROP TABLE cp_queues;
DROP TABLE cp_projects;
DROP TABLE cp_activations;
DROP TABLE cp_regions;
