curl --location 'https://shop.example/api/orders?lang=en' \
--header 'Content-Type: application/json' \
--header 'X-Api-Key: k3y-4f5e6a7b8c9d' \
--data-raw '{"email": "ann@shop.example", "items": [{"sku": "tea-sencha", "quantity": 1}]}'