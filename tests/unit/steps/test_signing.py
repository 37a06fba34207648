"""Signatures are those that the providers' own libraries make: what these gave for one body is kept here.

Made with stripe 20 (`generateTestHeaderString`), svix 1 and standardwebhooks 1 (`sign`, in JavaScript and Python alike),
octokit/webhooks-methods 6 (`sign`); Shopify's was verified by shopify-api 13 (`webhooks.validate`).
"""

from __future__ import annotations

import pytest

from smoke.scenario.signing import KeyUnusableError, ProviderEvent, sign

BODY = '{"type":"paid","amount":1.10,"note":"Grün – ✓"}'.encode()
SENT = ProviderEvent(BODY, "msg_1", 1767225600)
KEY = "whsec_c21va2Utc21va2Utc21va2U="
BASE64 = "v1,Z1z+NafGrqsm2CydY1WaoCbNLXuHY/NmFLKB8vMkhdY="
STRIPE = "t=1767225600,v1=0addf041e0187bb2fa0f76be9d8ee01fb33fbd598bb0f6d6541f66bc66ef81f4"
GITHUB = "sha256=9c7d5ffd7c5d2e05f946330a7cf337923e76dca46b302a30e9f334ed1e174b5f"
SHOPIFY = "nH1f/XxdLgX5RjMKfPM3kj523KRrMCow6fM07R4XS18="
CASES = [
    ("stripe", "whsec_c21va2U=", "Stripe-Signature", STRIPE),
    ("github", "correct-horse", "X-Hub-Signature-256", GITHUB),
    ("shopify", "correct-horse", "X-Shopify-Hmac-Sha256", SHOPIFY),
    ("svix", KEY, "svix-signature", BASE64),
    ("standard_webhooks", KEY, "webhook-signature", BASE64),
    ("standard_webhooks", KEY.removeprefix("whsec_"), "webhook-signature", BASE64),
]


@pytest.mark.parametrize(("provider", "secret", "name", "value"), CASES)
def test_it_is_the_one_of_the_provider(provider: str, secret: str, name: str, value: str) -> None:
    right, wrong = (sign(provider, SENT, secret, wrong=wrong) for wrong in (False, True))
    assert (right.name, right.value) == (name, value)
    assert (wrong.name, len(wrong.value)) == (name, len(value))
    assert wrong.value != value
    assert right.beside == wrong.beside


def test_the_id_and_the_time_stand_beside_it() -> None:
    assert sign("svix", SENT, KEY).beside == (
        ("svix-id", "msg_1"),
        ("svix-timestamp", "1767225600"),
    )
    assert sign("github", SENT, "x").beside == (("X-GitHub-Delivery", "msg_1"),)
    assert sign("shopify", SENT, "x").beside == (("X-Shopify-Webhook-Id", "msg_1"),)


@pytest.mark.parametrize("secret", ["whsec_", "whsec_not-Base64", "whsec_YQ", "whsec_ä"])
def test_a_secret_that_is_no_key_is_refused(secret: str) -> None:
    with pytest.raises(KeyUnusableError, match="not whsec_ and Base64"):
        sign("svix", SENT, secret)
    with pytest.raises(KeyUnusableError, match="is empty"):
        sign("stripe", SENT, "")
