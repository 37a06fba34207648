"""What people write about errors, lists of errors, and data that holds their words: templates of answers.

`#m` and `#n` stand for two messages of the server, `#c` and `#d` for two codes; they are escaped as the media type wants.
"""

from __future__ import annotations

_PAGE = (
    "<!doctype html><html><head><title>Shop</title></head><body><header><a href='/'>Home</a></header><main>{}</main><footer><p>We write down what"
    " we learn from running shops for many years, and we update these pages whenever something changes. If you have a question that is not"
    " answered here, write to us and we shall be glad to help you.</p></footer></body></html>"
)
_TEXTS: dict[str, tuple[str, str]] = {
    "markdown": ("text/markdown", "# Troubleshooting\n\nThe log has\n\n```\nERROR:  #m\n```\n\nRun the migrations.\n"),
    "underlined": ("text/plain", "Troubleshooting\n===============\n\n    ERROR:  #m\n\nRun the migrations.\n"),
    "restructured-text": ("text/x-rst", "Errors\n\n.. code-block:: text\n\n    ERROR:  #m\n    SQL state: #c\n"),
    "asciidoc": ("text/asciidoc", "= Errors\n\n----\nERROR: #m\n----\n"),
    "org": ("text/plain", "* Errors\n#+BEGIN_SRC\nERROR: #m\n#+END_SRC\n"),
    "wiki": ("text/x-wiki", "== Errors ==\n<pre>ERROR:  #m</pre>\n"),
    "manual": ("text/plain", "SHOPCTL\n\nDIAGNOSTICS\n\n       #m\n              The table was not migrated.\n\nEXIT STATUS\n\n       0 on success\n"),
    "table-of-text": ("text/plain", "They are:\n\n#c  #m\n#d  #n\n"),
    "tabs": ("text/tab-separated-values", "#c\t#m\n#d\t#n\n"),
    "docbook": ("application/xml", "<?xml version='1.0'?><book><para>You may see <errortext>#m</errortext> with <errorcode>#c</errorcode>.</para></book>"),
    "strings": ("application/xml", "<?xml version='1.0'?><resources><string name='error_unique'>#m</string><string name='cart'>Cart</string></resources>"),
    "xliff": ("application/xml", "<?xml version='1.0'?><xliff version='1.2'><file><body><trans-unit id='e'><source>#m</source></trans-unit></body></file></xliff>"),
    "properties": ("text/plain", "error.unique=#m\nerror.other=#n\ncart.title=Cart\n"),
    "yaml": ("application/yaml", "retry:\n  - sqlstate: '#c'\n    reason: >-\n      #m\n"),
    "calendar": ("text/calendar", "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:#m\nEND:VEVENT\nEND:VCALENDAR\n"),
    "letter": ("text/plain", "From: Ann\nSubject: #m\n\nHello, I get\n\nERROR:  #m\n\nwhat should I do?\n"),
    "conversation": ("text/plain", "[10:01] <ann> ERROR: #m\n[10:02] <bob> run the migration\n"),
    "tests": ("text/plain", "TAP version 14\nok 1 - raises #m\nok 2 - retries on #c\n"),
    "heading": ("text/html", "<h1>#m</h1><p>By Ann. We saw this one last week in our shop.</p><h2>The solution</h2><p>Use a sequence.</p>"),
    "knowledge-base": ("text/html", "<div class='kb'><h1>Error: #m</h1><p>After an update your shop shows this text.</p></div>"),
    "book": ("text/html", "<h1>#m</h1><p class='author'>A novel by Ann Miller</p><p class='price'>18.00</p><button>Add to cart</button>"),
    "sentence": ("text/html", "<p>Our shop answered with ERROR: #m (SQLSTATE #c), which took us a day to find out.</p>"),
    "admonition": ("text/html", "<div class='admonition warning'><p>Warning</p><p>Running this twice gives <code>#m</code>.</p></div>"),
    "highlighted": ("text/html", "<div class='highlight-error'><pre><span>psycopg2.errors.UniqueViolation</span>: <span>#m</span></pre></div>"),
    "post": ("text/html", "<div class='post'><div class='message'>I get this:<br>ERROR: #m<br>Can anybody help me?</div></div>"),
    "message-body": ("text/html", "<div class='message-body'><p>#m</p><p>Has anybody seen this before?</p></div>"),
    "results": ("text/html", "<ol><li><h3><a href='/x'>#m</a></h3><p>#n</p></li></ol>"),
    "bought": ("text/html", "<h1>Thank you for your order</h1><p>Order number: #c</p><ul><li>1 × #m</li></ul>"),
    "searched": ("text/html", "<form><input name='q' value='#m'><textarea name='note'>#m</textarea></form><p>12 products</p>"),
    "described": ("text/html", "<meta name='description' content='#m'><img src='/m.jpg' alt='#m'><p>A mug for developers</p>"),
}  # fmt: skip
_VALUES: dict[str, str] = {
    "catalogue": '{"catalogue": {"errors": {"#c": "#m"}}, "version": 3}',
    "catalogue-list": '{"version": 3, "catalog": {"errors": [{"code": "#c", "message": "#m"}]}}',
    "numbered": '{"errors": {"E100": {"text": "#m", "http": 409}, "E101": {"text": "Cart is empty", "http": 400}}}',
    "array-of-codes": '[{"code": "#c", "message": "#m", "description": "x"}, {"code": "#d", "message": "#n", "description": "y"}]',
    "top-errors": '{"top_errors": [{"message": "#m", "count": 12}, {"message": "Cart is empty", "count": 3}]}',
    "rules": '{"rules": [{"match": {"sqlstate": "#c", "message": "#m"}, "action": "retry"}]}',
    "flutter": '{"@@locale": "en", "errorUnique": "#m", "@errorUnique": {"description": "shown when"}, "cartTitle": "Cart"}',
    "languages": '{"en": {"errors": {"unique": "#m", "generic": "x"}}, "de": {"errors": {"unique": "y", "generic": "z"}}}',
    "flat": '{"error_unique": "#m", "error_generic": "Something went wrong", "cart_title": "Cart", "nav_home": "Home"}',
    "collection": '{"info": {"name": "x", "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"},'
    ' "item": [{"response": [{"code": 409, "error": "#m"}]}]}',
    "rendered": '[{"id": 1, "title": {"rendered": "#m"}, "content": {"rendered": "<pre>ERROR: x</pre>"}}]',
    "tracker": '{"key": "SHOP-12", "fields": {"summary": "#m", "description": "{noformat}\\nERROR: #m\\n{noformat}"}}',
}  # fmt: skip
_NOT_FOUND = {
    "links": "<h1>Not found</h1><p>Did you mean</p><ul><li><a href='/x'>#m</a></li><li><a href='/y'>#n</a></li></ul>",
    "posts": "<h1>Not found</h1><section><h2>Recent posts</h2><ul><li>#m</li><li>#n</li></ul></section>",
    "teaser": "<h1>Not found</h1><div class='card'><h3>#m</h3><p>Read what happened in our shop.</p></div>",
}
_SERVICES = {
    "paypal": (422, '{"name": "UNPROCESSABLE_ENTITY", "message": "The action could not be performed", "debug_id": "90957", "code": "40P01"}'),
    "tax": (400, '{"error": {"code": "#c", "message": "Tax jurisdiction not found", "details": [{"code": "#c", "severity": "Error", "description": "Address is incomplete"}]}}'),
    "risk": (500, '{"success": false, "errorCode": "40001", "errorMessage": "Transaction rejected by the risk engine"}'),
    "limit": (500, '{"error": {"code": "P0001", "message": "Amount exceeds the limit of the merchant"}}'),
}  # fmt: skip
_TRINO = '{"error": "line 1:15: Table \'hive.shop.orders\' does not exist"}'

TEMPLATES: dict[str, tuple[int, str, str]] = {
    **{
        f"written-{name}": (200, media, _PAGE.format(text) if "html" in media else text)
        for name, (media, text) in _TEXTS.items()
    },
    **{f"listed-{name}": (200, "application/json", text) for name, text in _VALUES.items()},
    **{
        f"not-found-{name}": (404, "text/html", _PAGE.format(text))
        for name, text in _NOT_FOUND.items()
    },
    "not-found-short": (404, "text/html", f"<html><body>{_NOT_FOUND['links']}</body></html>"),
    **{
        f"numbering-{name}": (status, "application/json", text)
        for name, (status, text) in _SERVICES.items()
    },
    "database-trino": (500, "application/json", _TRINO),
}
"""A status, a media type and a body by a name."""
