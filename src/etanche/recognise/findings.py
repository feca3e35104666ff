"""What texts hold besides topics: identities, and in long texts diseases and medicines.

Rules, in the order in which they apply:

1. Identities (`identities`) are looked for in every text; diseases and medicines (`terms`) in texts long enough to be
   letters, since comments are read word by word by the topics.
2. A comment is cut where a spaced dash, a spaced slash or a full stop parts its remarks (not "Dr. X", nor
   "12 / 03 / 1970"); a remark seen before is not read again.
3. What is found counts by its kind: whether the kind's identifier takes it (shape and key), and its normalised value,
   of which only a hash is kept.  A date that is nobody's birth tells of nobody.

    >>> [found] = findings(["rappeler au 06 12 34 56 78"])
    >>> [(item.kind, item.valid) for item in found]
    [(<Kind.MOBILE: 'mobile'>, True)]
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from etanche.identifiers import celltext, find
from etanche.lexicon.fold import fold
from etanche.model import Finding, Kind
from etanche.recognise import identities, terms

_LETTER = 400
"""Characters from which a text is read as a letter."""
_LONGEST = 1_000_000
"""Characters of one text that are read: two hundred pages."""

_SURE = 0.8
"""Confidence from which a chemical without a code of the ATC counts as a medicine."""
_SEAM = " - "
_ABBREVIATED = re.compile(r"\b[^\W\d_]{1,4}\. ")
_FIGURES = re.compile(r"[0-9] / [0-9]")
_KEPT = 300_000
"""Distinct remarks remembered."""


class Found(NamedTuple):
    """One thing that a text holds: its kind, whether the kind's check takes it, and a hash of its normalised value."""

    kind: Kind
    valid: bool
    value: int


class _Remarks(dict[str, tuple[Found, ...]]):
    """Remark -> what it holds; what was read once is remembered."""

    def __missing__(self, remark: str) -> tuple[Found, ...]:
        """Read a remark for the first time."""
        if len(self) > _KEPT:
            self.clear()
        held = self[remark] = tuple(_all(remark, identities.find(remark)))
        return held


def findings(texts: Iterable[str]) -> Iterator[tuple[Found, ...]]:
    """Yield what each text holds, in its order; the caller passes distinct texts."""
    return map(Holding().found, texts)


class Holding:
    """Reads one text after the other for what it holds, and remembers the remarks that it has read."""

    def __init__(self) -> None:
        self._remarks = _Remarks()

    def found(self, text: str) -> tuple[Found, ...]:
        """Return what a text holds."""
        if len(text) >= _LETTER:
            return _letter(text[:_LONGEST])
        parted = _parted(text)
        if _SEAM not in parted:
            return self._remarks[parted]
        return tuple(found for remark in parted.split(_SEAM) for found in self._remarks[remark])


def _parted(text: str) -> str:
    """Return a comment with one seam between any two of its remarks."""
    if ". " in text and not _ABBREVIATED.search(text):
        text = text.replace(". ", _SEAM)
    if " / " in text and not _FIGURES.search(text):
        text = text.replace(" / ", _SEAM)
    return text


def _letter(text: str) -> tuple[Found, ...]:
    return tuple(_all(text, (*identities.find(text), *terms.find(text))))


def _all(text: str, spans: Iterable[Finding]) -> Iterator[Found]:
    return (weighed(text[span.start : span.end], span) for span in spans if span.kind is not Kind.DATE)


def weighed(text: str, span: Finding) -> Found:
    """Return what is found as it counts; `text` is what the span covers."""
    identifier = find(span.kind)
    if identifier is None:
        return Found(span.kind, celltext.filled(text), hash((span.kind, fold(text))))
    return Found(span.kind, identifier.valid(text), hash((span.kind, identifier.normalise(text))))
