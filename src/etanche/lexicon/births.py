"""Where one can be born, as a NIR numbers it: the communes and départements that the lists know.

>>> highest_communes()["56"] > 260, sorted(departements_named("PLEUMEUR BODOU"))
(True, ['22'])
"""

from __future__ import annotations

from functools import cache

from etanche import lexicon

_OVERSEAS = frozenset({"97", "98"})


@cache
def highest_communes() -> dict[str, int]:
    """Return the highest number of a commune, today's or a former one's, by département (20 for both of Corsica).

    A number above it was never given: what was abolished before the lists begin has a lower one.
    """
    # Codes come in order, so that the last of a département is its highest.
    insee, former = lexicon.commune_columns()[0], sorted(lexicon.other_communes())
    found: dict[str, int] = {}
    for codes in (insee, former):
        for departement, code in {_departement(code): code for code in codes}.items():
            found[departement] = max(found.get(departement, 0), int(code[len(departement) :]))
    return found | {"20": max(found["2A"], found["2B"])}


def _departement(code: str) -> str:
    return code[:3] if code[:2] in _OVERSEAS else code[:2]


@cache
def _named() -> tuple[dict[str, str], dict[str, set[str]]]:
    """Return one département of each commune's name, and all of them for names that several have."""
    codes, names, *_ = lexicon.commune_columns()
    former = lexicon.other_communes()
    names = (*names, *former.values())
    departements = [code[:3] if code[:2] in _OVERSEAS else code[:2] for code in (*codes, *former)]
    one = dict(zip(names, departements, strict=True))
    # Most names are of one département: only the others are worth a set.
    several: dict[str, set[str]] = {}
    for name in [name for name, departement in zip(names, departements, strict=True) if one[name] != departement]:
        several[name] = {one[name]}
    for name, departement in zip(names, departements, strict=True):
        if name in several:
            several[name].add(departement)
    return one, several


def departements_named(name: str) -> frozenset[str]:
    """Return the départements that have, or had, a commune of this (folded) name."""
    one, several = _named()
    if name not in one:
        return frozenset()
    return frozenset(several.get(name) or (one[name],))
