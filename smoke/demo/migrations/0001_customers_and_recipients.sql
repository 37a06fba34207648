-- A customer pays, a recipient gets the parcel. Both are found again by e-mail and phone, as the shop normalises them.
CREATE TABLE customers (
    id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    email      text NOT NULL,
    phone      text NOT NULL,
    name       text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT customers_email_phone_uq UNIQUE (email, phone)
);

CREATE TABLE recipients (
    id          uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    customer_id uuid NOT NULL REFERENCES customers (id),
    email       text NOT NULL,
    phone       text NOT NULL,
    name        text NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT recipients_email_phone_uq UNIQUE (email, phone)
);
