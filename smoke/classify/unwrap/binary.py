"""MessagePack and Protocol Buffers as far as their texts: labelled values, and strings.

Specifications: msgpack/msgpack spec.md; protobuf.dev/programming-guides/encoding.
"""

from __future__ import annotations

from collections.abc import Iterator

_MAX_VALUES = 20_000
Pair = tuple[str, int, int]
"""A key ("" for none), and where the bytes of its text start and end."""


def msgpack(data: bytes) -> list[Pair]:
    """Texts of a MessagePack value with the keys of the maps they stand in; [] when it is none."""
    pairs: list[Pair] = []
    # what is still to read: (entries left, is it a map, the key that waits for its value)
    open_: list[list[object]] = []
    position = 0
    count = 0
    while position < len(data) and count < _MAX_VALUES:
        count += 1
        read = _msgpack_item(data, position)
        if read is None:
            return pairs
        kind, size, start = read
        position = start + (size if kind in {"text", "blob"} else 0)
        key = ""
        if open_:
            top = open_[-1]
            if top[1]:
                if top[2] is None:
                    if kind == "text":
                        top[2] = data[start:position].decode("utf-8", "replace")
                    else:
                        top[2] = ""
                    top[0] = int(str(top[0])) - 1
                    continue
                key, top[2] = str(top[2]), None
            top[0] = int(str(top[0])) - 1
        if kind == "text" and position <= len(data):
            pairs.append((key, start, position))
        elif kind in {"map", "list"} and size:
            open_.append([size * 2 if kind == "map" else size, kind == "map", None])
        while open_ and int(str(open_[-1][0])) <= 0:
            open_.pop()
        if not open_:
            break
    return pairs


_FIXED = {0xC0: 0, 0xC2: 0, 0xC3: 0, 0xCA: 4, 0xCB: 8, 0xCC: 1, 0xCD: 2, 0xCE: 4, 0xCF: 8, 0xD0: 1,
          0xD1: 2, 0xD2: 4, 0xD3: 8, 0xD4: 2, 0xD5: 3, 0xD6: 5, 0xD7: 9, 0xD8: 17}  # fmt: skip
_SIZED = {0xD9: ("text", 1), 0xDA: ("text", 2), 0xDB: ("text", 4), 0xC4: ("blob", 1), 0xC5: ("blob", 2),
          0xC6: ("blob", 4), 0xDC: ("list", 2), 0xDD: ("list", 4), 0xDE: ("map", 2), 0xDF: ("map", 4)}  # fmt: skip


def _msgpack_item(data: bytes, at: int) -> tuple[str, int, int] | None:
    """Kind, size, and where the content starts."""
    lead = data[at]
    if lead <= 0x7F or lead >= 0xE0:
        return "number", 0, at + 1
    if lead <= 0x8F:
        return "map", lead & 15, at + 1
    if lead <= 0x9F:
        return "list", lead & 15, at + 1
    if lead <= 0xBF:
        return "text", lead & 31, at + 1
    if lead in _FIXED:
        return "number", 0, at + 1 + _FIXED[lead]
    if lead in _SIZED:
        kind, width = _SIZED[lead]
        size = int.from_bytes(data[at + 1 : at + 1 + width], "big")
        return kind, size, at + 1 + width
    return None


def protobuf(data: bytes, start: int = 0, end: int | None = None, depth: int = 0) -> Iterator[Pair]:
    """Strings of a message; of an entry of a map (fields 1 and 2, both strings) the first is the second's key."""
    stop = len(data) if end is None else end
    fields = _message(data, start, stop)
    if fields is None or depth > 12:
        return
    texts = [field for field in fields if field[1] >= 0]
    numbers = [number for number, _, _ in texts]
    if numbers == [1, 2] and all(_printable(data[a:b]) for _, a, b in texts):
        yield data[texts[0][1] : texts[0][2]].decode("utf-8", "replace"), texts[1][1], texts[1][2]
        return
    for _, begin, finish in texts:
        payload = data[begin:finish]
        if _printable(payload) and (b" " in payload or _message(data, begin, finish) is None):
            yield "", begin, finish
        else:
            yield from protobuf(data, begin, finish, depth + 1)


def _printable(payload: bytes) -> bool:
    try:
        text = payload.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return bool(text) and all(char >= " " or char in "\r\n\t" for char in text)


def _message(data: bytes, start: int, end: int) -> list[tuple[int, int, int]] | None:
    """(field number, start, end) of each field, -1 for those that are no strings; None when it is no message."""
    fields: list[tuple[int, int, int]] = []
    at = start
    while at < end and len(fields) < _MAX_VALUES:
        tag, at = _varint(data, at, end)
        wire, number = tag & 7, tag >> 3
        if tag < 0 or not 0 < number < 20_000:
            return None
        if wire == 0:
            value, at = _varint(data, at, end)
            if value < 0:
                return None
            fields.append((number, -1, -1))
        elif wire in {1, 5}:
            at += 8 if wire == 1 else 4
            fields.append((number, -1, -1))
        elif wire == 2:
            size, at = _varint(data, at, end)
            if size < 0 or at + size > end:
                return None
            fields.append((number, at, at + size))
            at += size
        else:
            return None
    return fields if fields and at == end else None


def _varint(data: bytes, at: int, end: int) -> tuple[int, int]:
    value = shift = 0
    while at < end and shift < 64:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
    return -1, at
