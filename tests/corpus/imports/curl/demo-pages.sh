#!/bin/bash
# orders once in the demo shop (face html); cookies are kept in a file
BASE=http://127.0.0.1:8080
PHONE='+1 555 0100'
CSRF=$(curl -s -c cookies.txt "$BASE/accounts/register" | grep -oP 'name="csrfmiddlewaretoken" value="\K[^"]+' | head -1)
curl -s -b cookies.txt -c cookies.txt "$BASE/accounts/register" -d "csrfmiddlewaretoken=$CSRF" \
  --data-urlencode "phone=$PHONE" -d 'email=ann.berg@shop.example&name=Ann+Berg' --data-urlencode 'password=correct horse 4711'
CSRF=$(curl -s -b cookies.txt -c cookies.txt "$BASE/products/tea-sencha" | grep -oP 'name="csrfmiddlewaretoken" value="\K[^"]+' | head -1)
curl -s -b cookies.txt -c cookies.txt "$BASE/basket/add" -d "csrfmiddlewaretoken=$CSRF&sku=tea-sencha&quantity=1"
curl -s -b cookies.txt "$BASE/checkout/shipping-address" -d "csrfmiddlewaretoken=${CSRF}" --data-urlencode "phone=$PHONE" -d name=Ann
curl -sL -b cookies.txt "$BASE/checkout/place-order" -d csrfmiddlewaretoken=$CSRF
