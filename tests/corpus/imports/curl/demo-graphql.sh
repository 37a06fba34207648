#!/bin/bash
# orders once in the demo shop (face graphql)
export BASE=http://127.0.0.1:8080
TOKEN=$(curl -s "$BASE/graphql" -H 'Content-Type: application/json' -d '{"query": "mutation Register($input: RegisterInput!) { register(input: $input) { token customer { id } } }", "variables": {"input": {"email": "ann.berg@shop.example", "phone": "+1 555 0100", "password": "correct horse 4711"}}}' | jq -r '.data.register.token')
CART=$(curl -s "$BASE/graphql" -H "Authorization: Bearer $TOKEN" --json '{"query": "mutation { createCart { id } }"}' | jq -r .data.createCart.id)
curl -s "$BASE/graphql" -H "Authorization: Bearer $TOKEN" --json '{"query": "mutation Add($cart: ID!, $sku: String!) { addItem(cartId: $cart, sku: $sku, quantity: 1) { items { sku } } }", "variables": {"cart": "'"$CART"'", "sku": "tea-sencha"}}'
curl -s "$BASE/graphql" -H "Authorization: Bearer $TOKEN" --json '{"query": "mutation PlaceOrder($cart: ID!) { placeOrder(cartId: $cart) { id status total } }", "variables": {"cart": "'"$CART"'"}}'
