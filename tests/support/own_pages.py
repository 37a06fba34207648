"""Pages at 200 that show an error of their own: what PHP echoes, what a checkout says in the place of its result, forms given back with the reason.

The marks are those of `tests.support.reported`; `#k` is the line with the detail.
"""

from __future__ import annotations

_SHELLS = (
    "<!DOCTYPE html><html lang=en><head><meta charset=utf-8><title>#T</title></head><body><header><a href=/>Home</a> <a href=/cart>Cart (1)</a></header><main>#B</main><footer><p>#L</p></footer></body></html>",
    "<!doctype html>\n<html>\n<head>\n  <title>#T</title>\n</head>\n<body class='bg-gray-50'>\n<div id=root>\n<div class='flex p-4'><a href=/tea>Tea</a><a href=/cups>Cups</a><a href=/cart>Cart</a></div>\n<div class='mx-auto max-w-5xl'>\n#B\n</div>\n<div class=footer><div>Delivery</div><div>Returns</div><div>Imprint</div><p>#L</p></div>\n</div>\n</body>\n</html>",
    "<html><head><title>#T</title></head><body><table width=100%><tr><td><a href=/>Shop</a></td><td>#B</td></tr></table><p>#L</p></body></html>",
)


def _page(title: str, inner: str, shell: int = 0) -> str:
    return _SHELLS[shell].replace("#T", title).replace("#B", inner)


_FORM = "<form method=post><label>Name <input name=name value=Ann></label><label>Street <input name=street></label><button>Place order</button></form>"
_CART = "<table><tr><th>Item</th><th>Price</th></tr><tr><td>Sencha</td><td>12.99</td></tr><tr><td>Cup</td><td>8.00</td></tr></table>"

OWN_PAGES: dict[str, str] = {
    "heading": _page("Checkout", "<h1>Checkout failed</h1><p>#m</p><p><a href=/cart>Back to the cart</a></p>"),
    "heading-and-sentence": _page("Checkout", "<h1>Something went wrong</h1><p>We could not place your order.</p><p>#m</p><p>Please try again later.</p>", 1),
    "heading-error": _page("Error", "<h1>Error</h1><p>#m</p>"),
    "heading-database": _page("Shop", "<h2>Database error</h2><div>ERROR:  #m</div>", 1),
    "apology": _page("Shop", "<p>Sorry, your order could not be placed.</p><p>#m</p>"),
    "apology-in-divs": _page("Order", "<div>Your order</div><div>Your payment was not taken, an error occurred.</div><div>#m</div><div><a href=/cart>Back</a></div>", 1),
    "prefix": _page("Checkout", "<h1>Checkout</h1><p>Error: #m</p>" + _FORM),
    "prefix-div": _page("Checkout", _CART + "<div>Error: #m</div>" + _FORM, 1),
    "prefix-severity": _page("Checkout", "<h1>Your order</h1><div>ERROR:  #m\nDETAIL:  #k</div>" + _FORM),
    "prefix-failed": _page("Checkout", "<h1>Your order</h1><p>Order failed: #m</p>", 1),
    "prefix-could-not": _page("Cart", _CART + "<p>Could not save your order: #m</p>"),
    "echo-query-failed": _page("Order", "<h1>Order</h1>Query failed: ERROR:  #m\nDETAIL:  #k", 2),
    "echo-before-page": "ERROR:  #m\nDETAIL:  #k" + _page("Order", "<h1>Thank you</h1><p>We have received your order and shall send it soon.</p>"),
    "echo-before-page-plain": "#m" + _page("Order", "<h1>Thank you</h1>"),
    "echo-behind-page": _page("Order", "<h1>Order</h1>" + _CART) + "ERROR:  #m\nDETAIL:  #k\n",
    "echo-behind-body": _page("Order", "<h1>Order</h1>" + _CART).replace("</body>", "ERROR:  #m\nDETAIL:  #k\n</body>"),
    "die": _page("Order", "<h1>Order</h1>" + _CART + "#!").partition("#!")[0] + "Query failed: ERROR:  #m\nDETAIL:  #k",
    "die-bare": _page("Order", "<h1>Order</h1>" + _CART + "#!").partition("#!")[0] + "ERROR:  #m",
    "die-in-div": _page("Order", "<h1>Order</h1><div class=content>#!", 1).partition("#!")[0] + "Error in query: ERROR:  #m\nDETAIL:  #k",
    "php-warning": _page("Order", "<h1>Order</h1><br />\n<b>Warning</b>:  pg_query(): Query failed: ERROR:  #m\nDETAIL:  #k in <b>/srv/www/order.php</b> on line <b>12</b><br />\n<p>Thank you for your order.</p>"),
    "php-warning-in-cell": _page("Order", "<br />\n<b>Warning</b>:  pg_execute(): Query failed: ERROR:  #m in <b>/srv/www/order.php</b> on line <b>12</b><br />\n" + _CART, 2),
    "php-warning-before": "<br />\n<b>Warning</b>:  pg_query(): Query failed: ERROR:  #m in <b>/srv/www/order.php</b> on line <b>12</b><br />\n" + _page("Order", "<h1>Order</h1>"),
    "php-warning-text": "PHP Warning:  pg_query(): Query failed: ERROR:  #m in /srv/www/order.php on line 12\n" + _page("Order", "<h1>Order</h1>"),
    "php-fatal": _page("Order", "<h1>Order</h1>#!").partition("#!")[0] + "<br />\n<b>Fatal error</b>:  Uncaught PDOException: SQLSTATE[#c]: #m in /srv/www/order.php:12\nStack trace:\n#0 {main}\n  thrown in <b>/srv/www/order.php</b> on line <b>12</b><br />\n",
    "red-paragraph": _page("Checkout", "<h1>Checkout</h1><p style='color:red'>#m</p>" + _FORM),
    "red-font": _page("Checkout", "<font color=red><b>#m</b></font>" + _FORM, 2),
    "red-tailwind": _page("Checkout", "<h1>Checkout</h1><p class='mt-2 text-sm text-red-600'>#m</p>" + _FORM, 1),
    "text-danger": _page("Checkout", "<h1>Checkout</h1><small class='text-danger'>#m</small>" + _FORM, 1),
    "alert": _page("Checkout", "<div role=alert>#m</div><h1>Checkout</h1>" + _FORM),
    "flash": _page("Checkout", "<div class='flash flash-error'><p>#m</p></div>" + _CART, 1),
    "notice": _page("Cart", "<ul class='woocommerce-error' role='alert'><li>#m</li></ul>" + _CART),
    "error-list": _page("Checkout", "<form><ul class='errorlist nonfield'><li>#m</li></ul><p><label>Name</label><input name=name></p></form>"),
    "error-summary": _page("Checkout", "<div class='error-summary'><h2>There is a problem</h2><ul><li>#m</li></ul></div>" + _FORM),
    "field": _page("Checkout", "<form><div class=field><label>Number</label><input name=n><span class='help is-danger'>#m</span></div><div class=field><label>Name</label><input name=m></div></form>"),
    "toast": _page("Checkout", _CART + "<div class='toast-container'><div class='toast toast-error'><div class=toast-body>#m</div></div></div>", 1),
    "modal": _page("Checkout", _CART + "<dialog open><h2>Your order failed</h2><p>#m</p><button>Close</button></dialog>", 1),
    "german": _page("Kasse", "<h1>Kasse</h1><p>Ihre Bestellung konnte leider nicht gespeichert werden.</p><p>#m</p>"),
    "german-prefix": _page("Kasse", "<h1>Kasse</h1><p>Fehler: #m</p>", 1),
    "french": _page("Commande", "<h1>Votre commande a échoué</h1><p>#m</p>", 1),
    "spanish": _page("Pedido", "<h2>Pedido</h2><p>Lo sentimos, no se pudo guardar su pedido: #m</p>"),
    "section": _page("Checkout", "<section><h2>Address</h2><p>Ann, Ghent</p></section><section><h2>Payment</h2><p>Payment failed: #m</p></section><section><h2>Items</h2><p>Sencha</p></section>", 1),
    "step-result": _page("Checkout", "<h1>Checkout</h1><div>Step 3 of 3</div><div id=result>ERROR:  #m</div>" + _FORM),
    "result-place": _page("Order", "<h1>Order</h1><div id=order-result>#m</div>", 1),
    "wordpress": "<div id='error'><p class='wpdberror'><strong>WordPress database error:</strong> [ERROR:  #m\nDETAIL:  #k]<br /><code>INSERT INTO wp_orders VALUES (1)</code></p></div>" + _page("Order", "<h1>Thank you</h1>"),
    "details": _page("Checkout", "<h1>Oops! Your order was not placed</h1><p>Our team was told.</p><details open><summary>Technical details of the error</summary><pre>#m</pre></details>"),
    "pre-below-heading": _page("Error", "<h1>Order failed</h1><pre>ERROR:  #m\nDETAIL:  #k</pre>", 1),
    "code-below-sentence": _page("Checkout", "<h1>Checkout</h1><p>Your order could not be stored: <code>#m</code></p>"),
    "script-alert": _page("Checkout", _CART + "<script>alert('Order failed: #m');</script>"),
    "bold-reason": _page("Checkout", "<p>We are sorry, the order could not be completed.</p><p><b>Reason:</b> #m</p>" + _CART, 1),
    "table-layout": _page("Order", "<h3>Error while placing the order</h3>#m<br><a href=/cart>Back</a>", 2),
    "comment": _page("Order", "<h1>Order</h1><!-- error: #m --><p>We are sorry, please try again.</p>"),
}  # fmt: skip
"""A page by a name."""
