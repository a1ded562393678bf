-- The directory: what nodes must know, as versioned entries (package directory).
-- Keys are compared byte by byte (COLLATE "C"), as SQLite and Go do: scans by prefix and page tokens depend on it.
-- +goose Up
CREATE TABLE directory_head (
    id           INTEGER PRIMARY KEY CHECK (id = 1),
    directory_id TEXT    NOT NULL, -- random; tells this database from one that replaced it
    revision     BIGINT  NOT NULL
);
INSERT INTO directory_head (id, directory_id, revision) VALUES (1, replace(gen_random_uuid()::text, '-', ''), 0);

CREATE TABLE directory_entries (
    kind      TEXT COLLATE "C" NOT NULL,
    entry_key TEXT COLLATE "C" NOT NULL,
    revision  BIGINT  NOT NULL,
    deleted   BOOLEAN NOT NULL,
    value     BYTEA,
    PRIMARY KEY (kind, entry_key)
);
CREATE INDEX directory_entries_by_revision ON directory_entries (revision, kind, entry_key);

-- +goose Down
DROP TABLE directory_entries;
DROP TABLE directory_head;
