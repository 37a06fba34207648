printf '{"email": "ann@shop.example", "items": [{"sku": "tea-sencha", "quantity": 1}]}'| http  --follow --timeout 3600 POST 'https://shop.example/api/orders?lang=en' \
 Content-Type:'application/json' \
 X-Api-Key:'k3y-4f5e6a7b8c9d' \
 Content-Length: