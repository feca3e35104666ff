"""Whom one controller writes to: the persons of its registry, those of its rows that no registry knows, and the others.

Rules, in the order in which they apply:

1. A person of the registry is written to at the registry's address; whoever is in no registry at the leaked one.
2. Somebody named beside a patient lives, for all that is known, where the patient does: at the registry's address
   where the row's patient is in the registry, else at the leaked one.  Lists that keep a patient's letter back (a
   confidential address, a person at risk) keep back the letters to that home too.
3. One letter an adult: somebody who is also a patient of the laboratory gets the patient's letter alone; an insured
   person named on three children's rows gets one.
4. Nobody is written to for another: no letter is merged by household.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from etanche import lexicon
from etanche.identifiers import dates, email, sex
from etanche.model import Role
from etanche.respond.letters.lists import Listed, Mention
from etanche.respond.letters.postal import household
from etanche.respond.letters.recipients import Addressee, Draft, Pile, Who, draft, is_child_title
from etanche.responding.letters_leak import families_of

Drafts = Iterator[tuple[Draft, frozenset[int]]]
_PLACE = ("address", "postcode", "commune", "country")
_EITHER = "both"
_OF_SEX = {"F": "madam", "M": "sir"}
_TITLED = {
    **dict.fromkeys(("MME", "MADAME", "MLLE", "MADEMOISELLE", "MRS", "MS"), "madam"),
    **dict.fromkeys(("M", "MR", "MONSIEUR"), "sir"),
}
_LAYOUTS_SEEN = 400
"""Days of birth that are looked at to learn how a registry writes them."""
_KEPT_BACK = {Listed.AT_RISK: Pile.AT_RISK, Listed.CONFIDENTIAL: Pile.CONFIDENTIAL}


@dataclass(slots=True)
class _Known:
    """The patients of one controller, as those beside them need to know them."""

    of_row: dict[int, tuple[Mapping[str, str], Pile | None, str]] = field(default_factory=dict, repr=False)
    """By row: where its patient lives, what keeps that home back, the registry key."""
    names: set[tuple[str, ...]] = field(default_factory=set, repr=False)
    """Names with a day of birth or a home, of everybody who gets a patient's letter."""


def drafts(
    registry: Sequence[Mapping[str, Any]],
    patients: Sequence[Mapping[str, Any]],
    others: Sequence[Mapping[str, Any]],
    mentions: Mapping[str, Mention],
    today: date,
) -> Drafts:
    """Yield every letter of one controller, each with the rows of the leak (from 0) that are its person's.

    `registry` are lines of its sealed list of addressees; `patients` and `others` are of the leak (`letters_leak`);
    `mentions` what the lists say, by registry key, and by the ledger's key for whoever is in no registry.
    """
    known = _Known()
    layout = _layout(line["birth_date"] for line in registry)
    for line in registry:
        mention = mentions.get(str(line["registry_key"]))
        one = _of_registry(line, layout)
        rows = frozenset(row - 1 for row in line["rows"])
        made = draft(one, mention, today)
        _know(known, one, rows, mention, made)
        yield made, rows
    for line in patients:
        one = _of_leak(line)
        mention = mentions.get(one.key)
        made = draft(one, mention, today)
        _know(known, one, line["rows"], mention, made)
        yield made, frozenset(line["rows"])
    yield from _beside(others, known, mentions, today)


def _of_registry(line: Mapping[str, Any], layout: str) -> Addressee:
    key = str(line["registry_key"])
    title = lexicon.fold(line["title"])
    born = dates.iso(line["birth_date"], layout) if line["birth_date"] else None
    return Addressee(
        key=f"r:{key}",
        registry_key=key,
        who=Who.PATIENT,
        surname=line["surname"] or line["birth_name"] or line["full_name"],
        first_name=line["first_name"] if line["surname"] or line["birth_name"] else "",
        salutation=_salutation(title, line["sex"]),
        born=date.fromisoformat(born) if born else None,
        place={name: line[name] for name in _PLACE},
        email=line["email"] if email.valid(line["email"]) else "",
        families=frozenset(line["families"]) or frozenset({"civil"}),
        review=line["decision"] != "notify",
        child=is_child_title(title),
    )


def _of_leak(line: Mapping[str, Any]) -> Addressee:
    title = lexicon.fold(line["title"] or "")
    return Addressee(
        key=f"x:{line['rows'][0]}",
        registry_key="",
        who=Who.PATIENT,
        surname=line["surname"] or "",
        first_name=line["first_name"] or "",
        salutation=_salutation(title, line["sex"] or ""),
        born=date.fromisoformat(line["born"]) if line["born"] else None,
        place={name: line[name] or "" for name in _PLACE},
        email=line["email"] if line["email"] and email.valid(line["email"]) else "",
        families=families_of(line["families"]) or frozenset({"civil"}),
        child=is_child_title(title),
    )


def _know(known: _Known, one: Addressee, rows: Iterable[int], mention: Mention | None, made: Draft) -> None:
    back = next((pile for listed, pile in _KEPT_BACK.items() if mention and listed in mention.lists), None)
    if not one.review:
        for row in rows:
            known.of_row[row] = (one.place, back, one.registry_key)
    if made.pile not in (Pile.REVIEW, Pile.NOT_THEM) and made.who is not Who.PARENTS:
        known.names.update(_signs(one))


def _signs(one: Addressee) -> list[tuple[str, ...]]:
    """Return what tells somebody from others of the name: a day of birth, a home."""
    names = (lexicon.fold(one.surname), lexicon.fold(one.first_name))
    home = household(one.place.get("address", ""), one.place.get("postcode", ""))
    return [(*names, sign) for sign in (one.born.isoformat() if one.born else "", home) if sign]


def _beside(others: Sequence[Mapping[str, Any]], known: _Known, mentions: Mapping[str, Mention], today: date) -> Drafts:
    """Yield the letters to everybody named beside a patient, and to prescribers."""
    merged: dict[tuple[str, ...], tuple[Addressee, Pile | None, set[int], bool]] = {}
    # What an engine gathers comes in any order; numbers must not.
    for line in sorted(others, key=lambda line: (min(line["rows"]), line["role"], line["surname"] or "")):
        one, back, registered = _other(line, known)
        signs = _signs(one)
        if one.who is Who.OTHER and any(sign in known.names for sign in signs):
            continue
        sign = (one.who.value, *_sign_of(line, one, signs))
        rows = set(line["rows"])
        if sign in merged:
            old, kept, held, was = merged[sign]
            place = old.place if old.place.get("address") else one.place
            one = replace(old, families=old.families | one.families, place=place, born=old.born or one.born)
            merged[sign] = (one, kept or back, held | rows, was or registered)
        else:
            merged[sign] = (one, back, rows, registered)
    for one, back, rows, registered in merged.values():
        # Two of one row (a spouse, a trusted person) are two: the name tells them apart.
        names = f"{lexicon.fold(one.surname)}/{lexicon.fold(one.first_name)}"
        keyed = replace(one, key=f"o:{one.who.value}:{min(rows)}:{names}")
        mention = mentions.get(keyed.key)
        made = draft(keyed, mention, today)
        elsewhere = mention is not None and "address" in mention.place
        made = replace(made, leaked_address=not registered and not elsewhere)
        yield (made if back is None else replace(made, pile=back, why=())), frozenset()


def _sign_of(line: Mapping[str, Any], one: Addressee, signs: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    if one.who is Who.PRESCRIBER and line["number"]:
        return (line["number"],)
    return signs[-1] if signs else (lexicon.fold(one.surname), lexicon.fold(one.first_name), str(min(line["rows"])))


def _other(line: Mapping[str, Any], known: _Known) -> tuple[Addressee, Pile | None, bool]:
    """Return somebody who is no patient, what keeps their home back, and whether a registry knows the home."""
    prescriber = line["role"] is Role.PRESCRIBER
    place: Mapping[str, str] = {name: line[name] or "" for name in _PLACE}
    back, registered = None, False
    if not prescriber and not place["address"]:
        homes = [known.of_row[row] for row in sorted(line["rows"]) if row in known.of_row]
        if homes:
            # The patients of these rows share a home in the leak; one that must be kept back keeps all of them back.
            back = next((kept for _, kept, _ in homes if kept), None)
            place, _, key = homes[0]
            registered = bool(key)
        else:
            place = {name: line[f"home_{name}"] or "" for name in _PLACE}
    title = lexicon.fold(line["title"] or "")
    one = Addressee(
        key="",
        registry_key="",
        who=Who.PRESCRIBER if prescriber else Who.OTHER,
        surname=line["surname"] or "",
        first_name=line["first_name"] or "",
        salutation=_salutation(title, line["sex"] or ""),
        born=date.fromisoformat(line["born"]) if line["born"] else None,
        place=place,
        email=line["email"] if line["email"] and email.valid(line["email"]) else "",
        families=(families_of(line["mask"]) | {"civil"}) if not prescriber else frozenset({"professional"}),
    )
    return one, back, registered


def _salutation(title: str, cell: str) -> str:
    """Return how somebody is greeted: by title and sex where they are known and agree, else as either.

    Never by a first name; a cell that is no known spelling of a sex says nothing.
    """
    known = {said for said in (_TITLED.get(title.strip(".")), _OF_SEX.get(sex.normalise(cell) or "")) if said}
    return known.pop() if len(known) == 1 else _EITHER


def _layout(cells: Iterable[str]) -> str:
    """Return how a registry writes days of birth: the layout that most of its first cells have."""
    seen: Counter[str] = Counter()
    for place, cell in enumerate(cell for cell in cells if cell):
        if place >= _LAYOUTS_SEEN:
            break
        seen.update(dates.layouts_of(cell))
    return seen.most_common(1)[0][0] if seen else ""
