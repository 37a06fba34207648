<?php

$curl = curl_init();

curl_setopt_array($curl, array(
  CURLOPT_URL => 'https://shop.example/api/orders?lang=en',
  CURLOPT_RETURNTRANSFER => true,
  CURLOPT_ENCODING => '',
  CURLOPT_MAXREDIRS => 10,
  CURLOPT_TIMEOUT => 0,
  CURLOPT_FOLLOWLOCATION => true,
  CURLOPT_HTTP_VERSION => CURL_HTTP_VERSION_1_1,
  CURLOPT_CUSTOMREQUEST => 'POST',
  CURLOPT_POSTFIELDS =>'{"email": "ann@shop.example", "items": [{"sku": "tea-sencha", "quantity": 1}]}',
  CURLOPT_HTTPHEADER => array(
    'Content-Type: application/json',
    'X-Api-Key: k3y-4f5e6a7b8c9d',
    'Content-Length: '
  ),
));

$response = curl_exec($curl);

curl_close($curl);
echo $response;
