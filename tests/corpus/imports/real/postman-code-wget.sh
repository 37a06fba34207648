wget --no-check-certificate --quiet \
  --method POST \
  --timeout=0 \
  --header 'Content-Type: application/json' \
  --header 'X-Api-Key: k3y-4f5e6a7b8c9d' \
  --header 'Content-Length: ' \
  --body-data '{"email": "ann@shop.example", "items": [{"sku": "tea-sencha", "quantity": 1}]}' \
   'https://shop.example/api/orders?lang=en'