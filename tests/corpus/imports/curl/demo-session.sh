#!/bin/bash
# orders once in the demo shop (face session): bash demo-session.sh http://127.0.0.1:8080
BASE=http://127.0.0.1:8080
SKU=tea-sencha
EMAIL="ann.berg@shop.example"
PASSWORD='correct horse 4711'
curl -sf "$BASE/store/customers" -H 'Content-Type: application/json' \
  -d "{\"email\": \"$EMAIL\", \"phone\": \"+1 555 0100\", \"password\": \"$PASSWORD\"}"
TOKEN=$(curl -s "$BASE/auth/customer/emailpass" -H 'Content-Type: application/json' \
  -d '{"email": "'"$EMAIL"'", "password": "'"$PASSWORD"'"}' | jq -r '.token')
CART="$(curl -s -X POST "$BASE/store/carts" -H "Authorization: Bearer $TOKEN" | jq -r .cart.id)"
curl -s "$BASE/store/carts/$CART/line-items" -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' \
  -d '{"variant_id": "'$SKU'", "quantity": 1}' | jq .
curl -s "$BASE/store/carts/$CART" -H "Authorization: Bearer $TOKEN" --json '{"shipping_address": {"phone": "+1 555 0100"}}'
ORDER=$(curl -s -X POST "$BASE/store/carts/${CART}/complete" -H "Authorization: Bearer $TOKEN" | jq -r .order.id)
echo "ordered $ORDER"
