CREATE TABLE checkouts (
    id         text PRIMARY KEY,
    items      jsonb NOT NULL,
    total      integer NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE orders (
    id           text PRIMARY KEY,
    customer_id  uuid NOT NULL REFERENCES customers (id),
    recipient_id uuid NOT NULL REFERENCES recipients (id),
    checkout_id  text REFERENCES checkouts (id),
    status       text NOT NULL DEFAULT 'placed',
    total        integer NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT orders_status_known CHECK (status IN ('placed', 'cancelled')),
    CONSTRAINT orders_checkout_id_uq UNIQUE (checkout_id)
);

CREATE TABLE order_items (
    order_id text NOT NULL REFERENCES orders (id),
    sku      text NOT NULL REFERENCES products (sku),
    quantity integer NOT NULL,
    price    integer NOT NULL,
    PRIMARY KEY (order_id, sku),
    CONSTRAINT order_items_quantity_positive CHECK (quantity > 0)
);

CREATE TABLE payments (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    order_id      text NOT NULL REFERENCES orders (id),
    authorisation text NOT NULL,
    last_four     text NOT NULL,
    amount        integer NOT NULL,
    status        text NOT NULL,
    CONSTRAINT payments_status_known CHECK (status IN ('captured', 'refunded')),
    CONSTRAINT payments_authorisation_uq UNIQUE (authorisation)
);
