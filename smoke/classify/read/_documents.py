"""Answers that are documents: descriptions of APIs, feeds, programs, manuals, letters, logs.

They hold the words of errors, and none happened. Only a successful answer is looked at.
"""

from __future__ import annotations

import re

from smoke.classify._words import words
from smoke.classify.read import _failing
from smoke.classify.text.view import View

_DESCRIBES = re.compile(
    r"\ufeff?\s{0,200}(?:\{\s{0,200}\"(?:openapi|swagger|asyncapi|\$schema)\"|\{\s{0,200}\"(?:kind|apiVersion)\"\s{0,9}:\s{0,9}\"[^\"]{1,80}\"\s{0,9},\s{0,9}\"(?:kind|apiVersion|items|metadata)\"|(?:openapi|swagger|asyncapi):\s|(?:---\s{1,9})?(?:openapi|swagger): )"
)
_COLLECTION = re.compile(
    r'\s{0,200}\{[^{}]{0,200}\{[^{}]{0,900}"schema"\s{0,9}:\s{0,9}"[^"]{0,80}schema\.getpostman\.com'
)
"""A collection of requests with examples of what they were answered."""
_FEED = re.compile(
    r"\ufeff?\s{0,200}(?:<\?xml[^>]{0,200}>\s{0,200})?(?:<!DOCTYPE [^>\[]{0,300}>\s{0,200})?<(?:(?:rss|feed|rdf:RDF|opml|xliff|resources|book|article|chapter|refentry"
    r"|(?:wsdl:)?definitions|urlset|log|testsuites?|TestRun|TS|TEI|svg)[\s>]|root>\s{0,200}<data name=)"
)
_WRITTEN = words(
    "text/markdown text/x-markdown text/x-rst text/asciidoc text/x-asciidoc text/x-wiki text/x-org text/csv text/tab-separated-values text/vtt"
    " text/calendar text/yaml application/yaml application/x-yaml application/mbox message/rfc822 application/sql application/toml"
    " application/x-gettext text/x-gettext-translation application/xliff+xml application/rss+xml application/atom+xml image/svg+xml text/css"
)
"""What a document or data of a person's is sent as; no failure of a request is told in it with a status of success."""
_HEAD_OF_TEXT = re.compile(
    r"\ufeff?\s{0,200}(?:\"{3}\n|[$%] [a-z][\w./-]{0,40} |= [^\n]{1,200}\n[:\n]|[Uu]sage: |=== RUN |v?\d{1,4}\.\d{1,4}(?:\.\d{1,4})?[ \t]\(?\d{4}-|#{1,3} [^\n]{1,200}\n\s{0,20}\n|[^\n]{3,120}\n(?:={4,120}|-{4,120})\n|BEGIN:VCALENDAR|TAP version \d|(?:not )?ok \d{1,6} |From \S{3,80} \w{3} \w{3} "
    r"|(?:(?:Subject|From|To|Date|Message-ID|Return-Path|Received): [^\n]{0,300}\n){2}|WEBVTT|\d{1,4}\n\d\d:\d\d:\d\d[,.]\d{3} --> |diff --git |Index: \S|PLAY \[|msgid |\*{1,2} [^\n]{1,200}\n(?:[^\n]{0,200}\n){0,6}?#\+BEGIN_)"
)
_TITLE_LINE = re.compile(r"(?:\A|\n[ \t]*\n)[A-Z][A-Z ,()0-9-]{3,60}\n")
_CHAT_LINE = re.compile(r"(?m)^(?:\[?\d{1,2}:\d\d(?::\d\d)?\]? )?<[\w .-]{1,30}> \S")
_CODE_LINE = re.compile(
    r"(?m)^[ \t|*-]{0,12}([0-9][0-9A-Z]{4}|P0[0-9]{3}|XX[0-9]{3})[ \t]{0,9}(?:[|:\t-]|[ ]{2})[ \t]{0,9}\S"
)
"""`23505  duplicate key …`: with others like it a row of a table."""
_TABLE = re.compile(
    r"\ufeff?\"?[A-Za-z_][\w ]{0,30}\"?(?P<mark>[,;\t|])\"?[A-Za-z_][\w ]{0,30}\"?(?:(?P=mark)\"?[A-Za-z_][\w ]{0,30}\"?){0,30}\r?\n[^\n]{0,2000}(?P=mark)"
)
"""A line of names of columns, and below it a line with the same mark between values."""
_TALLY = re.compile(
    r"(?m)^[ \t=]{0,80}(?:Tests:[ \t]{1,8})?\d{1,6} (?:failed|passed|passing|failing)\b"
)
"""What a run of tests ends with."""
_TIMED_LINE = re.compile(
    r"(?m)^[ \t]{0,8}(?:[\w.-]{1,40}[ \t]{1,3}\|[ \t]{1,3})?\[?(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\S{0,20}|\w{3} {1,2}\d{1,2} \d\d:\d\d:\d\d|\d\d:\d\d:\d\d(?:[.,]\d{1,6})?)(?![^\s\]])"
)
"""What each line of a log begins with; one error is told at one time."""
_SENTENCE_LINE = re.compile(
    r"[ \t]{0,8}[^\W\d_a-z][^\W\d_]{0,20},? (?:\w[\w'’-]{0,30}[,;:]? ){4,200}\w[\w'’-]{0,30}[.!?]"
)
_BUNDLE_LINE = re.compile(
    r"""(?m)^[ \t]{0,8}"?[A-Za-z]\w{0,60}(?:[.-][\w-]{1,60}){1,6}"?[ \t]{0,4}=[ \t]{0,4}\S"""
)
_TEXT_LOOKED_AT = 20_000
_PROGRAM = re.compile(
    r"\s{0,200}(?:export |import |const |let |var |function |async |class |if ?\(|!function|\(?\(\)|\"use strict\"|'use strict'|window\.|self\.|/\*|//)"
)


_SOURCE_LINE = re.compile(
    r"(?m)^[ \t]{0,40}(?:func|def|class|import|from|package|return|if|elif|else|for|while|const|let|var|public|private|protected|static|use|using|namespace|require|fn|pub|impl|try|except|catch|switch|case|type|struct|interface|end|module|raise|throw|async|export|assert|test|it|describe)\b[^\n]{0,300}(?:[{}();:,\]]|end|[\"'`])[ \t]{0,4}$"
)
_SOURCE_LINES = 6
"""So many lines of a text that are those of a program make it one."""


def is_document(view: View) -> bool:
    """Whether the answer describes an API, is a feed, a program, or a text that somebody wrote."""
    head = view.text[:1000]
    media_type = view.media_type.lower()
    if media_type.partition(";")[0].strip() in _WRITTEN or _COLLECTION.match(view.text[:2000]):
        return True
    if _DESCRIBES.match(head) or _FEED.match(head):
        return True
    if "javascript" in media_type:
        return _PROGRAM.match(head) is not None
    return _is_written(view.text[:_TEXT_LOOKED_AT], media_type)


def _is_written(text: str, media_type: str) -> bool:
    """Whether a plain text is a manual, a letter, a conversation, a log, a table of codes or a bundle of translations."""
    if not media_type.startswith("text/plain"):
        return False
    return (
        _HEAD_OF_TEXT.match(text) is not None
        or _TABLE.match(text) is not None
        or _TALLY.search(text) is not None
        or len(_TITLE_LINE.findall(text)) > 1
        or len(_CHAT_LINE.findall(text)) > 1
        or len(_BUNDLE_LINE.findall(text)) > 1
        or len(_CODE_LINE.findall(text)) > 1
        or len(set(_TIMED_LINE.findall(text))) > 2
        or len(_SOURCE_LINE.findall(text)) >= _SOURCE_LINES
        or _is_prose(text)
    )


def _is_prose(text: str) -> bool:
    """Whether several of its lines are whole sentences that tell of no failure."""
    told = (line for line in text.splitlines() if _SENTENCE_LINE.match(line))
    return sum(not _failing.says(line) for line in told) > 2
