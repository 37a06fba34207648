"""Answers of walls that stand before a deployment, and answers of shops that look like them."""

from __future__ import annotations

from tests.support.scripted import Answer

HTML = {"Content-Type": "text/html; charset=utf-8"}
JSON = {"Content-Type": "application/json"}


def page(title: str, body: str = "") -> bytes:
    return f"<!doctype html><html><head><title>{title}</title></head><body>{body}</body></html>".encode()


NETLIFY_FORM = (
    '<h1>This site is protected</h1><form method="post"><input type="hidden" name="f">'
    '<input type="password" name="password"><input type="submit"></form>'
)
WALLS: dict[str, tuple[Answer, str, str]] = {
    "vercel cookie": (
        (401, {**HTML, "Set-Cookie": "_vercel_sso_nonce=abc; Path=/; HttpOnly"}, page("x")),
        "Vercel Deployment Protection",
        'headers: {x-vercel-protection-bypass: "{{ secrets.VERCEL_BYPASS }}"}',
    ),
    "vercel page": (
        (401, HTML, page("Authentication Required", "<h1>Vercel Authentication</h1>")),
        "Vercel Deployment Protection",
        "secrets: [VERCEL_BYPASS]",
    ),
    "vercel redirect": (
        (302, {"Location": "https://vercel.com/sso-api?url=https%3A%2F%2Fx&nonce=1"}, b""),
        "Vercel Deployment Protection",
        "x-vercel-protection-bypass",
    ),
    "vercel challenge": (
        (429, {**HTML, "x-vercel-mitigated": "challenge"}, page("Vercel Security Checkpoint")),
        "Vercel's firewall",
        "x-vercel-protection-bypass",
    ),
    "netlify": (
        (401, {**HTML, "x-nf-request-id": "01J"}, page("Password required", NETLIFY_FORM)),
        "Netlify's password protection",
        'request: {method: POST, url: /, form: {password: "{{ secrets.NETLIFY_PASSWORD }}"}}',
    ),
    "access": (
        (302, {"Location": "https://team.cloudflareaccess.com/cdn-cgi/access/login/s?kid=1"}, b""),
        "Cloudflare Access",
        'headers: {CF-Access-Client-Id: "{{ secrets.CF_ID }}", CF-Access-Client-Secret: "{{ secrets.CF_SECRET }}"}',
    ),
    "access on the host": (
        (302, {"Location": "/cdn-cgi/access/login/shop.example?kid=1"}, b""),
        "Cloudflare Access",
        "CF-Access-Client-Secret",
    ),
    "access refused": (
        (403, {**HTML, "Cf-Access-Domain": "shop.example"}, page("Forbidden")),
        "Cloudflare Access",
        "CF-Access-Client-Id",
    ),
    "challenge": (
        (403, {**HTML, "cf-mitigated": "challenge"}, page("Just a moment...")),
        "Cloudflare's bot check",
        'headers: {x-smoke-pass: "{{ secrets.SMOKE_PASS }}"}',
    ),
    "iap": (
        (401, {**HTML, "X-Goog-IAP-Generated-Response": "true"}, b"Invalid IAP credentials"),
        "Google's Identity-Aware Proxy",
        'headers: {Proxy-Authorization: "Bearer {{ secrets.IAP_TOKEN }}"}',
    ),
    "azure": (
        (302, {"Location": "/.auth/login/aad?post_login_redirect_url=%2F"}, b""),
        "Azure's App Service authentication",
        'headers: {Authorization: "Bearer {{ secrets.AZURE_TOKEN }}"}',
    ),
    "basic": (
        (401, {**HTML, "WWW-Authenticate": 'Basic realm="preview"'}, page("401 Required")),
        "Basic authentication before the deployment",
        'basic: {username: "{{ secrets.PREVIEW_USER }}", password: "{{ secrets.PREVIEW_PASSWORD }}"}',
    ),
}
OWN: dict[str, Answer] = {
    "json 401": (401, JSON, b'{"error": "Authentication Required"}'),
    "json 403": (403, JSON, b'{"message": "forbidden"}'),
    "json that speaks of walls": (
        401,
        JSON,
        b'{"error": "Vercel Authentication", "see": "https://vercel.com/sso-api", "t": "Just a moment..."}',
    ),
    "json of an api with basic": (
        401,
        {**JSON, "WWW-Authenticate": 'Basic realm="api"'},
        b'{"error": "no token"}',
    ),
    "bearer": (401, {**HTML, "WWW-Authenticate": "Bearer"}, page("401")),
    "a login page on netlify": (
        401,
        {**HTML, "x-nf-request-id": "01J"},
        page(
            "Sign in",
            'protected <input type="email" name="e"><input type="password" name="password">',
        ),
    ),
    "a page behind cloudflare": (
        403,
        {**HTML, "Server": "cloudflare", "cf-ray": "8f-FRA"},
        page("Forbidden", "Just a moment... is the name of our shop"),
    ),
    "a page on vercel": (
        401,
        {**HTML, "Server": "Vercel", "x-vercel-id": "fra1::a"},
        page("Authentication Required", "<h1>Sign in to our shop</h1>"),
    ),
    "a redirect to its login": (302, {"Location": "/login?next=%2Forders"}, b""),
    "an article on a wall": (200, HTML, page("Cloudflare Access", "Vercel Authentication")),
}
