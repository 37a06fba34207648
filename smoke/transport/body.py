"""A body as it comes: decoded within bounds, in memory while small, streamed to the run folder beyond."""

from __future__ import annotations

from smoke.engine.ports import SpillFactory
from smoke.model.exchange import Completeness, ErrorKind, RawBody
from smoke.transport.deadline import Deadline
from smoke.transport.decode import MAX_CODINGS, Chain, unknown_coding
from smoke.transport.decoder import BombError, DecodeError
from smoke.transport.fault import Fault
from smoke.transport.kept import Kept

WIRE_LIMIT = 16 * 1024 * 1024
"""Undecoded bytes that are held in memory for the case that decoding fails."""
_TEXT_LOOK = 1024


class BodySink:
    """Takes the bytes of one body from the wire. `max_body` bounds what is kept (0: no bound)."""

    def __init__(
        self,
        codings: tuple[str, ...],
        *,
        spill: SpillFactory,
        max_body: int,
        deadline: Deadline,
        declared_size: int | None,
        content_encoding: str,
    ) -> None:
        self._kept = Kept(spill)
        self._max_body = max_body
        self._deadline = deadline
        self._declared_size = declared_size
        self._content_encoding = content_encoding
        self._wire = bytearray()
        self._wire_size = 0
        self._damage = ""
        self._damage_kind: ErrorKind | None = None
        self._as_came = True
        self._chain: Chain | None = None
        unknown = unknown_coding(codings)
        if unknown is not None:
            self._damage = f"the content coding '{unknown[:40]}' is not known here: the bytes are kept as they came"
        elif len(codings) > MAX_CODINGS:
            self._damage = f"{len(codings)} content codings on top of each other: more than {MAX_CODINGS} are not undone"
            self._damage_kind = ErrorKind.BAD_ENCODING
        elif codings:
            self._chain = Chain(codings)
            self._as_came = False

    def feed(self, data: bytes) -> None:
        """Keep the next bytes of the body. Raises Fault when the body is larger than the limit."""
        room = self._room(self._wire_size)
        over = room is not None and len(data) > room
        data = data[:room] if over else data
        self._wire_size += len(data)
        if self._as_came:
            self._kept.add(data)
        else:
            self._wire += data[: WIRE_LIMIT - len(self._wire)]
            self._decode(data)
        if over:
            raise self._too_large()

    def _decode(self, data: bytes) -> None:
        if self._chain is None:
            return
        try:
            for piece in self._chain.feed(data):
                self._deadline.left()
                room = self._room(self._kept.size)
                if room is not None and len(piece) > room:
                    self._kept.add(piece[:room])
                    raise self._too_large()
                self._kept.add(piece)
        except DecodeError as error:
            self._stop(error)

    def _stop(self, error: DecodeError) -> None:
        """Note the damage. Bytes that were never coded as they claim are shown as they came."""
        self._chain = None
        self._damage = str(error)
        bomb = isinstance(error, BombError)
        self._damage_kind = ErrorKind.TOO_LARGE if bomb else ErrorKind.BAD_ENCODING
        if bomb or self._wire_size > WIRE_LIMIT or self._kept.spilled:
            return
        if not self._kept.size or _is_text(self._wire):
            self._as_came = True
            self._kept.replace(bytes(self._wire))
            self._wire.clear()

    def _room(self, used: int) -> int | None:
        return self._max_body - used if self._max_body else None

    def _too_large(self) -> Fault:
        return Fault(
            ErrorKind.TOO_LARGE,
            f"the body is larger than the limit of {self._max_body} bytes; what came so far is kept",
        )

    def finish(self, completeness: Completeness) -> tuple[RawBody, Fault | None]:
        """The body, and the fault that its content coding is, if it is one."""
        ended = completeness in (Completeness.COMPLETE, Completeness.UNPROVEN)
        if self._chain is not None and self._wire_size:
            try:
                self._chain.finish()
            except DecodeError as error:
                self._stop(error)
        self._chain = None
        wire = bytes(self._wire) if self._damage and not self._as_came else None
        damage = self._damage
        if wire is not None and self._wire_size > len(wire):
            damage += f"; the first {len(wire)} of {self._wire_size} undecoded bytes are kept"
        fault = None
        if self._damage_kind is not None and ended:
            fault = Fault(self._damage_kind, f"the body cannot be decoded: {damage}")
        if self._damage_kind is ErrorKind.TOO_LARGE and ended:
            completeness = Completeness.TOO_LARGE
        window, stored, redactions, count = self._kept.finish()
        if self._kept.problem:
            fault = Fault(ErrorKind.NOT_KEPT, self._kept.problem)
        body = RawBody(
            window=window,
            stored=stored,
            redactions=redactions,
            redaction_count=count,
            wire=wire,
            wire_size=self._wire_size,
            declared_size=self._declared_size,
            content_encoding=self._content_encoding,
            decode_error=damage,
            decoded=not (self._as_came and self._damage),
            completeness=completeness,
        )
        return body, fault


def _is_text(wire: bytearray) -> bool:
    """Whether bytes begin as text: no coding does, but bare deflate makes some garbage of any bytes."""
    start = wire[:_TEXT_LOOK].decode("utf-8", "replace").rstrip("\ufffd")
    return "\ufffd" not in start and all(
        character.isprintable() or character in "\r\n\t" for character in start
    )
