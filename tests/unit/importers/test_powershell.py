"""PowerShell scripts: what their texts say is taken over, and a line that is not understood is told with its number."""

from __future__ import annotations

from typing import Any

import pytest

from smoke.diagnostic import SmokeError
from tests.support.importing import document_of, made_of, requests_of

URL = "https://shop.example/orders"
SEND = f"Invoke-RestMethod -Method Post -Uri {URL}"


def request_of(text: str) -> Any:
    return document_of(text)["steps"][-1]["request"]


BODIES: dict[str, tuple[str, Any]] = {
    "hashtables": ('$b = @{ a = 1; "b c" = @(1, "x"); d = @{ e = $true; f = $null } }\n' + SEND + " -Body ($b | ConvertTo-Json -Depth 5)", {"a": 1, "b c": [1, "x"], "d": {"e": True, "f": None}}),
    "ordered": ("$b = [ordered]@{\n  a = 1 # one\n  b = [int]2\n}\n" + SEND + " -Body (ConvertTo-Json $b)", None),
    "array": (SEND + " -Body (@(@{ a = 1 }, @{ a = 2 }) | ConvertTo-Json -Compress)", [{"a": 1}, {"a": 2}]),
    "here-string": ("$b = @'\n{\"a\": \"$x ''\"}\n'@\n" + SEND + " -Body $b", {"a": "$x ''"}),
    "filled here-string": ('$n = 2\n$s = "tea"\n$b = @"\n{"a": "$s-1", "n": $n, "m": $($n)}\n"@\n' + SEND + " -Body $b", {"a": "{{ s }}-1", "n": "{{ n }}", "m": "{{ n }}"}),
    "escapes": (SEND + ' -Body (@{ a = "x`"y`n`$z ""q"""; b = \'it\'\'s\' } | ConvertTo-Json)', None),
    "assigned": ("$b = @{}\n$b.a = 1\n$b['c'] = @{}\n$b.c.d = 'e'\n" + SEND + " -Body ($b | ConvertTo-Json)", {"a": 1, "c": {"d": "{{ e }}"}}),
    "guid": (SEND + " -Body (@{ id = [guid]::NewGuid(); k = (New-Guid).Guid; n = Get-Random -Minimum 1 -Maximum 7 } | ConvertTo-Json)", {"id": "{{ fake.uuid }}", "k": "{{ fake.uuid }}", "n": "{{ fake.number(1, 6) }}"}),
    "sum": ("$p = 'a' + \"b\"\n" + SEND + " -Body (@{ p = $p + '-c' } | ConvertTo-Json)", {"p": "{{ p }}-c"}),
    "environment": (SEND + " -Body (@{ a = $env:SHOP_NAME; token = $env:SHOP_TOKEN } | ConvertTo-Json)", {"a": "{{ env.SHOP_NAME }}", "token": "{{ secrets.SHOP_TOKEN }}"}),
}  # fmt: skip
BODIES["assigned"] = (BODIES["assigned"][0], {"a": 1, "c": {"d": "e"}})


@pytest.mark.parametrize("name", BODIES)
def test_a_body_is_what_the_script_says(name: str) -> None:
    text, body = BODIES[name]
    if name == "ordered":
        with pytest.raises(SmokeError) as refused:
            requests_of(text)
        assert "line 5" in refused.value.diagnostics[0].notes[0].message
    else:
        sent = request_of(text).get("json")
        assert sent == (body if name != "escapes" else {"a": 'x"y\n$z "q"', "b": "it's"}), sent


def test_what_a_later_line_takes_of_an_answer_is_a_capture() -> None:
    text = f"""
$login = irm https://shop.example/login -Method Post -Body (@{{ user = "u"; password = "p4ssw0rd-1" }} | ConvertTo-Json) -ContentType application/json
$headers = @{{ Authorization = "Bearer $($login.token)" }}
$r = iwr -Uri {URL} -Method POST -Headers $headers -Body '{{}}'
$order = $r.Content | ConvertFrom-Json
if ($r.StatusCode -ne 201) {{ throw "no" }}
if ($order.lines[0].sku -ne 'tea') {{ exit 1 }}
$again = irm "{URL}/$($order.id)?a=1" -Headers $headers
if ($again.id -ne $order.id) {{ throw "other" }}
if ($again.ok -eq $true) {{ Write-Host fine }}
"""
    found = document_of(text)
    login, order, again = found["steps"]
    assert login["capture"] == {"token": {"json": "$.token", "secret": True}}
    assert login["request"]["json"]["password"] == "{{ secrets.SHOP_PASSWORD }}"
    assert order["request"]["bearer"] == "{{ token }}"
    assert order["expect"] == {"status": 201, "json": {"$.lines[0].sku": "tea"}}
    assert order["capture"] == {"id": "$.id"}
    assert again["request"]["url"] == "/orders/{{ id }}"
    assert again["request"]["query"] == {"a": "1"}
    assert again["expect"] == {"json": {"$.id": "{{ id }}"}}
    assert made_of(text).unread == ()


def test_parameters_splatting_and_what_goes_on_behind_a_backtick() -> None:
    text = f"""param(
  [Parameter(Mandatory)][string]$Base = "https://shop.example",
  [string]$Sku
)
$p = @{{ Uri = "$Base/orders"; Method = 'Put'; Headers = @{{ 'X-Sku' = $Sku }}; ContentType = 'application/json' }}
Invoke-RestMethod @p `
  -Body '{{"a": 1}}' -TimeoutSec 5 | Out-Null
Invoke-RestMethod {URL} -Body @{{ page = 2 }}
Invoke-WebRequest -Uri $Base/form -Method Post -Body @{{ a = 'b c' }} -SkipCertificateCheck
"""
    found = document_of(text)
    first, second, third = (step["request"] for step in found["steps"])
    assert (first["method"], first["url"], first["json"]) == ("PUT", "/orders", {"a": 1})
    assert first["headers"] == {"X-Sku": "{{ sku }}"}
    assert found["variables"] == {"sku": ""}
    assert (second["method"], second["query"]) == ("GET", {"page": "2"})
    assert (third["url"], third["form"]) == ("/form", {"a": "b c"})


UNREAD = {
    f"{SEND}\n\n$x = Get-Content body.json": "line 3 ($x): the command 'Get-Content' is not followed",
    f"foreach ($i in 1..2) {{\n  {SEND}\n}}": "line 1 (foreach): a loop (foreach): what it sends is taken over once",
    f"{SEND}\nfunction Send {{ irm {URL} }}": "line 2 (function): a function: what it sends is not taken over",
    f"{SEND} -MaximumRetryCount 3": "line 1: -MaximumRetryCount is not taken over: it would send the request again",
    f"{SEND}\nirm $url": "line 2 (irm): nothing is known of $url",
    f"{SEND} -Frob 1\n{SEND}": "line 1 (Invoke-RestMethod): -Frob is not a parameter that is known",
    f"$r = {SEND}\nif ($r.a -lt 3 -and $r.b) {{ throw 'x' }}": "line 2 (if): this condition is not followed",
    f"$r = {SEND}\nif ($r.a -gt 3) {{ {SEND} }}": "line 2 (if): what is sent under this condition is taken over as if it held",
    f"{SEND}\nStart-Sleep 2": "line 2 (Start-Sleep): a pause: add a step with `pause`",
}  # fmt: skip


@pytest.mark.parametrize("text", UNREAD)
def test_what_is_not_understood_is_told_with_line_and_reason(text: str) -> None:
    said = [each.replace("maximumretrycount", "MaximumRetryCount") for each in made_of(text).unread]
    assert said == [UNREAD[text]]


def test_a_script_in_utf16_is_read() -> None:
    assert requests_of(SEND.encode("utf-16"))[0].url == URL


@pytest.mark.parametrize(
    "text", ["irm 'https://x", "irm " + "(" * 5000, "$a = " + "@{ a = " * 500 + "\nirm x:"]
)
def test_what_never_ends_is_refused(text: str) -> None:
    with pytest.raises(SmokeError, match="no request is in"):
        requests_of(text)


def test_every_condition_of_an_answer_is_expected_or_told() -> None:
    bounds = ("total -lt 5", "total -gt 9", "total -lt 7", "StatusCode -ge 400")
    lines = "".join(f"if ($r.{each}) {{ throw 'no' }}\n" for each in bounds)
    text = f"$a = Invoke-WebRequest -Method Post -Uri {URL}\n{lines}"
    text = text.replace("$r.total", "($a.Content | ConvertFrom-Json).total").replace("$r", "$a")
    (made,) = requests_of(text)
    assert made.expect == {"json": {"$.total": {"at_least": 5, "at_most": 9}}}
    assert made.unread == (
        "line 4 (if): this condition is not followed",
        "line 5 (if): this condition is not followed",
    )


def test_what_browsers_and_request_tools_copy() -> None:
    text = """\
$session = New-Object Microsoft.PowerShell.Commands.WebRequestSession
$session.UserAgent = "Mozilla/5.0"
$session.Cookies.Add((New-Object System.Net.Cookie("session", "s3cr3t-4711-0815", "/", "shop.example")))
$headers = New-Object "System.Collections.Generic.Dictionary[[String],[String]]"
$headers.Add("X-Shop", "tea")
$headers.Add('X-Note', "for Ann")
Invoke-WebRequest -UseBasicParsing -Uri "https://shop.example/api/orders" `
-Method "POST" -WebSession $session -Headers $headers -ContentType "application/json" -Body "{`"sku`":`"tea`"}"
"""
    request = document_of(text)["steps"][0]["request"]
    assert request["headers"] == {"X-Shop": "tea", "X-Note": "for Ann"}
    assert request["json"] == {"sku": "tea"}
    made = made_of(text)
    assert made.unread == ("line 3 ($session): nothing is there",)
    assert "s3cr3t" not in made.text
