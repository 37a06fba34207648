"""Walls that may stand before a deployment, and what lets smoke through each: a table.

Sources:

* Vercel: vercel.com/docs/deployment-protection (methods, Protection Bypass for Automation), vercel.com/docs/vercel-firewall
* Netlify: docs.netlify.com, visitor access (password protection; basic authentication with custom headers)
* Cloudflare: developers.cloudflare.com, Access service tokens; WAF custom rules with the action Skip
* Google: cloud.google.com/iap/docs/authentication-howto; Azure: App Service authentication
* basic authentication: RFC 7617 (AWS Amplify's access control and many proxies use it)
"""

from __future__ import annotations

from msgspec import Struct


class Wall(Struct, frozen=True):
    """What stands before a deployment, and what lets smoke through.

    `setting` are lines of YAML for the target in smoke-targets.yaml, `from_where` says where its secrets come from.
    `passes` are the names (lower case) of the headers with which a request asks to be let in.
    """

    name: str
    setting: tuple[str, ...]
    from_where: str
    passes: tuple[str, ...]
    target: bool = True
    """Whether the setting is the target's; else it is a step of the scenario."""

    @property
    def where(self) -> str:
        """To what the setting is given."""
        return "the target in smoke-targets.yaml" if self.target else "the scenario (a first step)"


def _header(name: str, variable: str, prefix: str = "") -> str:
    return f'{name}: "{prefix}{{{{ secrets.{variable} }}}}"'


_VERCEL_SETTING = (
    "secrets: [VERCEL_BYPASS]",
    f"headers: {{{_header('x-vercel-protection-bypass', 'VERCEL_BYPASS')}}}",
)
_VERCEL_WHERE = "its value: Vercel, the project's Settings, Deployment Protection, Protection Bypass for Automation"
VERCEL = Wall(
    "Vercel Deployment Protection",
    _VERCEL_SETTING,
    _VERCEL_WHERE,
    ("x-vercel-protection-bypass",),
)
VERCEL_FIREWALL = Wall(
    "Vercel's firewall (a security checkpoint for browsers)",
    _VERCEL_SETTING,
    f"{_VERCEL_WHERE}; for a rule of your own, a bypass rule in the project's Firewall",
    ("x-vercel-protection-bypass",),
)
ACCESS = Wall(
    "Cloudflare Access",
    (
        "secrets: [CF_ID, CF_SECRET]",
        "headers: {"
        + ", ".join(
            (
                _header("CF-Access-Client-Id", "CF_ID"),
                _header("CF-Access-Client-Secret", "CF_SECRET"),
            )
        )
        + "}",
    ),
    "a service token of Cloudflare Zero Trust, and a policy of the application with the action Service Auth for it",
    ("cf-access-client-id", "cf-access-client-secret"),
)
CHALLENGE = Wall(
    "Cloudflare's bot check (a challenge for browsers)",
    (
        "secrets: [SMOKE_PASS]",
        f"headers: {{{_header('x-smoke-pass', 'SMOKE_PASS')}}}",
    ),
    "a value that you choose, and a WAF custom rule of the zone with the action Skip for requests with this header",
    ("x-smoke-pass",),
)
NETLIFY = Wall(
    "Netlify's password protection",
    (
        'request: {method: POST, url: /, form: {password: "{{ secrets.NETLIFY_PASSWORD }}"}}',
        "secrets: [NETLIFY_PASSWORD]",
    ),
    "the cookie of its answer lets the next steps in; or protect the deployment with Netlify's `Basic-Auth` header "
    "rule instead, which the target's `basic` passes, also at readiness",
    (),
    target=False,
)
NETLIFY_LOGIN = Wall(
    "Netlify's team login",
    (
        "secrets: [PREVIEW_USER, PREVIEW_PASSWORD]",
        'basic: {username: "{{ secrets.PREVIEW_USER }}", password: "{{ secrets.PREVIEW_PASSWORD }}"}',
    ),
    "a team login is for persons: protect the deployment with Netlify's `Basic-Auth` header rule instead",
    (),
)
IAP = Wall(
    "Google's Identity-Aware Proxy",
    (
        "secrets: [IAP_TOKEN]",
        f"headers: {{{_header('Proxy-Authorization', 'IAP_TOKEN', 'Bearer ')}}}",
    ),
    "an OpenID Connect token of a service account that may pass, with the audience of the IAP resource",
    ("proxy-authorization",),
)
AZURE = Wall(
    "Azure's App Service authentication",
    (
        "secrets: [AZURE_TOKEN]",
        f"headers: {{{_header('Authorization', 'AZURE_TOKEN', 'Bearer ')}}}",
    ),
    "an access token of Microsoft Entra for the application, from its client credentials",
    ("authorization",),
)
BASIC = Wall(
    "Basic authentication before the deployment",
    (
        "secrets: [PREVIEW_USER, PREVIEW_PASSWORD]",
        'basic: {username: "{{ secrets.PREVIEW_USER }}", password: "{{ secrets.PREVIEW_PASSWORD }}"}',
    ),
    "the user and password of whoever protects it",
    ("authorization",),
)

WALLS = (VERCEL_FIREWALL, VERCEL, ACCESS, CHALLENGE, NETLIFY_LOGIN, NETLIFY, IAP, AZURE, BASIC)
"""All of them; how an answer tells each is in `smoke.model.met`."""
