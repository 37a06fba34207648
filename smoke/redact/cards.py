"""Payment card numbers in bytes: found by issuer range, length and check digit, shown as first six and last four.

One in ten random numbers passes the check digit (ISO/IEC 7812-1 annex B, "Luhn"), so the issuer's range and the
length for that range must fit too, and no further digit may stand beside the number.
PCI DSS 3.4 lets at most the BIN and the last four digits be shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from smoke.redact.matches import MaskReason, SecretMatch

_SIGNS = (
    *(b"\xa0", b"&nbsp;", b"&#160;", b"&#xa0;", b"&#xA0;", b"\\u00a0", b"\\u00A0", b"%C2%A0", b"%c2%a0"),
    *(b"\xe2\x80\xaf", b"&#8239;", b"&#x202f;", b"&#x202F;", b"\\u202f", b"\\u202F", b"%E2%80%AF", b"%e2%80%af"),
    *(b"\xe2\x80\x91", b"&#8209;", b"&#x2011;", b"\\u2011", b"%E2%80%91", b"%e2%80%91"),
    *(b"\xe2\x80\x93", b"&ndash;", b"&#8211;", b"&#x2013;", b"\\u2013", b"%E2%80%93", b"%e2%80%93"),
    *(b"%2D", b"%2d", b"%2B", b"%2b", b"&#45;", b"&#x2d;", b"&#x2D;", b"\\u002d", b"\\u002D"),
    *(b"&#32;", b"&#x20;", b"\\u0020"),
    *(b"\xe2\x80\x90", b"&hyphen;", b"&#8208;", b"&#x2010;", b"\\u2010", b"%E2%80%90", b"%e2%80%90"),
    *(b"\xe2\x80\x94", b"&mdash;", b"&#8212;", b"&#x2014;", b"\\u2014", b"%E2%80%94", b"%e2%80%94"),
    *(b"\xe2\x80\x89", b"&thinsp;", b"&#8201;", b"&#x2009;", b"\\u2009", b"%E2%80%89", b"%e2%80%89"),
)  # fmt: skip
"""No-break spaces and dashes as charsets, HTML, JSON and forms write them; the first also ends the one of UTF-8."""
_SEPARATOR = (
    rb"(?:[ .\-+]|%20|\xc2?\xa0|" + b"|".join(map(re.escape, _SIGNS[1:])) + rb"){1,3}"
)  # one, two as of columns, or a dash between blanks
# signs that part many other numbers count between the groups of a card alone; a comma and a tab part those of tables
_RARE = (
    rb"(?<![0-9][_/:][0-9]{4})(?P<rare>[_/:])"
    rb"(?:[0-9]{4}(?P=rare)[0-9]{4}(?P=rare)[0-9]{4}|[0-9]{6}(?P=rare)[0-9]{5})(?![_/:][0-9:])"
)
# it begins with a digit, which is searched for fast, and looks behind that digit
_NUMBER = re.compile(
    rb"[0-9](?:(?<![0-9][0-9])|(?<=%[0-9A-Fa-f][0-9A-Fa-f][0-9])"
    rb"|(?<=\\u[0-9A-Fa-f][0-9A-Fa-f][0-9A-Fa-f][0-9A-Fa-f][0-9]))(?<![0-9]\.[0-9])(?:[0-9]{12,18}"
    rb"|[0-9]{3}(?P<sep>" + _SEPARATOR + rb")(?:[0-9]{4}(?P=sep)[0-9]{4}(?P=sep)[0-9]{1,4}"
    rb"(?P<tail>(?P=sep)[0-9]{1,3})?|[0-9]{6}(?P=sep)[0-9]{4,5})|[0-9]{3}" + _RARE + rb")(?![0-9])"
)

_ANY_SEPARATOR = _SEPARATOR.decode("latin-1").lower()
_ANY_SIGN = b"|".join(map(re.escape, _SIGNS)).decode("latin-1").lower()
DIGITS = (
    rf"[0-9]{{13}}|(?:[0-9]{{4}}(?:{_ANY_SEPARATOR})){{2}}[0-9]{{4}}"
    rf"|[0-9]{{4}}(?:{_ANY_SEPARATOR})[0-9]{{6}}(?:{_ANY_SEPARATOR})"
    r"|(?:[0-9]{4}[_/:]){3}[0-9]{4}|[0-9]{4}[_/:][0-9]{6}[_/:][0-9]{5}"
)
"""For the sieve, which sees lower case: what every card number begins with, and much else."""
PARTED_DIGITS = rf"[0-9]{{4}}(?:[ .\-+\xc2]|%20|{_ANY_SIGN}){{1,6}}[0-9]{{4}}"
"""The same of those that signs part."""

_LIKELY = bytes(
    ord("0") if (chr(byte).isdigit() and byte < 0x80) or byte in b" .-+%_/:" else 32
    for byte in range(256)
)
_NO_DIGITS = bytes(byte for byte in range(256) if byte not in b"0123456789")
_HEX_RUN = re.compile(rb"[0-9A-Fa-f]{24,64}+")
_HEX_LITERAL = re.compile(rb"(?:0[xX])?[0-9A-Fa-f]++")
_HEX_WORD = re.compile(rb"(?=[A-Fa-f]*+[0-9])[0-9A-Fa-f]++")
_WORD = re.compile(rb"[0-9A-Za-z]++")
_ESCAPE = re.compile(rb"\\{1,8}+[nrtbf]")
_LONGEST_WORD = 32
_AROUND = 96
_FEWEST = 13
_RUN = b"0" * _FEWEST
_REACH = 160
"""More bytes than a card number in groups takes."""
_RUN_END = re.compile(rb"0++")
_QUOTE_BEFORE_COLON = re.compile(rb"(\\{0,8}\")[ \t]{0,8}:$")

# (first digits from, to, lengths); overlapping ranges are fine, one that fits is enough
_ISSUERS: tuple[tuple[int, int, range], ...] = (
    (4, 4, range(13, 20, 3)),  # Visa
    (51, 55, range(16, 17)),  # Mastercard
    (2221, 2720, range(16, 17)),
    (34, 34, range(15, 16)),  # American Express
    (37, 37, range(15, 16)),
    (300, 305, range(14, 20)),  # Diners Club
    (3095, 3095, range(14, 20)),
    (36, 36, range(14, 20)),
    (38, 39, range(14, 20)),
    (6011, 6011, range(16, 20)),  # Discover
    (644, 659, range(16, 20)),
    (622126, 622925, range(16, 20)),
    (3528, 3589, range(16, 20)),  # JCB
    (62, 62, range(16, 20)),  # UnionPay
    (81, 81, range(16, 20)),
    (2200, 2205, range(16, 20)),  # Mir
    (50, 50, range(13, 20)),  # Maestro and national schemes
    (56, 58, range(13, 20)),
    (60, 60, range(16, 17)),  # RuPay
    (6304, 6304, range(13, 20)),
    (67, 67, range(13, 20)),
    (9792, 9792, range(16, 17)),  # Troy
)


def luhn(digits: bytes) -> bool:
    """Whether the last digit is the check digit of those before it."""
    total = 0
    for index, byte in enumerate(reversed(digits)):
        value = byte - 48
        if index % 2:
            value = value * 2 - 9 if value > 4 else value * 2
        total += value
    return total % 10 == 0


def is_card(digits: bytes) -> bool:
    """Whether digits alone can be the number of a payment card."""
    for low, high, lengths in _ISSUERS:
        if len(digits) in lengths and low <= int(digits[: len(str(low))]) <= high:
            return luhn(digits)
    return False


def show(digits: bytes) -> bytes:
    """First six and last four digits, the others as stars."""
    return digits[:6] + b"*" * (len(digits) - 10) + digits[-4:]


def digits_of(text: bytes) -> bytes:
    """Only the digits of a text."""
    return text.translate(None, _NO_DIGITS)


def find_cards(
    data: bytes, start: int, limit: int, *, parted: bool = True
) -> Iterator[SecretMatch]:
    """Card numbers that begin in `start` to `limit`, in groups or not; a bare JSON number becomes a string.

    `parted`: signs may part groups of digits; each sign is looked for then.
    """
    likely = data.translate(_LIKELY)
    at = likely.find(_RUN, max(0, start - 1))
    while 0 <= at < limit:
        run = _RUN_END.match(likely, at)
        end = run.end() if run else at + len(_RUN)
        # dates and times make such runs too, with fewer digits than any card has
        if len(digits_of(data[at:end])) >= _FEWEST:
            yield from _in_run(data, max(at, start), min(end + 1, len(data)), limit)
        at = likely.find(_RUN, end)
    for sign in _SIGNS:
        if parted and sign[:1] in data:
            yield from _parted(data, sign, start, limit)


def _parted(data: bytes, sign: bytes, start: int, limit: int) -> Iterator[SecretMatch]:
    """Card numbers in groups with a sign between them that is none of those which stand for many things."""
    at = data.find(sign, start)
    while 0 <= at < limit + _REACH:
        begin = _group_before(data, at)
        if start <= begin < limit:
            yield from _in_run(data, begin, min(len(data), begin + _REACH), begin + 1)
        at = data.find(sign, at + len(sign))


def _group_before(data: bytes, at: int) -> int:
    """Where four digits begin that stand before a sign, or before a few plain ones and the sign; else -1."""
    for _ in range(3):
        if data[at - 1 : at] in (b" ", b".", b"-", b"+", b"\xc2"):
            at -= 1
        elif data[at - 3 : at] == b"%20":
            at -= 3
    return at - 4 if at >= 4 and data[at - 4 : at].isdigit() else -1


def _in_run(data: bytes, at: int, end: int, limit: int) -> Iterator[SecretMatch]:
    while found := _NUMBER.search(data, at, end):
        if found.start() >= limit:
            return
        at = found.start() + 1
        stop, number = found.end(), _digits_without_separators(found)
        if found["tail"] and not is_card(number):
            # a number that stands behind the card's, not its last group
            stop = found.start("tail")
            number = number[: len(found["sep"]) - len(found["tail"])]
        if is_card(number) and not _is_hexadecimal(data, found.start(), stop):
            yield _shown(data, found.start(), stop, number)
            at = stop


def _digits_without_separators(found: re.Match[bytes]) -> bytes:
    separator = found["sep"] or found["rare"]
    return found[0].replace(separator, b"") if separator else found[0]


def _is_hexadecimal(data: bytes, start: int, end: int) -> bool:
    """Whether the digits are a hexadecimal number, or part of one, that has no letter in it by chance.

    They are when they stand in a longer one (a checksum, an id), and when all their neighbours are hexadecimal words of
    their own length (a dump, a list of ids).
    """
    word_start, word_end = start, end
    while word_start > max(0, start - _LONGEST_WORD) and _is_letter_or_digit(data[word_start - 1]):
        word_start -= 1
    while word_end < min(len(data), end + _LONGEST_WORD) and _is_letter_or_digit(data[word_end]):
        word_end += 1
    word = data[word_start:word_end]
    escaped = data[max(0, word_start - 1) : word_start] in (b"%", b"\\")
    if word_end - word_start > end - start and not escaped and _HEX_LITERAL.fullmatch(word):
        return True
    return _in_digest(data, start, end) or _among_hexadecimal(data, start, end)


def _is_letter_or_digit(byte: int) -> bool:
    return byte < 0x80 and chr(byte).isalnum()


def _in_digest(data: bytes, start: int, end: int) -> bool:
    return any(
        found.start() < end and found.end() > start and (found.start() < start or found.end() > end)
        for found in _HEX_RUN.finditer(data, max(0, start - 24), end + 24)
    )


def _among_hexadecimal(data: bytes, start: int, end: int) -> bool:
    """Whether two words or more around are as long as each group of the digits, and hexadecimal with letters in them."""
    groups = _WORD.findall(data, start, end)
    length = len(groups[0])
    if any(len(group) != length for group in groups):
        return False
    before = _words(data[max(0, start - _AROUND) : start])[-3:]
    after = _words(data[end : end + _AROUND])[:3]
    # a word may be cut by the text's end, or by ours
    if before and len(before[0]) < length:
        del before[0]
    if after and len(after[-1]) < length:
        del after[-1]
    around = before + after
    telling = [word for word in around if not word.isdigit()]
    return len(telling) >= 2 and all(
        len(word) == length and _HEX_WORD.fullmatch(word) for word in around
    )


def _words(text: bytes) -> list[bytes]:
    found: list[bytes] = _WORD.findall(_ESCAPE.sub(b" ", text))
    return found


def _shown(data: bytes, start: int, end: int, number: bytes) -> SecretMatch:
    text = show(number)
    before = data[max(0, start - 40) : start].rstrip(b" \t\r\n")
    after = data[end : end + 40].lstrip(b" \t\r\n")
    if before.endswith((b":", b",", b"[")) and (not after or after.startswith((b",", b"}", b"]"))):
        quote = _QUOTE_BEFORE_COLON.search(before)
        mark = quote[1] if quote else b'"'
        text = mark + text + mark
    return SecretMatch(start, end, text, MaskReason.CARD, "card")
