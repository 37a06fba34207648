-- Prices are in cents.
CREATE TABLE products (
    sku   text PRIMARY KEY,
    name  text NOT NULL,
    price integer NOT NULL,
    stock integer NOT NULL,
    CONSTRAINT products_price_positive CHECK (price > 0),
    CONSTRAINT products_stock_not_negative CHECK (stock >= 0)
);

INSERT INTO products (sku, name, price, stock) VALUES
    ('tea-earl-grey', 'Earl Grey, 250 g', 1290, 100000),
    ('tea-sencha', 'Sencha, 100 g', 1650, 100000),
    ('pot-cast-iron', 'Cast-iron teapot', 5900, 100000),
    ('cup-last-one', 'Cup, the last of its kind', 2400, 1),
    ('gift-card', 'Gift card', 2500, 0);
