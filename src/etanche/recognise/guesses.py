"""A guess: what the cells of a column say by themselves."""

from __future__ import annotations

from dataclasses import dataclass

from etanche.model import Kind


@dataclass(frozen=True, slots=True)
class Guess:
    """What the cells say: a kind, how likely, the share of filled cells that say it."""

    kind: Kind
    confidence: float
    share: float
    code: str
    """Code of the reason."""
    layout: str = ""


GENERAL = frozenset({
    Kind.UNKNOWN, Kind.NUMBER, Kind.IDENTIFIER, Kind.DATE, Kind.COMMENT, Kind.CONSTANT, Kind.AMOUNT, Kind.BOOLEAN,
    Kind.RESULT, Kind.TOKEN,
})  # fmt: skip
"""Kinds that say little: a header or a more particular guess outweighs them."""
