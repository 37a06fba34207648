"""The smallest scenario that orders and cleans up, for tests of what is around a scenario."""

ORDER = """\
name: order
steps:
  - name: Order
    request: {url: /orders, json: {sku: tea}}
    places_order: {id: $.id}
    expect: {status: 201}
teardown:
  - name: Cancel
    for_each: "{{ orders }}"
    request: "DELETE /orders/{{ item.id }}"
    removes_order: "{{ item.key }}"
"""
REFUSED = {
    "error": 'duplicate key value violates unique constraint "orders_sku_key"',
    "code": "23505",
}
"""What a shop answers that refuses it."""
