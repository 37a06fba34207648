-- One row for each Idempotency-Key. Without an answer the first request is still under way.
-- The answer is json, not jsonb: a replay has the same bytes as the first answer.
CREATE TABLE idempotency_keys (
    key         text PRIMARY KEY,
    fingerprint text NOT NULL,
    status      integer,
    answer      json,
    created_at  timestamptz NOT NULL DEFAULT now()
);
