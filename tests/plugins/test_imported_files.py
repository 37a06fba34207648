"""Files of request tools: each is imported, and whatever is done to it, it is imported or refused in words; no secret is written."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smoke.diagnostic import SmokeError
from tests.support.importing import CORPUS, document_of, made_of, zipped

FILES = sorted(
    path
    for path in CORPUS.glob("*/*")
    if path.is_file() and "environment" not in path.name and path.parent.name != "real"
)
SHOP = "https://shop.example"


def name_of(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_each_file_is_a_scenario_that_loads(path: Path) -> None:
    assert document_of(path.read_bytes())["steps"]


PIECES = ["", "{", "}", "{{", "}}", '"', "'", "`", "\\", "\n", "\r", "\t", "\x00", "\x1b[2J", "../../etc/passwd", "\u2028", "\u202e", "\ud7ff",
          "null", "[" * 300, "{{a}}", "{{ secrets.X }}", "#", "###", "@", "$(x)", "<", ": ", "- a", "https://[x", "é", "-1e999"]  # fmt: skip


@pytest.mark.parametrize("path", FILES, ids=name_of)
@settings(max_examples=80, deadline=None)
@given(data=st.data())
def test_a_damaged_file_is_imported_or_refused_in_words(path: Path, data: st.DataObject) -> None:
    content = path.read_bytes()
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(content)))
        end = min(len(content), start + data.draw(st.sampled_from([0, 1, 2, 7, 40, 10**6])))
        piece = data.draw(st.sampled_from(PIECES)).encode()
        content = content[:start] + piece + content[end:]
    try:
        made = made_of(content)
    except SmokeError as refused:
        crashed = [each.message for each in refused.diagnostics if each.code == "plugin-failed"]
    else:
        crashed = []
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", made.text)
    assert not crashed


def postman(request: object, **more: object) -> str:
    item = {"name": "Order", "request": request, **more}
    return json.dumps({"info": {"name": "x", "schema": "https://schema.getpostman.com/json/collection/v2.1.0/"}, "item": [item], "variable": [{"key": "userPassword", "value": "SECRET"}, {"key": "t", "value": "SECRET", "type": "secret"}]})  # fmt: skip


URL = f"{SHOP}/orders"
CALL = f"Invoke-RestMethod -Method Post -Uri {URL} "
BRU = f"post {{\n  url: {URL}\n  body: json\n  auth: AUTH\n}}\n"


def insomnia(data: dict[str, object] | None = None, **request: object) -> str:
    made = {"_id": "r", "_type": "request", "method": "POST", "url": URL, **request}
    environment = {"_id": "e", "_type": "environment", "data": data or {}}
    return json.dumps({"_type": "export", "__export_format": 4, "resources": [made, environment]})


def entry(
    body: str = "{}", given: str = "", kind: str = "application/json", **request: object
) -> dict[str, object]:
    """An entry of HAR."""
    posted = {"mimeType": kind, "text": body}
    answer = {
        "status": 200,
        "headers": [],
        "content": {"mimeType": "application/json", "text": given},
    }
    return {"request": {"method": "POST", "url": URL, "headers": [], "postData": posted, **request}, "response": answer}  # fmt: skip


def trace(*entries: dict[str, object]) -> str:
    """A network record of Playwright's; it is put into a ZIP."""
    return "\n".join(
        json.dumps({"type": "resource-snapshot", "snapshot": each}) for each in entries
    )


def stepci(http: str, more: str = "") -> str:
    """A workflow of one step."""
    lines = "".join(f"\n          {line}" for line in http.splitlines())
    return f'version: "1.1"\n{more}\ntests:\n  a:\n    steps:\n      - http:\n          url: {URL}\n          method: POST{lines}\n'


def openapi(told: object, **more: object) -> str:
    """A document of one operation."""
    return json.dumps({"openapi": "3.1.0", "paths": {"/orders": {"post": {"operationId": "placeOrder", **more, **({"requestBody": {"content": {"application/json": told}}} if told else {})}}}})  # fmt: skip


def tavern(request: str, more: str = "", answer: str = "status_code: 200") -> str:
    """A test of one stage."""
    return f"test_name: a\n{more}\nstages:\n  - name: b\n    request: {{url: {URL}, method: POST, {request}}}\n    response: {{{answer}}}\n"


def opencollection(http: str, more: str = "") -> str:
    """A request of a collection."""
    return f"info: {{name: Order, type: http}}\nhttp:\n  method: POST\n  url: {URL}\n  {http}\n{more}\n"


SECRETIVE = {
    "opencollection bearer": opencollection("auth: {type: bearer, token: 'SECRET'}"),
    "opencollection basic": opencollection("auth: {type: basic, username: ann, password: 'SECRET'}"),
    "opencollection key": opencollection("auth: {type: apikey, key: k, value: 'SECRET', placement: query}"),
    "opencollection header": opencollection("headers: [{name: X-Api-Key, value: 'SECRET'}]"),
    "opencollection body": opencollection("body: {type: json, data: '{\"pin\": \"SECRET\"}'}"),
    "opencollection variable": opencollection("headers: [{name: x, value: 'a {{my_token}}'}]", "runtime:\n  variables: [{name: my_token, value: 'SECRET'}]"),
    "opencollection script": opencollection("", "runtime:\n  assertions: [{expression: res.body.token, operator: eq, value: 'SECRET'}]\n  scripts: [{type: tests, code: \"foo('SECRET')\"}, {type: x, code: SECRET}]\n  actions: [{type: x, value: SECRET}]"),
    "tavern auth": tavern("auth: [ann, 'SECRET']"),
    "tavern bearer": tavern("headers: {Authorization: 'Bearer {t}'}", "includes:\n  - variables: {t: 'SECRET'}"),
    "tavern variable": tavern("json: {note: 'a {user_password}'}", "includes:\n  - variables: {user_password: 'SECRET'}"),
    "tavern json": tavern("json: {pin: !int 'SECRET', token: !raw 'SECRET'}"),
    "tavern form": tavern("data: {password: 'SECRET'}"),
    "tavern cookie": tavern("cookies: [{session: 'SECRET'}]"),
    "tavern answer": tavern("json: {}", answer="json: {token: 'SECRET', x: !approx 'SECRET'}, cookies: ['SECRET'], save: {x: {y: 'SECRET'}}"),
    "openapi example": openapi({"example": {"password": "SECRET", "note": "SECRET"}}),
    "openapi schema": openapi({"schema": {"type": "object", "properties": {"client_secret": {"type": "string", "example": "SECRET"}, "pin": {"type": "string", "default": "SECRET"}}}}),
    "openapi header": openapi(None, parameters=[{"name": "X-Api-Key", "in": "header", "required": True, "schema": {"type": "string", "default": "SECRET"}}]),
    "openapi query": openapi(None, parameters=[{"name": "token", "in": "query", "required": True, "example": "SECRET"}]),
    "stepci bearer": stepci("auth: {bearer: {token: 'SECRET'}}"),
    "stepci credential": stepci("auth: {$ref: '#/components/credentials/a'}", "components:\n  credentials:\n    a: {basic: {username: ann, password: 'SECRET'}}"),
    "stepci oauth": stepci("auth: {oauth: {endpoint: x, client_secret: 'SECRET'}}"),
    "stepci variable": stepci("headers: {x-note: 'a ${{ env.token }}'}", "env:\n  token: 'SECRET'"),
    "stepci key": stepci("headers: {x-api-key: 'SECRET'}"),
    "stepci cookie": stepci("cookies: {session: 'SECRET'}"),
    "stepci json": stepci("json: {password: 'SECRET', note: 'SECRET'}"),
    "stepci form": stepci("form: {pin: 'SECRET'}"),
    "stepci check": stepci("check: {jsonpath: {$.token: 'SECRET'}, sha256: 'SECRET', x: {y: 'SECRET'}}"),
    "har bearer": json.dumps({"log": {"entries": [entry(headers=[{"name": "Authorization", "value": "Bearer SECRET"}])]}}),
    "har body": json.dumps({"log": {"entries": [entry('{"password": "SECRET"}')]}}),
    "trace header": trace(entry(headers=[{"name": "X-Api-Key", "value": "SECRET"}])),
    "trace cookie": trace(entry(headers=[{"name": "Cookie", "value": "session=SECRET-SECRET"}, {"name": "X-Session", "value": "SECRET-SECRET"}])),
    "trace captured": trace(entry(given='{"token": "SECRET"}'), entry('{"note": "SECRET"}', headers=[{"name": "Authorization", "value": "Bearer SECRET"}])),
    "trace form": trace(entry("a=1&password=SECRET", kind="application/x-www-form-urlencoded")),
    "trace parts": trace(entry('--x\r\nContent-Disposition: form-data; name="pin"\r\n\r\nSECRET\r\n--x--', kind="multipart/form-data; boundary=x")),
    "insomnia bearer": insomnia(authentication={"type": "bearer", "token": "SECRET"}),
    "insomnia basic": insomnia(authentication={"type": "basic", "username": "ann", "password": "SECRET"}),
    "insomnia apikey": insomnia(authentication={"type": "apikey", "key": "q", "value": "SECRET", "addTo": "queryParams"}),
    "insomnia header": insomnia(headers=[{"name": "X-Api-Key", "value": "SECRET"}]),
    "insomnia variable": insomnia({"auth": {"token": "SECRET"}}, headers=[{"name": "x", "value": "a {{ _.auth.token }}"}]),
    "insomnia form": insomnia(body={"mimeType": "application/x-www-form-urlencoded", "params": [{"name": "pin", "value": "SECRET"}]}),
    "insomnia tag": insomnia(body={"mimeType": "application/json", "text": "{\"a\": \"{% vault 'SECRET' %}\"}"}, afterResponseScript="foo('SECRET')"),
    "bruno bearer": BRU.replace("AUTH", "bearer") + "auth:bearer {\n  token: SECRET\n}\n",
    "bruno basic": BRU.replace("AUTH", "basic") + "auth:basic {\n  username: ann\n  password: SECRET\n}\n",
    "bruno apikey": BRU.replace("AUTH", "apikey") + "auth:apikey {\n  key: q\n  value: SECRET\n  placement: header\n}\n",
    "bruno header": BRU + "headers {\n  X-Auth-Token: SECRET\n}\n",
    "bruno body": BRU + 'body:json {\n  {"cvv": "SECRET"}\n}\n',
    "bruno variable": BRU + "vars:pre-request {\n  myToken: SECRET\n}\nheaders {\n  X-A: b {{myToken}}\n}\n",
    "bruno assert": BRU + "assert {\n  res.body.token: eq SECRET\n  foo: SECRET\n}\ntests {\n  foo('SECRET')\n}\n",
    "http header": f"POST {URL}\nX-Api-Key: SECRET\n",
    "http basic": f"POST {URL}\nAuthorization: Basic ann SECRET\n",
    "http bearer": f"@t = SECRET\nPOST {URL}\nAuthorization: Bearer {{{{t}}}}\n",
    "http variable": f"@myPassword = SECRET\n###\nPOST {URL}\nX-Note: a {{{{myPassword}}}}\n",
    "http body": f'POST {URL}\nContent-Type: application/json\n\n{{"pin": "SECRET"}}\n',
    "http form": f"POST {URL}\nContent-Type: application/x-www-form-urlencoded\n\na=1\n&password=SECRET\n",
    "http script": f"POST {URL}\n\n> {{%\nsign('SECRET', x);\nclient.assert(response.body.token === 'SECRET');\n%}}\n",
    "http not read": f"POST {URL}\n\n?? SECRET == SECRET\n",
    "hurl header": f"POST {URL}\nX-Api-Key: SECRET\nHTTP 200\n",
    "hurl basic": f"POST {URL}\n[BasicAuth]\nann: SECRET\nHTTP 200\n",
    "hurl variable": f"POST {URL}\n[Options]\nvariable: my_token=SECRET\n[FormParams]\na: {{{{my_token}}}}\nHTTP 200\n",
    "hurl form": f"POST {URL}\n[FormParams]\npassword: SECRET\nHTTP 200\n",
    "hurl cookie": f"POST {URL}\n[Cookies]\nsession: SECRET\nHTTP 200\n",
    "hurl assert": f'POST {URL}\nHTTP 200\n[Asserts]\njsonpath "$.token" == "SECRET"\nfoo "SECRET"\n',
    "hurl body": f'POST {URL}\n{{"client_secret": "SECRET"}}\nHTTP 200\n',
    "powershell header": CALL + "-Headers @{ 'X-Api-Key' = 'SECRET' }",
    "powershell variable": "$userPassword = 'SECRET'\n" + CALL + '-Body (@{ login = $userPassword; note = "a $userPassword" } | ConvertTo-Json)',
    "powershell bearer": '$t = "SECRET"\n' + CALL + '-Headers @{ Authorization = "Bearer $t" }',
    "powershell basic": CALL + "-Headers @{ Authorization = 'Basic ' + [Convert]::ToBase64String([Text.Encoding]::ASCII.GetBytes('ann:SECRET')) }",
    "powershell field": CALL + "-Body @{ password = 'SECRET'; x = 1 }",
    "powershell here-string": "$b = @'\n{\"client_secret\": \"SECRET\"}\n'@\n" + CALL + "-Body $b",
    "powershell not read": CALL + "\nSend-Mail -Password 'SECRET' 'SECRET'\n$x = Get-Thing 'SECRET'",
    "postman header": postman({"method": "POST", "url": URL, "header": [{"key": "X-Api-Key", "value": "SECRET"}]}),
    "postman bearer": postman({"url": URL, "auth": {"type": "bearer", "bearer": [{"key": "token", "value": "SECRET"}]}}),
    "postman basic": postman({"url": URL, "auth": {"type": "basic", "basic": {"username": "ann", "password": "SECRET"}}}),
    "postman apikey": postman({"url": URL, "auth": {"type": "apikey", "apikey": [{"key": "key", "value": "q"}, {"key": "value", "value": "SECRET"}, {"key": "in", "value": "query"}]}}),
    "postman variable": postman({"url": f"{URL}/{{{{t}}}}", "header": [{"key": "x", "value": "a {{t}}"}]}),
    "postman field": postman({"method": "POST", "url": URL, "body": {"mode": "raw", "raw": '{"password": "{{userPassword}}", "note": "{{userPassword}}"}', "options": {"raw": {"language": "json"}}}}),
    "postman form": postman({"method": "POST", "url": URL, "body": {"mode": "urlencoded", "urlencoded": [{"key": "pin", "value": "SECRET"}]}}),
    "postman fields": postman({"method": "POST", "url": URL, "body": {"mode": "formdata", "formdata": [{"key": "token", "value": "x-SECRET"}]}}),
    "postman cookie": postman({"url": URL, "header": [{"key": "Cookie", "value": "session=SECRET"}]}),
    "postman script": postman({"url": URL}, event=[{"listen": "test", "script": {"exec": ["const key = sign('SECRET', x);", "pm.environment.set('token', 'SECRET')", "pm.expect(pm.response.json().token).to.eql('SECRET')"]}}]),
    "postman name": postman({"url": URL, "auth": {"type": "bearer", "bearer": [{"key": "token", "value": "SECRET"}]}}, name="Order with SECRET"),
}  # fmt: skip
SECRETS = st.text("abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMN23456789-_.", min_size=12, max_size=24)


@pytest.mark.parametrize("where", SECRETIVE)
@settings(max_examples=15, deadline=None)
@given(secret=SECRETS)
def test_no_secret_is_in_what_is_written_or_said(where: str, secret: str) -> None:
    text = SECRETIVE[where].replace("SECRET", secret)
    made = made_of(zipped({"trace.network": text}) if where.startswith("trace ") else text)
    assert secret not in made.text
    assert secret not in "".join((*made.remarks, *made.unread))
