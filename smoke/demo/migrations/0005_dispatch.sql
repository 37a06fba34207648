-- An order is packed and handed over step by step; its job says which step is next.
CREATE TABLE h2s_dispatch_steps (
    id   text PRIMARY KEY,
    name text NOT NULL
);

INSERT INTO h2s_dispatch_steps (id, name) VALUES
    ('step-1', 'pick'),
    ('step-2', 'pack'),
    ('step-3', 'hand over');

CREATE TABLE h2s_dispatch_jobs (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    recipient_id uuid NOT NULL REFERENCES recipients (id),
    step_id      text NOT NULL REFERENCES h2s_dispatch_steps (id),
    order_id     text NOT NULL REFERENCES orders (id),
    created_at   timestamptz NOT NULL DEFAULT now()
);
