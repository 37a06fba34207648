"""Successful and refused answers of services, tools and pages that hold the words or codes of errors, and tell of none of their own.

`#m` and `#n` stand for messages of the server, `#c` and `#d` for SQLSTATEs.
"""

from __future__ import annotations

LOREM = (
    "This page of the shop explains with many words what our customers may do when something does not go as planned. "
    * 4
)
"""So that a page is no bare dump."""
_HEAD = "<!DOCTYPE html><html><head><title>Shop</title></head><body><header><nav><a href='/'>Home</a></nav></header><main>"

ELSEWHERE: dict[str, tuple[int, str, str]] = {
    "counties": (200, "application/json", '[{"code": "#c", "name": "Acadia Parish"}, {"code": "#d", "name": "Allen Parish"}]'),
    "county-not-found": (404, "application/json", '{"code": "#c", "name": "Acadia Parish", "fullName": "Acadia"}'),
    "labour-codes": (200, "application/json", '{"results": [{"code": "#c", "description": "BRAKE PAD FITMENT", "category": "labour"}]}'),
    "web-story": (200, "text/html", f"{_HEAD}<section><h1>How to fix it</h1><p>{LOREM} For example: #m on table...</p></section></main></body></html>"),
    "markdown-one-error": (200, "text/markdown", '# Import guide\n\n### Error: "#m"\n\nThis means you are trying to apply twice.\n'),
    "markdown-as-text": (200, "text/plain", "## Troubleshooting\n\n### Error\n```\nERROR: #m\n```\n\n**Solution:** it is there already.\n"),
    "script-compares": (200, "text/javascript", "export function map(err) {\n  if (err.message.includes('#m')) {\n    throw new Conflict();\n  }\n}\n"),
    "messages-to-messages": (200, "application/json", '{"#m": "Utilisateur inscrit", "Invalid login credentials": "Identifiants invalides"}'),
    "api-page-as-markdown": (200, "text/markdown", '# POST /orders\n\n```json\n{"error": {"code": "#c", "message": "#m"}}\n```\n'),
    "grid-of-codes": (200, "text/html", f'{_HEAD}<div class="grid"><div class="cell">#c</div><div class="cell">#m</div><div class="cell">23505</div><div class="cell">42P01</div></div><p>{LOREM}</p></main></body></html>'),
    "cell-with-code": (200, "text/html", f'{_HEAD}<div class="row"><div class="cell">code</div><div class="cell">#c</div></div><p>{LOREM}</p></main></body></html>'),
    "incidents": (200, "application/json", '{"page": {"id": "x"}, "incidents": [{"name": "Checkout", "incident_updates": [{"body": "Customers saw #m for ten minutes."}]}]}'),
    "log-streams": (200, "application/json", '{"status": "success", "data": {"resultType": "streams", "result": [{"stream": {"level": "error"}, "values": [["1700000000", "ERROR:  #m"]]}]}}'),
    "issue-list": (200, "application/json", '[{"id": "7", "title": "UniqueViolation: #m", "culprit": "orders.place", "level": "error", "metadata": {"type": "UniqueViolation", "value": "#n"}}]'),
    "issue-of-a-repository": (200, "application/json", '{"number": 7, "title": "#m", "body": "When I run it: ERROR: #n", "state": "open", "labels": []}'),
    "questions": (200, "application/json", '{"items": [{"title": "#m", "body": "<p>I get <code>ERROR: #n</code></p>", "is_answered": true}], "has_more": false}'),
    "chat-completion": (200, "application/json", '{"object": "chat.completion", "choices": [{"message": {"role": "assistant", "content": "The error #m means that a row exists."}}]}'),
    "specification-as-text": (200, "text/plain", 'A server that answers with SQLSTATE #c tells that a row exists\nalready; "#m" is what users read.\n'),
    "hidden-template": (200, "text/html", f'{_HEAD}<template id="t"><div class="error">#m</div></template><p>{LOREM}</p></main></body></html>'),
    "cluster-events": (200, "application/json", '{"kind": "EventList", "apiVersion": "v1", "items": [{"type": "Warning", "reason": "BackOff", "message": "Back-off: #m"}]}'),
    "notebook": (200, "application/json", '{"cells": [{"cell_type": "code", "outputs": [{"output_type": "error", "ename": "UniqueViolation", "evalue": "#m", "traceback": ["#n"]}]}]}'),
    "captions": (200, "application/json", '{"captions": [{"start": 1, "text": "and here it says error #m"}]}'),
    "alert-rules": (200, "application/json", '{"rules": [{"pattern": "#m", "severity": "ERROR", "action": "retry"}]}'),
    "table-of-contents": (200, "text/html", f'{_HEAD}<ul><li><a href="#1">#m</a></li><li><a href="#2">#n</a></li></ul><p>{LOREM}</p></main></body></html>'),
    "highlighted-program": (200, "text/html", f'{_HEAD}<pre class="language-python"><code>try:\n    save()\nexcept UniqueViolation:  # #m\n    retry()</code></pre><p>{LOREM}</p></main></body></html>'),
    "tax-rates": (200, "application/json", '{"rates": [{"zip": "#c", "state": "LA", "code": "#d", "rate": "0.05"}]}'),
    "gift-card": (409, "application/json", '{"code": "22001", "message": "This gift card was already redeemed"}'),
    "exchange-refuses": (400, "application/json", '{"id": 1, "method": "public/get-instruments", "code": "40001", "message": "BAD_REQUEST"}'),
    "details-of-not-found": (404, "text/html", f"{_HEAD}<h1>Page not found</h1><details><summary>Known</summary><p>#m</p></details><p>{LOREM}</p></main></body></html>"),
    "details-of-help": (200, "text/html", f"{_HEAD}<details><summary>#m</summary><div>Solved in version 2.</div></details><p>{LOREM}</p></main></body></html>"),
    "question-of-not-found": (404, "text/html", f"{_HEAD}<p><b>I get the message #m. What now?</b></p><p>{LOREM}</p></main></body></html>"),
    "page-of-one-code": (200, "text/html", f"{_HEAD}<h2>Description</h2><p>#m</p><h2>Solution</h2><p>{LOREM}</p></main></body></html>"),
    "widget-of-not-found": (404, "text/html", f"{_HEAD}<h1>Nothing here</h1><div><h2>Recently</h2><p>#m</p></div><p>{LOREM}</p></main></body></html>"),
    "told-to-search-engines": (
        404, "text/html", f'{_HEAD}<script type="application/ld+json">{{"@type": "FAQPage", "mainEntity": [{{"name": "#m"}}]}}</script><p>{LOREM}</p></main></body></html>'
    ),
    "nothing-searched": (200, "text/html", f"{_HEAD}<p>0 results for <b>#m</b></p><p>{LOREM}</p></main></body></html>"),
    "lesson": (200, "text/html", f"{_HEAD}<div class='lesson'><p>When the server says</p><p>#m</p><p>it has the code #c.</p></div><p>{LOREM}</p></main></body></html>"),
    "cards-of-one-code": (200, "text/html", f"{_HEAD}<div><h3>Mug</h3><span>#c</span></div><div><h3>Pot</h3><span>#c</span></div><p>{LOREM}</p></main></body></html>"),
    "texts-in-a-tree": (200, "application/json", '{"checkout": {"errors": {"duplicate": "#m", "generic": "x"}, "title": "Checkout"}, "cart": {"title": "Cart"}}'),
    "texts-under-messages": (200, "application/json", '{"messages": {"error.duplicate": "#m", "error.other": "x", "nav.home": "Home"}, "locale": "en"}'),
    "monitor": (200, "application/json", '{"monitor": {"name": "DB", "query": "logs(1)", "message": "#m"}}'),
    "related-to-not-found": (404, "application/json", '{"error": "Not found", "related": [{"title": "ERROR: #m"}]}'),
    "named-by-its-api": (400, "application/json", '{"error": "out_of_stock", "message": "Item #d is out of stock", "code": "#c"}'),
    "settings-of-texts": (200, "application/json", '{"parameters": {"error_banner": {"defaultValue": {"value": "#m"}}}}'),
    "builds": (200, "application/json", '{"jobs": [{"name": "test", "steps": [{"name": "pytest", "log": "E   psycopg.errors.UniqueViolation: #m"}]}]}'),
    "preview-for-members": (401, "text/html", f"{_HEAD}<h1>Sign in</h1><p>Preview: #m appears when two customers order at once.</p><p>{LOREM}</p></main></body></html>"),
    "other-deadlock": (500, "application/json", '{"error": {"code": "40001", "errno": 1213, "message": "Deadlock found when trying to get lock; try restarting transaction"}}'),
}  # fmt: skip
"""A name, and the status, the media type and the body."""
