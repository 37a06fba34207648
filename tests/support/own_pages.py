"""Pages at 200 that show an error of their own: what PHP echoes, what a checkout says in the place of its result, forms given back with the reason.

The marks are those of `tests.support.reported`; `#k` is the line with the detail.
"""

from __future__ import annotations

_SHELLS = (
    "<!DOCTYPE html><html lang=en><head><meta charset=utf-8><title>#T</title></head><body><header><a href=/>Home</a> <a href=/cart>Cart (1)</a></header><main>#B</main><footer><p>#L</p></footer></body></html>",
    "<!doctype html>\n<html>\n<head>\n  <title>#T</title>\n</head>\n<body class='bg-gray-50'>\n<div id=root>\n<div class='flex p-4'><a href=/tea>Tea</a><a href=/cups>Cups</a><a href=/cart>Cart</a></div>\n<div class='mx-auto max-w-5xl'>\n#B\n</div>\n<div class=footer><div>Delivery</div><div>Returns</div><div>Imprint</div><p>#L</p></div>\n</div>\n</body>\n</html>",
    "<html><head><title>#T</title></head><body><table width=100%><tr><td><a href=/>Shop</a></td><td>#B</td></tr></table><p>#L</p></body></html>",
    "<!DOCTYPE html><html lang=en><head><meta charset=utf-8><title>#T</title></head><body><header class=site><a href=/>Tea House</a><nav><a href=/tea>Tea</a><a href=/cups>Cups</a><a href=/account>Account</a></nav></header><main>#B</main><footer><p>Tea House Ltd, Ghent. Open Monday to Friday from 9:00 to 17:00. Free delivery above 40 EUR. We have sold tea since 1999 and are glad that you are here.</p></footer></body></html>",
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
    "also-checkout-with-summary": _page("Checkout – Tea House", "<h1>Checkout</h1><p>Please check your details.</p><div class=err>#m</div><div class=summary><h2>Summary</h2><table><tr><td>Sencha</td><td>2 x 12.99</td></tr><tr><td>Total</td><td>25.98</td></tr></table></div>", 3),
    "also-problem-with-your-order": _page("Tea House", "<h2>There was a problem with your order</h2><ul><li>#m</li></ul><p>Please go back and try again.</p>", 3),
    "also-payment-declined-like": _page("Payment", "<h1>Payment</h1><p>We could not complete your payment. Details:</p><pre>#m</pre><a class=button href=/cart>Return to cart</a>", 3),
    "also-unexpected": _page("Tea House", "<h1>An unexpected error occurred</h1><p>#m</p><p>Reference: 8f3a-11</p>", 3),
    "also-whoops": _page("Whoops", "<div class=container><h1>Whoops!</h1><p>Something went wrong on our side.</p><code>#m</code></div>", 3),
    "also-registration": _page("Create account", "<h1>Create account</h1><form><p>Registration failed: #m</p><label>Email <input name=email></label><button>Register</button></form>", 3),
    "also-db-error-colon": _page("Order", "<p>Database error: #m</p><p><a href=/>Home</a></p>", 3),
    "also-exception-line": _page("Order", "<p>Exception: #m</p>", 3),
    "also-cart-message-id": _page("Cart", "<div id=message>#m</div><table><tr><td>Sencha</td><td>12.99</td></tr></table>", 3),
    "also-dialog": _page("Cart", "<h1>Your cart</h1><div role=alertdialog aria-label=Error><p>#m</p></div>", 3),
    "also-order-status-row": _page("Order confirmation", "<h1>Order confirmation</h1><p>Thank you, Ann.</p><p>Saving the order failed: #m</p><p>We have charged your card.</p>", 3),
    "also-htmx-fragment": "<div class='error' id='checkout-error'>#m</div>",
    "also-fragment-plain": "<p>Could not place the order: #m</p>",
    "also-fragment-bare": "<div>#m</div>",
    "also-center": "<html><head><title>500</title></head><body><center><h1>Error</h1><hr>#m</center></body></html>",
    "also-dutch": _page("Afrekenen", "<h1>Afrekenen</h1><p>Er is een fout opgetreden bij het plaatsen van uw bestelling:</p><p>#m</p>", 3),
    "also-italian": _page("Cassa", "<h1>Cassa</h1><p>Errore: #m</p>", 3),
    "also-polish": _page("Koszyk", "<h1>Koszyk</h1><p>Nie udało się złożyć zamówienia.</p><p>#m</p>", 3),
    "also-portuguese": _page("Carrinho", "<h1>Carrinho</h1><p>Não foi possível concluir o pedido: #m</p>", 3),
    "also-japanese": _page("注文", "<h1>注文</h1><p>エラーが発生しました: #m</p>", 3),
    "also-wp-die": "<!DOCTYPE html><html><head><title>WordPress &rsaquo; Error</title></head><body id='error-page'><div class='wp-die-message'><p>#m</p></div></body></html>",
    "also-magento-messages": _page("Checkout", "<div class='page messages'><div class='messages'><div class='message-error error message' data-ui-id='message-error'><div>#m</div></div></div></div><h1>Checkout</h1>", 3),
    "also-prestashop": _page("Order", "<article class='alert alert-danger' role='alert'><ul><li>#m</li></ul></article><section id=content><h1>Order</h1></section>", 3),
    "also-opencart": _page("Checkout", "<div id='alert'><div class='alert alert-danger alert-dismissible'><i class='fa fa-exclamation-circle'></i> #m</div></div><h1>Checkout</h1>", 3),
    "also-spree": _page("Checkout", "<div id='errorExplanation' class='errorExplanation'><h2>1 error prohibited this record from being saved:</h2><p>There were problems with the following fields:</p><ul><li>#m</li></ul></div>", 3),
    "also-phpinfo-notice": "<!DOCTYPE html><html lang=en><head><meta charset=utf-8><title>Order</title></head><body><header class=site><a href=/>Tea House</a><nav><a href=/tea>Tea</a><a href=/cups>Cups</a><a href=/account>Account</a></nav></header><main><h1>Order</h1></main><footer><p>Tea House Ltd, Ghent. Open Monday to Friday from 9:00 to 17:00. Free delivery above 40 EUR. We have sold tea since 1999 and are glad that you are here.</p></footer></body></html><!-- --><br />\n<b>Warning</b>:  pg_query(): Query failed: ERROR:  #m in <b>/a.php</b> on line <b>3</b><br />",
    "also-var-dump": 'string(61) "ERROR:  #m"\n<!DOCTYPE html><html lang=en><head><meta charset=utf-8><title>Order</title></head><body><header class=site><a href=/>Tea House</a><nav><a href=/tea>Tea</a><a href=/cups>Cups</a><a href=/account>Account</a></nav></header><main><h1>Order</h1><p>Thanks</p></main><footer><p>Tea House Ltd, Ghent. Open Monday to Friday from 9:00 to 17:00. Free delivery above 40 EUR. We have sold tea since 1999 and are glad that you are here.</p></footer></body></html>',
    "also-ol-steps": _page("Checkout", "<ol class=steps><li>Cart</li><li>Address</li><li class=active>Pay</li></ol><h2>Payment failed</h2><p>#m</p>", 3),
    "also-two-same": _page("Checkout", "<p class=error>#m</p><h1>Checkout</h1><form><p class=error>#m</p></form>", 3),
    "also-account-page-error": _page("My account", "<h1>My account</h1><div class='message'>Error: #m</div><div class='orders'><div class=order>Order 1, sent 2026-02-03</div><div class=order>Order 2, open</div></div>", 3),
    "also-angular": _page("Checkout", "<app-root><mat-error>#m</mat-error><mat-card>Cart</mat-card></app-root>", 3),
    "also-vue-list": _page("Checkout", "<div class=notifications><div class='notification is-danger'>#m</div></div><h1>Checkout</h1>", 3),
    "also-time-and-ref": _page("Error", "<h1>Error</h1><p>#m</p><p>Time: 2026-02-03 10:00:01 UTC</p><p>Request ID: 8fa3</p>", 3),
}  # fmt: skip
"""A page by a name."""
