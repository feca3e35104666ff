"""Slow, plain readings of how two sides are compared and decided: what the expressions and arrays are judged by."""

from __future__ import annotations

import re
import unicodedata

PARTICLES = frozenset(
    [
        "DE",
        "DU",
        "DES",
        "D",
        "LA",
        "LE",
        "LES",
        "L",
        "BEN",
        "BENT",
        "AIT",
        "EL",
        "AL",
        "VAN",
        "VON",
        "DER",
        "DA",
        "DI",
        "DOS",
        "DO",
        "SAINT",
        "SAINTE",
        "ST",
        "STE",
    ]
)


def words(text: str) -> list[str]:
    """Return the words of a name in capitals, without accents."""
    split = unicodedata.normalize("NFD", text)
    plain = "".join(char for char in split if not unicodedata.combining(char)).upper()
    return re.findall(r"[A-Z0-9]+", plain.replace("Œ", "OE").replace("Æ", "AE"))


def name(text: str | None) -> str | None:
    """Return a surname as one word without particles, unless it is nothing else."""
    if text is None:
        return None
    found = words(text)
    kept = found if len(found) < 2 and text.isalpha() else [word for word in found if word not in PARTICLES]
    return "".join(kept or found) or None


def first_name(text: str | None) -> str | None:
    """Return a first name as one word."""
    return None if text is None else "".join(words(text)) or None


def own(nir: str | None, sex: str | None, born: str | None) -> bool:
    """Tell whether a NIR of 13 digits is that of someone of this sex, born on this day."""
    if nir is None or born is None or nir[1:5] != born[2:4] + born[5:7]:
        return False
    return sex is None or sex == ("M" if nir[0] in "137" else "F")


def jaro_winkler(one: str | None, other: str | None) -> float:
    """Return the similarity of Winkler (1990): prefixes of up to four letters weigh a tenth each, above 0.7."""
    if not one or not other:
        return 0.0
    reach = max(0, max(len(one), len(other)) // 2 - 1)
    taken: list[int] = []
    left = []
    for place, char in enumerate(one):
        for at in range(max(0, place - reach), min(len(other), place + reach + 1)):
            if at not in taken and other[at] == char:
                taken.append(at)
                left.append(char)
                break
    if not left:
        return 0.0
    right = [other[at] for at in sorted(taken)]
    turned = sum(a != b for a, b in zip(left, right, strict=True)) // 2
    jaro = (len(left) / len(one) + len(left) / len(other) + (len(left) - turned) / len(left)) / 3
    prefix = 0
    while prefix < min(4, len(one), len(other)) and one[prefix] == other[prefix]:
        prefix += 1
    return jaro + prefix * 0.1 * (1 - jaro) if jaro > 0.7 else jaro


def edits(one: str, other: str) -> int:
    """Return how many characters are put in, taken out or changed (Levenshtein 1965)."""
    line = list(range(len(other) + 1))
    for row, char in enumerate(one, 1):
        before, line[0] = line[0], row
        for column, against in enumerate(other, 1):
            before, line[column] = line[column], min(line[column] + 1, line[column - 1] + 1, before + (char != against))
    return line[-1]


def birth(one: str | None, other: str | None) -> str:
    """Return the level of two birth dates."""
    if one is None or other is None:
        return "missing"
    if one == other:
        return "equal"
    if one[:4] == other[:4] and (one[5:7], one[8:]) == (other[8:], other[5:7]):
        return "turned"
    if edits(one, other) == 1:
        return "one_off"
    return "same_year" if one[:4] == other[:4] else "differs"


def nir(one: tuple[str | None, bool], other: tuple[str | None, bool]) -> str:
    """Return the level of two NIRs, each with whether it is its side's own."""
    if one[0] is None or other[0] is None:
        return "missing"
    if one[1] and other[1]:
        return "equal" if one[0] == other[0] else "near" if edits(one[0], other[0]) <= 2 else "differs"
    return "not_own_equal" if one[0] == other[0] else "not_own"


def part_of(one: str | None, other: str | None) -> bool:
    """Tell whether a name of four letters or more begins or ends another."""
    if one is None or other is None or min(len(one), len(other)) < 4:
        return False
    return one.startswith(other) or other.startswith(one) or one.endswith(other) or other.endswith(one)


def graded(near: float, *special: tuple[bool, str]) -> str:
    """Return the level of a likeness, a special case before what is far."""
    if near >= 0.9999:
        return "equal"
    if near >= 0.96:
        return "very_close"
    if near >= 0.9:
        return "close"
    for holds, level in special:
        if holds:
            return level
    return "far" if near >= 0.78 else "differs"


Names = dict[str, str | None]


def names(one: Names, other: Names) -> tuple[str, str]:
    """Return the levels of the family and first names of two sides (`name`, `other`, `first`)."""
    family = [(one[a], other[b]) for a in ("name", "other") for b in ("name", "other")]
    nearest = max(jaro_winkler(a, b) for a, b in family)
    crossed = max(
        min(jaro_winkler(one["name"], other["first"]), jaro_winkler(one["first"], other[b])) for b in ("name", "other")
    )
    turned = nearest < 0.92 <= crossed
    said = graded(nearest, (turned, "turned"), (any(part_of(a, b) for a, b in family), "part"))
    if not (one["name"] or one["other"]) or not (other["name"] or other["other"]):
        said = "missing"
    a, b = one["first"], other["first"]
    if a is None or b is None:
        return said, "missing"
    initial = (len(a) == 1 or len(b) == 1) and a[0] == b[0]
    return said, graded(jaro_winkler(a, b), (turned, "turned"), (initial, "initial"), (part_of(a, b), "part"))


def decided(
    pairs: list[tuple[int, int, float, bool]], review: float, notify: float, gap: float, who: dict[int, int]
) -> dict[int, bool]:
    """Return whom to notify (true) or review (false), from pairs of row, person, weight and veto.

    `who` says which entries are one person.
    """
    found: dict[int, bool] = {}
    for row in {row for row, *_ in pairs}:
        able = [(weight, person, veto) for at, person, weight, veto in pairs if at == row and weight >= review]
        if not able:
            continue
        best, chosen, _ = min(able, key=lambda entry: (-entry[0], entry[1]))
        entries = [entry for entry in able if who[entry[1]] == who[chosen]]
        rivals = [entry for entry in able if entry not in entries and best - entry[0] < gap]
        for _, person, veto in entries:
            found[person] = found.get(person, False) or (not rivals and best >= notify and not veto)
        for _, person, _ in rivals:
            found.setdefault(person, False)
    return found
