"""What speaks for a page's own failure at a place of it, and what for a text about others: small questions, each with one answer."""

from __future__ import annotations

import re

from smoke.classify._words import words
from smoke.classify.read import _failing
from smoke.classify.read._spot import HEADINGS, Spot
from smoke.classify.text import layout, regions

_NEAR = 3
_ROWS = words("tr li dt dd")
_LISTED = words("div section article a span tr li dt dd tbody p")
_UTILITY = re.compile(
    r"(?:row|col(?:umn)?s?|container|flex|grid|card|section|panel|box|content|wrapper|block|inner|field|group|form|mt|mb|my|mx|ml|mr|pt|pb|py|px|pl|pr|[mp]|text|w|h|bg|border|rounded"
    r"|shadow|space|gap|d|justify|items|font|max|min|s|item)(?:-.*)?"
)
"""Classes that say how a thing looks or where it stands, and not what it is."""
_STAMP = re.compile(
    r"(?i)\b(?:\d{1,2}:\d\d(?::\d\d)?(?:\.\d+)?\b|\d{4}-\d\d-\d\d|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.? \d{1,2}\b|\d{1,2}\.? (?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
    r"|\d[\d.,]{0,9}k?\+? ?(?:events?|times|users|hits|occurrences|ms|seconds?|secs?|minutes?|hours?|days?|weeks?|months?|years?|votes?|answers?|replies|comments|views|upvotes|likes|points|calls|attempts?|retries|failed|passed|skipped)\b"
    r"|ago\b|yesterday\b|(?:first|last) seen|asked\b|answered\b|commented\b|opened (?:by|on)|posted\b|closed\b|resolved\b|redeliver|(?:row|attempt|build|run|job|ticket|issue|case|slide|figure|exercise) #?\d)"
)
_REFERENCE = re.compile(
    r"(?i)\A(?:time|timestamp|date|when|request|reference|ref|trace|correlation|error|incident|support|server)(?: (?:id|code|number|time))? ?(?::|#| ).{0,60}\Z"
)
"""What an error's own page tells its reader to tell the support: `Time: …`."""
_TOPIC = re.compile(
    r"(?i)(?<![^\W_])(?:logs?|log-?(?:viewer|search|book)|bugs?|features?|tasks?|defects?|redmine|jira|trackers?|overflow|github|gitlab|sentry|rollbar|bugsnag|honeybadger|airbrake|datadog|grafana|kibana|graylog|splunk|jenkins|npm|pypi|crates|class|methods?|functions?|packages?|discussions?|monitor\w*|dashboards?|jobs?|queues?|workers?|builds?|deploys?|deployments?|pipelines?|tests?|reports?|results|issues?|tickets?|questions?|answers?|q&a|ask|forums?|threads?|chat"
    r"|conversations?|search|manual|reference|docs?|documentation|api|sdk|cli|changelog|what.?s new|status|audit|diagnostics|health|events?|alerts?|rules?|codes?|errors|messages|failures|exceptions|violations?|imports?|exports?|deliveries"
    r"|webhooks?|playground|slides|glossary|terms|course|module|lesson|exercise|chapter|appendix|newsletter|weekly|archive|review|compar\w+|re:|how|why|when|what|statements?|quer(?:y|ies)|history|activity|timeline|incidents?|releases?|commits?|pull request"
    r"|blog|wiki|articles?|notes?|story|stories|assistant|guide|tutorial|faq|texts|strings|translations?|templates?|examples?|samples?|handbook|runbook|post-?mortem|retrospective|knowledge|tips?|cheat ?sheet|sql|postgres\w*|databases?(?! error)|constraints?"
    r"|sequences?|migrat\w+|import|insert|upsert|python|django|rails|php|java|node|go|rust|snippets?|paste|gist|lexikon|handbuch|anleitung|fehlercodes?|fehlermeldungen|fragen|hilfe|aide|guide|ayuda|manuel|journal|protokoll\w*)(?![^\W_])"
)
"""What a title or a heading is about that does not tell of a failure of this request."""
_SHOP = re.compile(
    r"(?i)(?<![^\W_])(?:checkout|orders?|cart|basket|bag|payments?|pay|purchase|booking|reservation|account|register|registration|sign ?(?:up|in)|log ?in|shipping|subscription|subscribe|kasse|bestell\w+|warenkorb|zahlung|konto|commande|panier|paiement|compte"
    r"|pedido|carrito|pago|compra|cuenta|carrinho|pagamento|ordine|carrello|bestelling|winkelwagen|afrekenen|betaling|zamówienie|koszyk|заказ\w*|корзина|оплата)(?![^\W_])"
)
_OWN = re.compile(
    r"(?i)(?<![^\W_])(?:sorry|oops|whoops|apologi[sz]e|we (?:could|couldn.?t|were|are|can|cannot|can.?t|have|had|did)|(?:your|this|the) (?:\w{1,20} ){0,2}(?:orders?|payments?|carts?|baskets?|purchases?|requests?|bookings?|cards?|account|registration|subscription|checkout)"
    r"|please try|try again|could not be|was not|were not|has not been|leider|ihre?|ihr|konnten?|désolée?s?|votre|n.a pas pu|impossible|lo sentimos|su pedido|no se pudo|spiacenti|tuo|helaas|uw|desculpe|seu pedido|niestety|извините)(?![^\W_])"
)
"""How a shop speaks to its customer."""
_NARRATED = re.compile(
    r"(?i)(?<![^\W_])(?:if|whenever|when|unless|without|may|might|would|will|usually|often|sometimes|always|every|each|for example|e\.g\.|such as|i|i.m|i.ve|my|he|she|they|their|her|his|somebody|someone|reader|readers|says|said|wrote|tells|told|reports?|reported|fails|ends|stops|gives|raises|throws"
    r"|returns|shows|prints|before this|before the|after this|after the|output|actual|expected|symptoms?|example|log|logs|je|j.ai|ich|mein|wenn|falls|meldet|schlägt|si|cuando|quando)(?![^\W_])"
)
"""How somebody writes of what happens, or happened elsewhere."""
_LABELS = re.compile(
    r"(?i)(?:(?:error|primary|full|last|log|raw|sample) )?(?:message|text|example|description|severity|cause|output|response(?: body)?|body|actual|expected|reason|details?|summary|title|name|value|symptoms?|error|errors|level|meaning|says|note|content|quote|print|engraving|comment|query|title|exception)s?:?"
)
_ANNOUNCED = re.compile(r".{1,150}?(?: ?[:.!–-]{1,2}(?!\S)|[：。])")
"""The words before a message's mark: `Could not save your order: `."""
_SEVERITY = re.compile(r"\b(?:ERROR|FATAL|PANIC):(?!\S)")
_QUERY = re.compile(
    r"(?i)(?:query|execute|prepare|sql|db|database|connection|statement)\w{0,12}\(?\)? ?(?:failed|error|problem|in query)?\b[^\n]{0,80}:(?!\S)"
)
_OF_PROGRAM = re.compile(r"(?:#|//|/\*|\*|--|;|>|\$)")
"""A line of a program's remark, or of a session, begins so."""
_ENGLISH = re.compile(
    r"(?i)\b(?:error|exception|fail\w*|fatal|problem|cannot|unable|rejected|aborted|wrong)\b"
)
_STATED = re.compile(
    r"(?i)\b(?:failed|went wrong|go wrong|could(?: not|n.t)|cannot|can.?t|unable|(?:was|were|is|has|have|had)(?: not|n.t)? \w+ed|occurr?ed|happened|encountered|oops|whoops|sorry|uh.?oh|there (?:is|was|were)|rejected|not placed|error (?:while|when|during|in|processing|placing|saving))\b"
)
"""A heading that says that something failed, not what a page is about (`Error budget`)."""
_NAMED = re.compile(
    r"(?i)\W{0,4}(?:(?:an?|the|database|db|server|internal|application|system|fatal|unexpected|unknown|order|payment|checkout|sql|query|critical|unhandled|http|cart|validation|\d{3}) ){0,3}(?:errors?|exception|failure|problem)(?: \d{3})?\W{0,4}"
)
_A_CLASS = re.compile(r"\w(?:Error|Exception|Violation|NotUnique)\b")
_CLASS_ALONE = re.compile(r"[\w.:\\]{1,120}\w(?:Error|Exception|Violation|NotUnique): ?")
_SHORT = 8
_WARNING = re.compile(
    r"<b>(?:Warning|Fatal error|Notice|Parse error|Recoverable fatal error|Deprecated)</b>: {1,3}[^<>\n]{0,300}"
)
"""How PHP writes an error into the page."""
_RED = re.compile(
    r"(?i)\bcolou?r\s{0,3}[:=]\s{0,3}[\"']?(?:red|crimson|darkred|firebrick|maroon|#(?:[a-f][0-9a-f](?:[0-6][0-9a-f]){2}|[a-f][0-6][0-6])\b|rgb\(2\d\d, ?\d{1,2}, ?\d{1,2}\))|\btext-(?:red|danger|error)(?:-\d{3})?\b|\bhas-text-danger|\bred-text\b"
)
_PLACE = re.compile(
    r"(?i)\bid\s{0,3}=\s{0,3}[\"']?[\w-]{0,30}?(?:results?|response|output|status|msg|reply|outcome|feedback)[\w-]{0,20}"
)
"""The place into which a checkout writes what became of it."""
_END = re.compile(r"(?i)\s{0,40}</body>\s{0,40}(?:</html>\s{0,40})?\Z")
_CONDITION = re.compile(r"(?:If|Whenever|Unless|Should|Wenn|Falls|Si|Se) [^.!?]{3,300}[^.!?]\Z")
_QUESTION = re.compile(r"\?\s{0,3}\Z")
_QUESTIONS = re.compile(r"[^.?!]{0,400}\?")
_SENTENCE = re.compile(r"(?:\S{1,30} ){7,400}\S{1,30}[.!?:]?\Z")
_WORDS = re.compile(r"\w+")


def _fails(text: str) -> bool:
    return _failing.says(_QUESTIONS.sub("", text))


def at_edge(spot: Spot) -> bool:
    """Whether it stands before the page, behind it, or where the page breaks off."""
    if spot.page.is_outside(spot.place):
        return True
    if spot.page.first_tag >= 0 and spot.page.last_closed < 0:
        return spot.layout.breaks_off(spot.index)  # many whole pages do not close their body
    # the last thing in the body, in no element of its own
    owner = spot.layout.elements[spot.block.element].name
    return owner in {"body", "html", ""} and _END.match(spot.page.text, spot.block.end) is not None


def by_php(spot: Spot) -> bool:
    return (
        _WARNING.search(spot.page.text, max(spot.block.start, spot.place - 600), spot.place)
        is not None
    )


def in_red(spot: Spot) -> bool:
    return any(_RED.search(element.attributes) for element in spot.chain[:3])


def in_place(spot: Spot) -> bool:
    """Whether the element around it is the one for what became of the request."""
    return any(_PLACE.search(element.attributes) for element in spot.chain[:2])


def prefixed(spot: Spot) -> bool:
    """Whether its line says before it that something failed: `Error: …`, `Order failed: …`."""
    prefix = spot.prefix[:160]
    if not prefix or _OF_PROGRAM.match(prefix) or _STAMP.search(prefix) or _SEVERITY.match(prefix):
        return False
    said = _ANNOUNCED.match(prefix)
    if said is not None and _CLASS_ALONE.fullmatch(said[0]) is not None:
        return False  # so do programs of other people begin
    return (said is not None and _fails(said[0])) or _QUERY.search(prefix) is not None


def severe(spot: Spot) -> bool:
    return _SEVERITY.search(spot.prefix) is not None


def of_error(spot: Spot) -> bool:
    """Whether the page's title says that something failed, and nothing else."""
    title = spot.title
    return _fails(title) and not _TOPIC.search(title) and not _A_CLASS.search(title)


def led(spot: Spot) -> bool:
    """Whether the block before says that something failed."""
    return any(
        _fails(spot.text(-distance)) and not spot.is_heading(-distance) for distance in (1, 2)
    )


def spoken(spot: Spot) -> bool:
    """Whether the shop speaks to its customer of a failure right before."""
    said = [spot.prefix, spot.text(-1), spot.text(-2)]
    return any(_fails(text) and _OWN.search(text) is not None for text in said)


def headed(spot: Spot) -> bool:
    """Whether the nearest heading says that something failed."""
    distance, heading = spot.title_above
    if distance > _NEAR or not _fails(heading):
        return False
    if _TOPIC.search(heading) or _A_CLASS.search(heading):
        return False
    english = _ENGLISH.search(heading) is not None
    return (
        not english or _STATED.search(heading) is not None or _NAMED.fullmatch(heading) is not None
    )


def of_shop(spot: Spot) -> bool:
    """Whether title and headings are those of a checkout."""
    named = [spot.title, *(text for _, text in spot.headings[:3])]
    return any(_SHOP.search(text) for text in named) and not any(map(_TOPIC.search, named))


def of_topic(spot: Spot) -> bool:
    return any(map(_TOPIC.search, (spot.title, *(text for _, text in spot.headings[:4]))))


def narrated(spot: Spot) -> bool:
    """Whether the words before it are somebody's who writes of it."""
    lead = spot.lead
    said = " ".join(filter(None, (spot.text(-1) if spot.prefix else "", lead)))
    if _NARRATED.search(said) is not None and not _OWN.search(said):
        return True
    return bool(not spot.prefix and lead.endswith(":") and not _OWN.search(lead))


def titled(spot: Spot) -> bool:
    """Whether the page's title is the error itself: a page about it."""
    begins = " ".join(spot.rest.split()[:3])
    return _A_CLASS.search(spot.title) is not None or (
        len(begins) > _SHORT and begins in spot.title
    )


def conditional(spot: Spot) -> bool:
    """Whether a condition is begun before it: `If the import stops with`."""
    return _CONDITION.match(spot.lead) is not None


def continued(spot: Spot) -> bool:
    """Whether the block behind goes on with a sentence."""
    behind = spot.text(1)
    return behind[:1].islower() and len(_WORDS.findall(behind)) > 2


def asked(spot: Spot) -> bool:
    return any(_QUESTION.search(spot.text(distance)) for distance in (-3, -2, -1, 1, 2))


def prose(spot: Spot) -> bool:
    """Whether sentences that are not the shop's to its customer stand around."""
    around = [spot.text(distance) for distance in (-2, -1, 1, 2)]
    return not continued(spot) and any(
        _SENTENCE.search(text) and not _OWN.search(text) for text in around
    )


def listed(spot: Spot) -> bool:
    """Whether an element around it is one of several alike."""
    numbers = spot.layout.around(spot.place)
    return any(_is_one_of_many(spot.layout, number) for number in numbers)


def _is_one_of_many(page: layout.Blocks, number: int) -> bool:
    element = page.elements[number]
    if element.name not in _LISTED:
        return False
    children = page.elements[element.parent].children
    position = children.index(number)
    near = [
        page.elements[each]
        for each in children[max(0, position - 4) : position + 5]
        if each != number
    ]
    alike = sum(_alike(page, element, each) for each in near)
    least = 1 if element.name in _ROWS or len(element.children) > 1 else 2
    return alike >= least


def _alike(page: layout.Blocks, one: layout.Element, other: layout.Element) -> bool:
    """Whether two neighbours are things of one kind: rows, cards, bubbles."""
    if one.name != other.name:
        return False
    shape, other_shape = _shape(page, one), _shape(page, other)
    if one.name == "tr":
        return len(shape) > 1 and len(shape) == len(other_shape)
    if one.name in _ROWS:
        return True
    shared = {
        each
        for each in one.classes & other.classes
        if _UTILITY.fullmatch(each) is None and not regions.names_error("p", f" class={each}")
    }
    if one.name == "p":
        return bool(shared)
    if shared:
        return True
    if any(name in HEADINGS for name in shape):
        return False  # the sections of any page begin so
    return len(shape) > 1 and shape == other_shape and one.classes == other.classes


def _shape(page: layout.Blocks, element: layout.Element) -> tuple[str, ...]:
    return tuple(page.elements[child].name for child in element.children[:8])


def paired(spot: Spot) -> bool:
    """Whether it is the value of a label, one of several pairs."""
    before = spot.siblings(-1)
    label = spot.prefix if spot.prefix and not prefixed(spot) and not severe(spot) else before
    if _LABELS.fullmatch(label.strip()) is None:
        return False
    near = [spot.siblings(distance) for distance in (-5, -4, -3, -2, -1, 1, 2)]
    return sum(0 < len(_WORDS.findall(text.partition(":")[0])) <= 4 for text in near) >= 3


def stamped(spot: Spot) -> bool:
    """Whether times, counts or numbers of things stand beside it, as in a log or a list of tickets."""
    near = [
        spot.prefix,
        spot.rest[-200:],
        *(spot.text(distance) for distance in (-3, -2, -1, 1, 2, 3)),
    ]
    return any(len(text) < 200 and _STAMP.search(_REFERENCE.sub("", text)) for text in near)
