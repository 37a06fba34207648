"""Which values are too ordinary to be masked wherever they stand, although they were taken from a place that is masked.

Every cookie is masked, and every field with a telling name: `auth: required`, `session=active`, `country=Germany`. To
blank out such a word in all of the evidence would destroy it, and would hide nothing. The list is short on purpose: a
value that is not on it counts as a secret.
"""

from __future__ import annotations

import re

from smoke.redact.spelling import MIN_EVERYWHERE

_WORDS = """
accepted account active admin allowed america american anonymous api app application approved asia assigned auth
authenticated authorised authorization authorized australia austria austrian auto automatic available bank basic
bearer belgium blocked brazil british browser canada cancelled canceled captured card cart cash cent central charge
checkout china chinese client closed complete completed confirmed control cookie country created credit currency
customer dark debit declined default delivered delivery denied desktop details digest disabled dispute dollar draft
dutch east eastern email empty enabled england english error euro europe european existing expired express failed
failure false female finished first france free french full german germany global granted guest handling hidden home
http https inactive india individual initial invalid invoice ireland italian italy japan japanese kingdom last light
local localhost locked logged login logout mail main male manual member method mexico mobile necessary needed
netherlands never none north northern null offline online only open order orders paid partial partially payment
paypal pending pickup placed poland portugal preview private processing processed production profile public
ready received refunded registered rejected remember required requires returning review role running sale
sales sandbox scotland session settled setup shipped shipping shop signed single south spain spanish staging standard
state states status store stripe succeeded success successful sweden swedish switzerland system temporary test
true trusted undefined unauthorized unit united unknown unpaid unsigned unverified user valid validated variant
verified version visitor waiting wales web west western whole wholesale yes zero zone
"""
_ORDINARY = frozenset(_WORDS.split())
_PARTS = re.compile(r"[^A-Za-z0-9]+|(?<=[a-z])(?=[A-Z])")
_LONGEST = 48
_NOTHING = re.compile(r"[\W_]*|(.)\1*", re.DOTALL)


def is_ordinary(value: str) -> bool:
    """Whether a value says nothing secret: words on the list, with short numbers and short words between them."""
    if _NOTHING.fullmatch(value):
        return True
    if len(value) > _LONGEST:
        return False
    parts = [part for part in _PARTS.split(value) if part]
    return any(part.lower() in _ORDINARY for part in parts) and all(
        part.lower() in _ORDINARY or (len(part) <= 3 and (part.isdigit() or part.isalpha()))
        for part in parts
    )


def is_worth_hiding(value: str) -> bool:
    """Whether a value that was taken from a masked place is masked everywhere: long enough, and no ordinary word."""
    return len(value) >= MIN_EVERYWHERE and not is_ordinary(value)
