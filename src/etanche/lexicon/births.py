"""Where one can be born, as a NIR numbers it: the communes and départements that the lists know.

>>> highest_communes()["56"] > 260, sorted(departements_named("PLEUMEUR BODOU"))
(True, ['22'])
"""

from __future__ import annotations

from collections import defaultdict
from functools import cache

from etanche import lexicon

_OVERSEAS = frozenset({"97", "98"})


@cache
def highest_communes() -> dict[str, int]:
    """Return the highest number of a commune, today's or a former one's, by département (20 for both of Corsica).

    A number above it was never given: what was abolished before the lists begin has a lower one.
    """
    found: defaultdict[str, int] = defaultdict(int)
    for code, _ in lexicon.commune_codes():
        size = 3 if code[:2] in _OVERSEAS else 2
        for name in (code[:size], "20") if code[1] in "AB" else (code[:size],):
            found[name] = max(found[name], int(code[size:]))
    return found


@cache
def _named() -> dict[str, set[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for code, name in lexicon.commune_codes():
        found[name].add(code[:3] if code[:2] in _OVERSEAS else code[:2])
    return found


def departements_named(name: str) -> frozenset[str]:
    """Return the départements that have, or had, a commune of this (folded) name."""
    return frozenset(_named().get(name, ()))
