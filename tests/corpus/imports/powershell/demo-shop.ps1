<#
  Places an order and reads it again.
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory = $false)]
    [string]$BaseUrl = "http://127.0.0.1:4010",
    [string]$CardNumber = $env:CARD_NUMBER
)

$ErrorActionPreference = "Stop"
$sku = 'tea-sencha'
$headers = @{ "Content-Type" = "application/json"; Accept = "application/json" }

$customer = [ordered]@{
    email = "ann.berg@shop.example"   # somebody who ordered before
    phone = "+1 555 0100"
    name  = "Ann Berg"
}
$body = @{
    action   = "place_order"
    customer = $customer
    items    = @(
        @{ sku = $sku; quantity = 1 }
    )
    payment  = @{ card_number = $CardNumber }
} | ConvertTo-Json -Depth 5

try {
    Write-Host "Ordering ..." -ForegroundColor Cyan
    $response = Invoke-RestMethod -Uri "$BaseUrl/api/shop" `
        -Method Post `
        -Headers $headers `
        -Body $body -TimeoutSec 30
    if (-not $response.order.id) { throw "no order" }
    if ($response.ok -ne $true) { throw "not ok: $($response | ConvertTo-Json)" }

    $orderId = $response.order.id
    $params = @{
        Uri     = "$BaseUrl/api/shop/orders/$($response.order.id)"
        Method  = 'GET'
        Headers = $headers
    }
    $again = Invoke-WebRequest @params -UseBasicParsing
    $order = $again.Content | ConvertFrom-Json
    if ($again.StatusCode -ne 200) { throw "HTTP $($again.StatusCode)" }
    if ($order.order.id -ne $orderId) { throw "another order" }
    Start-Sleep -Seconds 1
    Write-Host "OK $orderId" -ForegroundColor Green
}
catch {
    Write-Host "FAILED: $($_.Exception.Message)"
    exit 1
}
