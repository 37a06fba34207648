"""Scripts of request tools: what one statement says alone is taken over, everything else is told with its line."""

from __future__ import annotations

from typing import Any

import pytest

from smoke.importers._scripts import read_script

CAPTURES = {
    "const json = pm.response.json();\npm.environment.set('token', json.data.token);": {
        "token": "$.data.token"
    },
    "pm.collectionVariables.set('id', pm.response.json().items[0]['an id'])": {
        "id": "$.items[0]['an id']"
    },
    'var jsonData = JSON.parse(responseBody);\npostman.setEnvironmentVariable("t", jsonData.t);': {
        "t": "$.t"
    },
    "let d = pm.response.json()\nlet o = d.order\npm.globals.set('n', o.id.toString())": {
        "n": "$.order.id"
    },
    "bru.setVar('id', res.body.id); bru.setEnvVar('u', res.getBody().user?.id)": {
        "id": "$.id",
        "u": "$.user.id",
    },
    "client.global.set('t', response.body.token)": {"t": "$.token"},
    "pm.environment.set('e', pm.response.headers.get('ETag'))": {"e": {"header": "ETag"}},
    "pm.environment.set('c', pm.cookies.get('sid'))": {"c": {"cookie": "sid"}},
    "if (pm.response.code === 200) {\n  pm.environment.set('t', pm.response.json().t);\n}": {
        "t": "$.t"
    },
    "try { pm.environment.set('t', pm.response.json().t) } catch (e) { console.log(e) }": {
        "t": "$.t"
    },
    "exports.t = response.parsedBody.t": {"t": "$.t"},
}


@pytest.mark.parametrize("script", CAPTURES)
def test_a_value_that_is_kept_is_a_capture(script: str) -> None:
    found = read_script(script, "script")
    assert dict(found.captures) == CAPTURES[script]
    assert found.unread == ()


J = "const j = pm.response.json();\n"
EXPECTATIONS: dict[str, Any] = {
    "pm.test('x', function () {\n  pm.response.to.have.status(201);\n});": {"status": 201},
    "pm.test('x', () => pm.response.to.have.status('Created'));": {"status": 201},
    "tests['x'] = responseCode.code === 200;": {"status": 200},
    "pm.response.to.be.ok": {"status": 200},
    "pm.response.to.be.success": {"status": "2xx"},
    "pm.expect(pm.response.code).to.be.oneOf([200, 201]);": {"status": [200, 201]},
    "test('x', () => { expect(res.status).to.equal(204); });": {"status": 204},
    "client.test('x', function () { client.assert(response.status === 200, 'no'); });": {
        "status": 200
    },
    "pm.expect(pm.response.responseTime).to.be.below(800)": {"time": "800ms"},
    "pm.expect(pm.response.text()).to.include('Thank you')": {"text": {"contains": "Thank you"}},
    "pm.response.to.have.header('ETag')": {"headers": {"ETag": {"exists": True}}},
    "pm.expect(pm.response.headers.get('Content-Type')).to.contain('json')": {
        "headers": {"Content-Type": {"contains": "json"}}
    },
    J + 'pm.expect(j.ok).to.be.true; pm.expect(j.a).to.eql("it\'s")': {
        "json": {"$.ok": True, "$.a": "it's"}
    },
    J + "pm.expect(j.items)\n  .to.have.lengthOf(2)": {"json": {"$.items": {"length": 2}}},
    J + "pm.expect(j.items.length).to.be.above(2)": {
        "json": {"$.items": {"length": {"greater": 2}}}
    },
    J + "pm.expect(j).to.have.property('id')": {"json": {"$.id": {"exists": True}}},
    J + "pm.expect(j.id).to.not.be.undefined": {"json": {"$.id": {"exists": True}}},
    J + "pm.expect(j.id).to.exist": {"json": {"$.id": {"not": None}}},
    J + "pm.expect(j.id).to.not.equal('')": {"json": {"$.id": {"not": ""}}},
    J + "pm.expect(j.id).to.be.a('string')": {"json": {"$.id": {"type": "string"}}},
    J + "pm.expect(j.id).to.match(/^ORD-\\d+$/)": {"json": {"$.id": {"matches": "^ORD-\\d+$"}}},
    J + "pm.expect(j.list).to.eql([1, 'b'])": {"json": {"$.list": {"equals": [1, "b"]}}},
    J + "pm.expect(j.o).to.eql({a: 1})": {"json": {"$.o": {"equals": {"a": 1}}}},
    J + "pm.expect(j.a === 5).to.be.true": {"json": {"$.a": 5}},
    J + "pm.expect(j.a).to.be.at.least(1); pm.expect(j.a).to.be.at.most(5)": {
        "json": {"$.a": {"at_least": 1, "at_most": 5}}
    },
}


@pytest.mark.parametrize("script", EXPECTATIONS)
def test_an_assertion_is_an_expectation(script: str) -> None:
    found = read_script(script, "script")
    assert found.expect == EXPECTATIONS[script]
    assert found.unread == ()


UNREAD = {
    "\npm.sendRequest('https://x', (e, r) => {\n  pm.environment.set('t', 1);\n});": ["line 2", "line 3"],
    "const h = CryptoJS.HmacSHA256('a', key);": ["line 1"],
    "for (const a of b) {\n  pm.expect(a.ok).to.be.true;\n}": ["line 1", "line 2"],
    J + "if (j.a > 3) {\n  pm.environment.set('b', j.b);\n}": ["line 3"],
    J + "pm.expect(j.items.map(i => i.id)).to.eql([1])": ["line 2"],
    J + "pm.expect(j.a).to.eql(expected)": ["line 2"],
    "pm.environment.set('a', Date.now())": ["line 1"],
    "pm.environment.set(name, 'a')": ["line 1"],
    "pm.response.to.have.status(200)\npm.response.to.have.status(201)": ["line 2"],
    "postman.setNextRequest('x')": ["line 1"],
    "pm.expect(pm.response.code).to.not.eql(500)": ["line 1"],
    "if (": ["line 1"],
    "pm.expect(": ["line 1"],
}  # fmt: skip


@pytest.mark.parametrize("script", UNREAD)
def test_what_is_not_read_is_told_with_its_line(script: str) -> None:
    found = read_script(script, "script")
    assert [each.split(":")[0].removeprefix("script, ") for each in found.unread] == UNREAD[script]
    assert found.captures == ()


def test_a_text_that_is_set_is_the_variables_value() -> None:
    script = "pm.environment.set('a', 'tea');\nconst n = 5; pm.variables.set('b', n)\npm.environment.set('c', pm.variables.replaceIn('{{$guid}}'))"
    assert read_script(script, "x").values == {"a": "tea", "b": "5", "c": "{{$guid}}"}


def test_texts_of_a_line_that_is_not_read_are_not_repeated() -> None:
    (told,) = read_script("sign('hunter2', `abc`, \"sk_live_123456\")", "x").unread
    assert told == "x, line 1: sign('…', `…`, \"…\")"
