-- Billing: counted calls, the meter, closed hours and the prices by which they were closed (package billing).
-- Ids are compared byte by byte (COLLATE "C"), as SQLite and Go do. Hours count from 1970 in UTC.
-- +goose Up

-- How far each source of usage has come, and which of its sequence numbers before that are missing.
CREATE TABLE billing_usage_sources (
    source        TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    last_sequence BIGINT NOT NULL
);
CREATE TABLE billing_usage_gaps (
    source         TEXT COLLATE "C" NOT NULL REFERENCES billing_usage_sources (source),
    first_sequence BIGINT NOT NULL,
    last_sequence  BIGINT NOT NULL,
    PRIMARY KEY (source, first_sequence)
);

CREATE TABLE billing_calls (
    account_id  TEXT COLLATE "C" NOT NULL,
    billed_hour BIGINT NOT NULL, -- the hour in whose record the calls are; later than hour for usage that came late
    project_id  TEXT COLLATE "C" NOT NULL,
    queue_id    TEXT COLLATE "C" NOT NULL,
    user_id     TEXT COLLATE "C" NOT NULL,
    action      TEXT COLLATE "C" NOT NULL,
    hour        BIGINT NOT NULL, -- in which the calls were made
    billable    BOOLEAN NOT NULL,
    calls       BIGINT NOT NULL CHECK (calls > 0),
    PRIMARY KEY (account_id, billed_hour, project_id, queue_id, user_id, action, hour)
);
CREATE INDEX billing_calls_by_hour ON billing_calls (billed_hour, account_id);

-- One row, locked by everything that reads or moves the boundary between closed and open hours: [first_hour, next_hour) are closed.
CREATE TABLE billing_meter (
    id         INTEGER PRIMARY KEY CHECK (id = 1),
    first_hour BIGINT, -- NULL: not started
    next_hour  BIGINT
);
INSERT INTO billing_meter (id) VALUES (1);

CREATE TABLE billing_closed_hours (
    account_id  TEXT COLLATE "C" NOT NULL,
    hour        BIGINT NOT NULL,
    price_id    TEXT COLLATE "C" NOT NULL, -- '': there was no price
    queue_units BIGINT NOT NULL,
    api_calls   BIGINT NOT NULL,
    prev_hash   BYTEA NOT NULL,
    hash        BYTEA NOT NULL,
    PRIMARY KEY (account_id, hour)
);

CREATE TABLE billing_prices (
    price_id TEXT COLLATE "C" NOT NULL PRIMARY KEY, -- derived from body
    body     TEXT NOT NULL                          -- JSON
);

-- +goose Down
DROP TABLE billing_prices;
DROP TABLE billing_closed_hours;
DROP TABLE billing_meter;
DROP TABLE billing_calls;
DROP TABLE billing_usage_gaps;
DROP TABLE billing_usage_sources;
