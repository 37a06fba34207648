$headers=@{}
$headers.Add("content-type", "application/json")
$headers.Add("authorization", "Bearer t0ken-4f5e6a7b8c9d")
$session = New-Object Microsoft.PowerShell.Commands.WebRequestSession
$cookie = New-Object System.Net.Cookie
$cookie.Name = 'currency'
$cookie.Value = 'EUR'
$cookie.Domain = 'shop.example'
$session.Cookies.Add($cookie)
$response = Invoke-RestMethod -Uri 'https://shop.example/api/orders' -Method POST -Headers $headers -WebSession $session -ContentType 'application/json' -Body '{"email":"ann@shop.example","items":[{"sku":"tea","quantity":1}]}'