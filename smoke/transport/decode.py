"""Content codings undone piece by piece: bounded output for any input, lists of codings, damage named."""

from __future__ import annotations

from collections.abc import Iterator

from smoke.transport.decoder import BombError, Decoder

MAX_CODINGS = 5
"""RFC 9110 8.4 sets no limit to a list of codings; each costs memory and time, and nobody honest uses as many."""
ACCEPTED = b"gzip, deflate, br, zstd"

_BOMB_FLOOR = 32 * 1024 * 1024
_BOMB_RATIO = 200
_ALIASES = {"x-gzip": "gzip", "identity": "", "none": ""}
_KNOWN = frozenset({"gzip", "deflate", "br", "zstd"})


def parse_codings(values: list[bytes]) -> tuple[str, ...]:
    """The codings of all Content-Encoding headers in the order they were applied, without those that do nothing."""
    words = b",".join(values).decode("latin-1").lower().split(",")
    names = (_ALIASES.get(word.strip(), word.strip()) for word in words)
    return tuple(name for name in names if name)


def unknown_coding(codings: tuple[str, ...]) -> str | None:
    """The first coding that cannot be undone here."""
    return next((name for name in codings if name not in _KNOWN), None)


class Chain:
    """Several codings undone, the one applied last first; bounded by the ratio of output to input in every layer."""

    def __init__(self, codings: tuple[str, ...]) -> None:
        self._decoders = [_decoder(name) for name in reversed(codings)]
        self._given = [0] * len(self._decoders)
        self._fed = 0

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The pieces that `data` completes. Raises DecodeError."""
        self._fed += len(data)
        return self._through(0, data)

    def _through(self, layer: int, data: bytes) -> Iterator[bytes]:
        if layer == len(self._decoders):
            yield data
            return
        for piece in self._decoders[layer].feed(data):
            self._given[layer] += len(piece)
            given = self._given[layer]
            if given > _BOMB_FLOOR and given > _BOMB_RATIO * self._fed:
                raise BombError(
                    f"decompression stopped: {self._fed} bytes had become {given} and there was more to come"
                )
            yield from self._through(layer + 1, piece)

    def finish(self) -> None:
        """The data is over. Raises DecodeError when a layer ended too soon."""
        for decoder in self._decoders:
            decoder.finish()


def _decoder(name: str) -> Decoder:
    # each library is loaded only for a response that needs it
    if name == "br":
        from smoke.transport.unbrotli import Brotli

        return Brotli()
    if name == "zstd":
        from smoke.transport.unzstd import Zstd

        return Zstd()
    from smoke.transport.inflate import Inflate

    return Inflate(name)
