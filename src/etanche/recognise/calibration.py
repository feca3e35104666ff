"""What a confidence is worth: how often such a verdict was right, measured on columns that people have labelled.

Rules:

1. Inside the recogniser a confidence is a rank, by which guesses are weighed against one another; what a `Column`
   shows in the end is a frequency: of verdicts shown with 0.9, nine in ten are right.
2. The frequencies are those of one half of 5,967 labelled columns of French open data, ten cells each, with their
   headers and without, rounded down where there were few; the other half measures them
   (docs/reference/etalab-mapping.md, `python bench/etalab.py --calibration held`).
3. A general kind or `unknown` is right where people gave the column none of the particular kinds.
4. What rests on a hint (a rank under 0.6) is shown as it is: a lexicon's word over a dozen cells.  So is what
   neighbours said, a correction, and a blank column.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from etanche.model import Column, Kind
from etanche.recognise.guesses import GENERAL

_GENERAL = {
    "constant": 0.85, "date": 0.96, "header": 0.95, "header_contradicted": 0.96, "header_no_kind": 0.95,
    "header_not_borne_out": 0.95, "list": 0.97, "more_particular": 0.95, "nothing_fits": 0.95, "shape": 0.92,
    "unique_code": 0.92, "words": 0.9,
}  # fmt: skip
_PARTICULAR = {
    "date": 0.94, "header_contradicted": 0.92, "key_right": 0.9, "lexicon": 0.94, "list": 0.97, "more_particular": 0.9,
    "shape": 0.97, "words": 0.8,
}  # fmt: skip
_HINT = 0.6
_HEADED = ((0.6, 0.5), (0.8, 0.7), (0.85, 0.92), (1.0, 0.95))
"""Rank and frequency of what a header says and the cells bear out, straight lines between."""


def calibrated(column: Column) -> Column:
    """Return the column with its confidence as a frequency."""
    code, rank = column.reason.code, column.confidence
    if column.kind in GENERAL:
        shown = _GENERAL.get(code, rank)
    elif rank < _HINT or column.kind is Kind.EMPTY:
        shown = rank
    elif code == "header":
        shown = _between(rank)
    else:
        # What the cells say less surely than others of their reason keeps its distance.
        shown = min(_PARTICULAR[code], rank + 0.3) if code in _PARTICULAR else rank
    return replace(column, confidence=round(shown, 3))


def _between(rank: float) -> float:
    for (left, low), (right, high) in pairwise(_HEADED):
        if rank <= right:
            return low + (high - low) * (max(rank, left) - left) / (right - left)
    return _HEADED[-1][1]
