"""From the bytes of JSON values to trees of text, exactly as written.

In this order:

1. Bare tokens get quotes (`jsonmarks`), and orjson reads the whole batch at once.
2. Where keys are fewer than colons some stand twice: such a batch is read pair by pair, and the values of a key that
   stands twice become a list.
3. What orjson refuses is read value by value: in another encoding, with lone surrogates, with comments, single
   quotes, trailing commas, bare keys.  What is still no value is `Broken`.
"""

from __future__ import annotations

import json
import re
from typing import Any

import orjson

from etanche.ingest.encodings import single_byte
from etanche.ingest.parsers.jsonmarks import Marks, marks

# Strings and comments that never close are one token each, to the end of the text.
_TOKEN = re.compile(
    rb"""(?s)("(?:[^"\\]|\\.)*+")|('(?:[^'\\]|\\.)*+')|(//[^\n]*|/\*(?:.*?\*/|.*\Z))|([{}\[\]:,])|"""
    rb"""([^\s"'{}\[\]:,/]+)|(\s+)|(["'](?:[^"'\\]|\\.|["'])*+\\?\Z|.)"""
)
_BAD_ESCAPE = re.compile(rb'\\(?!["\\/bfnrt]|u[0-9a-fA-F]{4})')
_CONTROL = re.compile(rb"[\x00-\x1f]")
_LITERALS = {b"True": b"true", b"False": b"false", b"None": b"null", b"undefined": b"null"}
_LEAVES = frozenset((str, bool, type(None)))
_CLOSERS = frozenset((b"}", b"]"))
_CALL = re.compile(rb"[A-Za-z_$][\w$.]*\(([^()]*)\)?;?")
"""A constructor, as the MongoDB shell writes it, or a callback."""


class Broken(ValueError):  # noqa: N818 - what it is, not what went wrong
    """Bytes that are no JSON value by any reading."""


class Decoder:
    """Reads values; remembers the encoding of what is not UTF-8."""

    def __init__(self) -> None:
        self.other = ""
        """The encoding of values that are not UTF-8, once one was met."""
        self.redecoded = 0
        self.doubles: bool | None = None
        """Whether any key stands twice in its object, once all were read."""
        self._doubled = False

    def ends(self) -> None:
        """Hear that the text was read to its end."""
        self.doubles = self._doubled

    def batch(self, found: Marks, low: int, high: int, wrap: tuple[bytes, bytes] = (b"[", b"]")) -> Any:  # noqa: ANN401
        """Return the values between two places as one list (or dict), None when they must be read one by one."""
        text, keys = found.quoted(low, high)
        try:
            values = orjson.loads(wrap[0] + text + wrap[1])
        except orjson.JSONDecodeError:
            return None
        if keys and self.doubles is not False and not _flat(values, keys) and _keys(values) != keys:
            self._doubled = True
            try:
                return json.loads(wrap[0] + text + wrap[1], object_pairs_hook=_pairs)
            except (ValueError, RecursionError):
                return None
        return values

    def one(self, data: bytes) -> Any:  # noqa: ANN401 - a tree
        """Return one value.  Raises `Broken`."""
        value = self._strict(data)
        if value is not None:
            return value[0]
        try:
            data.decode()
        except UnicodeDecodeError:
            self.other = self.other or single_byte([data])
            data = data.decode(self.other, "backslashreplace").encode()
            self.redecoded += 1
            value = self._strict(data)
            if value is not None:
                return value[0]
        value = self._strict(normal(data))
        if value is None:
            raise Broken
        return value[0]

    def _strict(self, data: bytes) -> list[Any] | None:
        """Return the value in a list, None when there is not exactly one."""
        values = self.batch(marks(data), 0, len(data))
        if values is None:
            text, _ = marks(data).quoted(0, len(data))
            try:
                values = json.loads(b"[" + text + b"]", object_pairs_hook=_pairs, strict=False)
            except (ValueError, RecursionError):
                return None
        return values if len(values) == 1 else None


def _flat(values: Any, keys: int) -> bool:  # noqa: ANN401 - a tree
    """Tell whether the keys of records without anything below are all there are."""
    return type(values) is list and set(map(type, values)) == {dict} and sum(map(len, values)) == keys


def _keys(value: Any) -> int:  # noqa: ANN401 - a tree
    """Return how many keys the dicts of a tree hold."""
    count = 0
    todo: list[Any] = [value]
    while todo:
        node = todo.pop()
        if type(node) is dict:
            count += len(node)
            node = node.values()
        if not _LEAVES.issuperset(map(type, node)):
            todo += [item for item in node if type(item) is dict or type(item) is list]
    return count


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return the dict of some pairs; a key that stands twice gets the list of its values."""
    made: dict[str, Any] = {}
    again: set[str] = set()
    for key, value in pairs:
        if key not in made:
            made[key] = value
        elif key in again:
            made[key].append(value)
        else:
            again.add(key)
            made[key] = [made[key], value]
    return made


def normal(data: bytes) -> bytes:
    """Return JavaScript's, Python's or the MongoDB shell's way of writing values as JSON."""
    out: list[bytes] = []
    Normaliser().feed(data, out, final=True)
    return b"".join(out)


class Normaliser:
    """Rewrites text as JSON, piece by piece."""

    def __init__(self) -> None:
        self._comma = False
        self._rest = b""

    def feed(self, data: bytes, out: list[bytes], *, final: bool) -> None:
        """Append the tokens of more text; a token that may go on waits for the next piece."""
        data = self._rest + data
        self._rest = b""
        for match in _TOKEN.finditer(data):
            kind, token = match.lastindex, match.group()
            waits = match.end() == len(data) or kind == 7
            if not final and waits and kind not in {1, 2, 4} and len(data) - match.start() < 1 << 24:
                self._rest = data[match.start() :]
                return
            self._put(kind or 7, token, out)

    def _put(self, kind: int, token: bytes, out: list[bytes]) -> None:
        if kind == 3 or (kind == 5 and (token.startswith(b")") or token in {b"new", b";"})):
            return
        if kind == 5 and (call := _CALL.fullmatch(token)):
            token = call.group(1) or b""
            if not token:
                return
        if kind == 6:
            out.append(token)
            return
        if token == b",":
            self._comma = True
            return
        if self._comma and token not in _CLOSERS:
            out.append(b",")
        self._comma = False
        if kind <= 2:
            out.append(_string(token))
        elif kind in {5, 7}:
            out.append(_bare(token))
        else:
            out.append(token)


def _string(token: bytes) -> bytes:
    """Return a string between either quotes as a JSON string."""
    body = token[1:-1]
    if token[:1] == b"'":
        body = re.sub(rb'(?<!\\)"', rb'\\"', body.replace(b"\\'", b"'"))
    if b"\\" in body:
        # Escaped backslashes stand in pairs and are no beginning of another escape.
        body = b"\\\\".join(_BAD_ESCAPE.sub(rb"\\\\", part) for part in body.split(b"\\\\"))
    body = _CONTROL.sub(lambda match: b"\\u%04x" % match.group()[0], body)
    return b'"' + body + b'"'


def _bare(token: bytes) -> bytes:
    """Return a bare word as JSON."""
    if token in {b"true", b"false", b"null"}:
        return token
    return _LITERALS.get(token) or orjson.dumps(token.decode("utf-8", "backslashreplace"))
