"""Whether the words before a place say that something failed there: an answer that did not fail says so where it shows an error of its own."""

from __future__ import annotations

import re

_BEFORE = 400
LINES = 3
_BEHIND = 200
_FAILS = re.compile(
    r"(?<![^\W_])(?:errore?|exception|failed|(?<!serialization )failure|fails|fatal|panic|uncaught|unhandled|could(?: not(?! serialize| obtain lock)|n.?t)|cannot|can.?t|unable|sorry(?!, too many)|oops|whoops|wrong"
    r"|problem|grpc-status|grpc-message|rejected|(?<!transaction is )aborted|fehler\w{0,20}|fehlgeschlagen|konnten?|leider|erreur|échec|échoué|impossible|désolée?s?|fallo|falló|no se pudo|erro|falha|não foi"
    r"|impossibile|ошибка|удалось|błąd|udało|fout|mislukt|fel|misslyckades|hata|virhe|chyba)(?![^\W_])"
    r"|エラー|失敗|错误|失败|錯誤|失敗|오류|실패"
)
"""Of a text in small letters, which is looked through in half the time. The server's own messages (`sorry, too many clients already`) are no
such words: a list of them says nothing."""
_CLASS = re.compile(r"\w(?:Error|Exception|Violation|NotUnique|StatementInvalid)\b|\bSQLSTATE\b")
_SPEAKER = re.compile(r"\s{0,9}[\w.]{1,40}: ")
"""`pq: ` before a message in an answer of one line."""
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]{0,20})[^<>]{0,2000}>")
_INLINE = frozenset(
    {"a", "b", "code", "em", "i", "kbd", "mark", "q", "samp", "small", "span", "strong", "tt", "u"}
)
_WITH_MORE = re.compile(
    r"[^\n]{0,200}(?:\b(?:DETAIL|CONTEXT|QUERY|HINT|SQLSTATE)\b|\n\s{0,20}(?:LINE \d|\[SQL|at \S))"
)


def before(text: str, start: int, count: int = LINES) -> bool:
    """Whether the line before the place, or one of `count` lines up to it, says that something failed; or nothing stands there."""
    stop = max(0, start - _BEFORE)
    lines = [line for line in text[stop:start].splitlines() if line.strip()][-count:]
    return (not lines and stop == 0) or any(map(says, lines))


_SENTENCES = re.compile(r"(?:\S{1,40} ){8,400}\S{1,40}[.!?]\s{0,9}\Z")


def _told_in_prose(text: str, start: int) -> bool:
    """Whether the line before the one of the place is a long sentence that tells of no failure: somebody writes there."""
    stop = text.rfind("\n", 0, start)
    earlier = text[max(0, stop - _BEFORE) : max(0, stop)].rstrip().rpartition("\n")[2]
    return _SENTENCES.search(earlier) is not None and not says(earlier)


_CONDITION = re.compile(
    r"(?:\A|[^\w])(?:If|if|When(?:ever)?|Should) [^\n]{4,200}[^.!?\n]\s{0,40}\Z"
)


def _on_condition(text: str, start: int) -> bool:
    """Whether the line before begins with a condition that the place goes on with: `If the import stops with`."""
    lines = text[max(0, start - _BEFORE) : start].rstrip().splitlines()
    return bool(lines) and _CONDITION.search(lines[-1]) is not None


_BEGUN = re.compile(
    r"(?:\A|\n)[ \t]{0,8}[^\W\d_][\w'’-]{0,30}(?: [\w'’-]{1,30},?){3,200}[,:]?\s{1,40}\Z"
)
_CONTINUED = re.compile(r"[^\n]{0,20}\n\s{0,40}[a-z]{2,12},? [a-z]{1,20}[ ,]")


def _within_sentence(text: str, start: int, end: int) -> bool:
    """Whether a sentence is begun on the line before, tells of no failure, and goes on in the line behind: somebody writes there."""
    line = text.rfind("\n", 0, start) + 1
    begun = _BEGUN.search(text[max(0, line - _BEFORE) : line])
    return begun is not None and not says(begun[0]) and _CONTINUED.match(text, end) is not None


def around(text: str, start: int, end: int, count: int = LINES) -> bool:
    """Whether something says so before the place, or what the server says besides follows it, and nobody writes there."""
    if (
        _told_in_prose(text, start)
        or _within_sentence(text, start, end)
        or _on_condition(text, start)
    ):
        return False
    alone = "\n" not in text.strip() and _SPEAKER.fullmatch(text, 0, start) is not None
    return (
        alone
        or before(text, start, count)
        or _WITH_MORE.match(text[end : end + _BEHIND]) is not None
    )


def before_element(page: str, start: int, count: int = LINES) -> bool:
    """The same of a place in a page with its tags."""
    stop = max(0, start - 2 * _BEFORE)
    if stop:
        stop = max(stop, page.find("<", stop, start))
    shown = "-\n" + _TAG.sub(_shown, page[stop:start])
    return before(shown, len(shown), count)


def _shown(tag: re.Match[str]) -> str:
    return "" if tag[2].lower() in _INLINE else "\n"


def says(line: str) -> bool:
    """Whether a line says that something failed."""
    if _FAILS.search(line.lower()) is not None:
        return True
    return not line.rstrip().endswith("?") and _CLASS.search(line) is not None
