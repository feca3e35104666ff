"""JSON, one value a line (JSON Lines, NDJSON, JSON text sequences).

1. Every line is a record or is set aside, with its line number; blank lines are counted.
2. Lines go to the parser many at once; where it refuses, one by one.
3. A line that only the end of the text cuts off is set aside as cut.
4. The action lines of an Elasticsearch bulk (`{"index": {"_id": …}}`) go with the document on the next line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from etanche.ingest.limits import Limits
from etanche.ingest.parsers.jsondecode import Broken, Decoder
from etanche.ingest.parsers.jsonmarks import marks
from etanche.ingest.parsers.jsontext import Window
from etanche.ingest.parsers.trees.batches import Batch
from etanche.model import Quarantined
from etanche.model import QuarantineReason as Why

_LONGEST = 64 << 20
_BULK = re.compile(rb'(?:\A|\n)\s*\{\s*"(?:index|create|update)"\s*:\s*\{')
_ACTIONS = frozenset(("index", "create", "update"))
_BLANK = b" \t\r\n\x1e\x00\x1a"


def lines(
    opener: Callable[[], Iterator[bytes]], decoder: Decoder, limits: Limits, needles: tuple[bytes, ...] = ()
) -> Iterator[Batch]:
    """Yield the records of a text with one JSON value a line."""
    window = Window(opener)
    number = 1
    actions = _Actions()
    try:
        while True:
            window.more(limits.block_bytes)
            if not window.data:
                return
            end = window.data.rfind(b"\n") + 1
            if window.ended:
                end = len(window.data)
            if not end:
                if len(window.data) < _LONGEST:
                    window.more(len(window.data) * 2)
                    continue
                yield Batch(quarantined=[_long(window, number, limits)])
                number += 1
                continue
            batch, count = _batch(window, end, number, decoder, limits, needles)
            if actions.pending is not None or _BULK.search(window.data, 0, end):
                actions.join(batch)
            yield batch
            number += count
            window.drop(end)
    finally:
        window.close()


def _batch(
    window: Window, end: int, number: int, decoder: Decoder, limits: Limits, needles: tuple[bytes, ...]
) -> tuple[Batch, int]:
    """Return the records of the lines before a place, and how many lines these are."""
    if not needles and (whole := _plain(window.data[:end], number, window.base, decoder)) is not None:
        return whole, len(whole.values)
    texts = window.data[:end].split(b"\n")
    cut = bool(texts[-1])
    if not cut:
        texts.pop()
    batch = Batch(offset=window.base)
    places = range(number, number + len(texts))
    filled = [(text, place) for text, place in zip(texts, places, strict=True) if text.strip(_BLANK)]
    batch.blank = len(texts) - len(filled)
    if needles:
        filled = [(text, place) for text, place in filled if any(needle in text for needle in needles)]
    joined = b",".join(text.strip(_BLANK) for text, _ in filled)
    values = decoder.batch(marks(joined), 0, len(joined)) if joined else []
    if values is not None and len(values) == len(filled):
        batch.values = values
        batch.numbers = places if len(filled) == len(texts) else [place for _, place in filled]
        return batch, len(texts)
    numbers: list[int] = []
    offset = window.base
    wanted = {place for _, place in filled}
    for text, place in zip(texts, places, strict=True):
        if place in wanted:
            try:
                batch.values.append(decoder.one(text.strip(_BLANK).rstrip(b",")))
                numbers.append(place)
            except Broken:
                last = cut and window.ended and place == places[-1]
                why = Why.CUT if last else Why.UNDECODABLE
                batch.quarantined.append(Quarantined(place, offset, why, text[: limits.raw_bytes]))
        offset += len(text) + 1
    batch.numbers = numbers
    return batch, len(texts)


def _plain(data: bytes, number: int, offset: int, decoder: Decoder) -> Batch | None:
    """Return the records of lines that hold a value each and nothing else, None when any does not."""
    if not data.endswith(b"\n") or b"\n\n" in data or data.startswith(b"\n"):
        return None
    count = data.count(b"\n")
    joined = data[:-1].replace(b"\n", b",")
    values = decoder.batch(marks(joined), 0, len(joined))
    if values is None or len(values) != count:
        return None
    return Batch(values, numbers=range(number, number + count), offset=offset)


def _long(window: Window, number: int, limits: Limits) -> Quarantined:
    """Pass over a line too long to hold."""
    item = Quarantined(number, window.base, Why.TOO_LONG, window.data[: limits.raw_bytes])
    while window.data:
        end = window.data.find(b"\n") + 1
        window.drop(end or len(window.data))
        if end:
            break
        window.more(limits.block_bytes)
    return item


class _Actions:
    """Joins the action lines of a bulk with their documents, over batches."""

    def __init__(self) -> None:
        self.pending: dict[str, Any] | None = None
        """An action whose document has not come yet."""

    def join(self, batch: Batch) -> None:
        """Merge each action into the record after it."""
        values: list[Any] = []
        numbers: list[int] = []
        taken: list[int] = []
        for value, number in zip(batch.values, batch.numbers, strict=True):
            if _action(value):
                if self.pending is not None:
                    values.append(self.pending)
                    numbers.append(number - 1)
                    taken.append(1)
                self.pending = next(iter(value.values()))
                continue
            if self.pending is not None and isinstance(value, dict):
                values.append({**self.pending, **value})
                lines_taken = 2
            else:
                values.append(value)
                lines_taken = 1
            self.pending = None
            numbers.append(number - lines_taken + 1)
            taken.append(lines_taken)
        batch.values, batch.numbers, batch.lines = values, numbers, tuple(taken)


def _action(value: Any) -> bool:  # noqa: ANN401 - a tree
    """Tell whether a value is the action line of a bulk."""
    if type(value) is not dict or len(value) != 1:
        return False
    key, inner = next(iter(value.items()))
    return key in _ACTIONS and isinstance(inner, dict) and bool(inner) and all(name.startswith("_") for name in inner)
