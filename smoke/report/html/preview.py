"""An answer that is a page: what a person would read of it, and how it would look, without anything that acts.

The preview lies in a frame without any permission (no script, no form, no origin), under a policy that lets nothing be
loaded. What would only be refused there, loudly, is taken out before; the source beside it is whole.
"""

from __future__ import annotations

import re

from smoke.report.html.elements import Markup, el

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
_ACTS = (
    "script, noscript, iframe, frame, frameset, object, embed, applet, link, meta, base, audio, video, source, track, "
    "portal, fencedframe, template, use, image, animate, set, feimage, dialog"
)
_LEADS = frozenset({
    "src", "srcset", "href", "xlink:href", "action", "formaction", "poster", "background", "data", "ping", "target", "autofocus",
    "imagesrcset", "manifest", "cite", "longdesc", "usemap", "srcdoc", "popover", "accesskey", "tabindex", "contenteditable",
})  # fmt: skip
_LOADS = re.compile(r"url\(|@import|image-set\(|src\(|\\", re.IGNORECASE)
_BLANK_LINES = re.compile(r"\n\s{0,200}\n")


def page_text(source: str) -> str:
    """What is to be read of a page, line by line."""
    from selectolax.lexbor import LexborHTMLParser

    tree = LexborHTMLParser(source)
    for node in tree.css("script, style, noscript, template, svg, title"):
        node.decompose()
    text = tree.body.text(separator="\n", strip=True) if tree.body is not None else ""
    return _BLANK_LINES.sub("\n", text).strip()


def preview(source: str) -> Markup:
    """A frame with the page as it would look."""
    return el(
        "iframe",
        sandbox=True,
        srcdoc=f'<!doctype html><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{POLICY}">{_still(source)}',
        title="Preview of the answer, without scripts and without a network",
        loading="lazy",
        referrerpolicy="no-referrer",
        cls="preview",
    )


def _still(source: str) -> str:
    """The page without what acts or loads."""
    from selectolax.lexbor import LexborHTMLParser

    tree = LexborHTMLParser(source)
    for node in tree.css(_ACTS):
        node.decompose()
    for node in tree.css("style"):
        if _LOADS.search(node.text(deep=True)):
            node.decompose()
    for node in tree.css("*"):
        for name, value in list(node.attributes.items()):
            word = name.lower()
            picture = word == "src" and (value or "").lower().startswith("data:image/")
            loads = word == "style" and _LOADS.search(value or "")
            if (word in _LEADS and not picture) or word.startswith("on") or loads:
                del node.attrs[name]
    return tree.html or ""
