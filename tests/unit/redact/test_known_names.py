"""Names that everybody knows: what holds a secret by its name alone, as a header and as a key, and what does not."""

from __future__ import annotations

import json

import pytest

from smoke.redact import Secrets, mask_text
from smoke.redact.headers import mask_headers

VALUE = "aperture-science-9"
SECRET = (
    *("x-vercel-protection-bypass", "x-vercel-set-bypass-cookie", "_vercel_share", "X-Nf-Sign"),
    *("CF-Access-Client-Secret", "Cf-Access-Jwt-Assertion", "cf-turnstile-response", "g-recaptcha-response"),
    *("X-Shopify-Access-Token", "X-Shopify-Storefront-Access-Token", "X-Shopify-Hmac-Sha256"),
    *("Stripe-Signature", "svix-signature", "Paypal-Transmission-Sig", "X-Hub-Signature-256", "Saleor-Signature"),
    *("apikey", "X-Api-Key", "X-Auth-Token", "X-CSRF-Token", "X-WP-Nonce", "X-XSRF-TOKEN", "DPoP"),
    *("__requestverificationtoken", "x-snipcart-requesttoken", "X-Signature-Ed25519", "x-amzn-oidc-data"),
    *("x-wc-webhook-signature", "x-square-hmacsha256-signature", "sw-context-token", "Cart-Token"),
    # check digits of cards, as Shopify, Authorize.Net, Magento, CyberSource, Adyen, Opayo, Moneris and Orbital call them
    *("verification_value", "verificationValue", "card_verification_value", "cardVerificationValue", "x_card_code"),
    *("cc_cid", "card_cvNumber", "encryptedSecurityCode", "cardsecuritycode", "CV2", "cvd_value", "CardSecVal"),
    *("ssl_cvv2cvc2", "cvv_code", "card_verification_number", "cardCvx", "ccv", "cardcvv", "CVVAL", "pinBlock"),
    # other words for passwords, codes that are good for one sign-in, answers to questions
    *("passcode", "userPasscode", "passcode_confirmation", "pswd", "kennwort", "senha", "mot_de_passe"),
    *("one_time_code", "one_time_password", "mfa_code", "2fa_code", "twoFactorCode", "tfa_code", "otpCode", "smsCode"),
    *("security_answer", "securityAnswer", "password-answer", "backup_code"),
)  # fmt: skip
NOT_SECRET = (
    *("Access-Control-Allow-Credentials", "Sec-WebSocket-Key", "Accept-Signature", "Signature-Input"),
    *("Idempotency-Key", "Cache-Key", "token_type", "X-Algolia-Application-Id", "X-Request-Id"),
    *("code", "verification_url", "verification_status", "value", "passcode_required", "passcodeLength", "zip_code"),
    *("cvv_result", "cvcCheck", "auth_code", "confirmation_code", "conversion_factor_code", "time_code", "cid"),
    *("social_security_number", "order_number", "security_question", "mfa_enabled", "otp_length", "currency_code"),
)  # fmt: skip


def _header(name: str) -> bytes:
    return mask_headers(((name.encode(), VALUE.encode()),), Secrets(), "header")[0][0][1]


@pytest.mark.parametrize("name", SECRET)
def test_a_known_name_is_masked_as_a_header_and_as_a_key(name: str) -> None:
    assert VALUE.encode() not in _header(name)
    assert VALUE not in mask_text(json.dumps({name: VALUE}), Secrets())
    assert VALUE not in mask_text(f"https://shop.example/?a=b&{name}={VALUE}&c=d", Secrets())
    filler = "plain words, and more of them\n" * 2500  # long enough for the sieve
    assert VALUE not in mask_text(filler + json.dumps({name: VALUE}) + filler, Secrets())


@pytest.mark.parametrize("name", [each for each in SECRET if each.isidentifier()])
def test_a_known_name_is_masked_in_xml_in_graphql_and_in_a_list(name: str) -> None:
    assert VALUE not in mask_text(f"<card><a:{name}>{VALUE}</a:{name}></card>", Secrets())
    assert VALUE not in mask_text(
        f'mutation {{ pay(a: 1, {name}: "{VALUE}") {{ id }} }}', Secrets()
    )
    assert "4711" not in mask_text(f"mutation {{ pay(a: 1, {name}: 4711) {{ id }} }}", Secrets())
    assert VALUE not in mask_text(json.dumps({name: [VALUE]}), Secrets())


@pytest.mark.parametrize("name", NOT_SECRET)
def test_a_name_that_only_sounds_secret_is_left_alone(name: str) -> None:
    assert _header(name) == VALUE.encode()
    text = json.dumps({name: VALUE})
    assert mask_text(text, Secrets()) == text
