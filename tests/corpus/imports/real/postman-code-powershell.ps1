$headers = New-Object "System.Collections.Generic.Dictionary[[String],[String]]"
$headers.Add("Content-Type", "application/json")
$headers.Add("X-Api-Key", "k3y-4f5e6a7b8c9d")

$body = @"
{`"email`": `"ann@shop.example`", `"items`": [{`"sku`": `"tea-sencha`", `"quantity`": 1}]}
"@

$response = Invoke-RestMethod 'https://shop.example/api/orders?lang=en' -Method 'POST' -Headers $headers -Body $body
$response | ConvertTo-Json