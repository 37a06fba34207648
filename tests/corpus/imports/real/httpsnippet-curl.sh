curl --request POST \
  --url https://shop.example/api/orders \
  --header 'authorization: Bearer t0ken-4f5e6a7b8c9d' \
  --header 'content-type: application/json' \
  --cookie currency=EUR \
  --data '{"email":"ann@shop.example","items":[{"sku":"tea","quantity":1}]}'