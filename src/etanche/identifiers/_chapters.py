"""Classifications whose numbers are known by their first three characters, written as ranges of two digits."""

from __future__ import annotations

from collections.abc import Mapping


def first_three(ranges: Mapping[str, str]) -> frozenset[str]:
    """Return every beginning of ranges by letter.

    >>> sorted(first_three({"J": "01-02 04"}))
    ['J01', 'J02', 'J04']
    """
    found = set()
    for letter, spans in ranges.items():
        for span in spans.split():
            first, _, last = span.partition("-")
            found |= {f"{letter}{number:02}" for number in range(int(first), int(last or first) + 1)}
    return frozenset(found)
