-- The directory: what nodes must know, as versioned entries (package directory).
-- +goose Up
CREATE TABLE directory_head (
    id           INTEGER PRIMARY KEY CHECK (id = 1),
    directory_id TEXT    NOT NULL, -- random; tells this database from one that replaced it
    revision     BIGINT  NOT NULL
);
INSERT INTO directory_head (id, directory_id, revision) VALUES (1, lower(hex(randomblob(16))), 0);

CREATE TABLE directory_entries (
    kind      TEXT    NOT NULL,
    entry_key TEXT    NOT NULL,
    revision  BIGINT  NOT NULL,
    deleted   BOOLEAN NOT NULL,
    value     BLOB,
    PRIMARY KEY (kind, entry_key)
) WITHOUT ROWID;
CREATE INDEX directory_entries_by_revision ON directory_entries (revision, kind, entry_key);

-- +goose Down
DROP TABLE directory_entries;
DROP TABLE directory_head;
