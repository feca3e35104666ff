"""Who is in the leaked rows besides the persons of a registry: patients of no registry, and everybody else named there.

Rules, in the order in which they apply:

1. A row is of the laboratory that its own columns name.  One that names none is of whichever controller's registry
   has its person; one that names a laboratory which is no controller of the file is nobody's here, whoever knows its
   patient: its prescriber is another's to write to.  What is nobody's, and of nobody whom a registry knows, is
   unassigned.
2. A row whose person its own laboratory's registry does not know is joined with the others of that person there, by the
   keys that the census counts persons with.  Where the registry knows one of them, it knows the person: they are
   written to there, once.
3. Of everybody else (insured parents, spouses, trusted persons, prescribers) what the row says of *them* is read, with
   the row that says it; whose patient they stand beside is asked for nothing but where they live.
4. What a person's rows hold is told by families of columns; a comment counts as health data, unread.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

import ibis
import numpy as np
import pyarrow as pa

from etanche import lexicon, persons
from etanche.assess.fields import filled_any
from etanche.identifiers import dates
from etanche.model import FAMILIES, Column, Kind, Role
from etanche.respond import Controller

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from etanche.engines import DelimitedPart, Engine

    Ints = np.ndarray[Any, np.dtype[np.int64]]

OTHERS = (Role.INSURED, Role.SPOUSE, Role.TRUSTED_PERSON, Role.PRESCRIBER)
CELLS: dict[str, tuple[Kind, ...]] = {
    "surname": (Kind.SURNAME, Kind.FULL_NAME, Kind.DOCTOR, Kind.BIRTH_NAME),
    "first_name": (Kind.FIRST_NAME,),
    "sex": (Kind.SEX,),
    "title": (Kind.TITLE,),
    "postcode": (Kind.POSTCODE,),
    "commune": (Kind.COMMUNE,),
    "country": (Kind.COUNTRY,),
    "email": (Kind.EMAIL,),
    "number": (Kind.RPPS, Kind.ADELI),
}
"""What a letter needs of somebody, by the kinds of column that say it, the first filled one counting."""
_TELLING = ("surname", "first_name", "address", "email")
_LABORATORY = (Kind.IDENTIFIER, Kind.LABORATORY, Kind.FINESS, Kind.SIREN, Kind.SIRET)
_FAMILIES = tuple(FAMILIES)
_NIR = 1 << _FAMILIES.index("nir")
NOBODY, ELSEWHERE = -1, -2
"""Of no controller: a row that names no laboratory, and one that names another."""


@dataclass(frozen=True, slots=True)
class Found:
    """Persons of the leak that no registry brings, by controller (their place in the list of controllers)."""

    patients: Mapping[int, list[dict[str, Any]]] = field(repr=False)
    others: Mapping[int, list[dict[str, Any]]] = field(repr=False)
    unassigned: int
    """Rows that no laboratory column and no registry gives to a controller."""
    strangers: int
    """Persons of those rows whom no registry knows."""
    rows: int


def search(
    engine: Engine,
    parts: Iterable[DelimitedPart],
    columns: Sequence[Column],
    controllers: Sequence[Controller],
    known: Mapping[int, Ints],
    *,
    everyone: bool = False,
) -> Found:
    """Return who is in the rows besides those of the registries; `known` are the rows of each registry's persons.

    `everyone`: the unassigned too, as patients of `NOBODY`; else they are only counted.
    """
    kept = engine.load(len(columns), parts, {"letters": lambda part: _kept(part, columns)})["letters"]
    count = int(engine.fetch(kept.aggregate(n=kept.count()))["n"][0].as_py())
    owner = _owners(engine, kept, columns, controllers, count)
    inside, anywhere = np.zeros(count, np.bool_), np.zeros(count, np.bool_)
    for place, rows in known.items():
        anywhere[rows] = True
        inside[rows[owner[rows] == place]] = True
        lost = rows[owner[rows] == NOBODY]
        owner[lost], inside[lost] = place, True
    labels = _labels(engine, kept, count)
    outside = np.flatnonzero((owner >= 0) & ~inside)
    known_there = labels * len(controllers) + owner
    outside = outside[~np.isin(known_there[outside], known_there[inside])]
    unassigned = np.flatnonzero(owner < 0)
    unassigned = unassigned[~np.isin(labels[unassigned], labels[anywhere])]
    owner[owner < 0] = NOBODY
    owned = engine.put("owned", pa.table({"row": np.arange(count), "owner": owner}))
    rows = kept.inner_join(owned, "row")
    asked = np.concatenate([outside, unassigned]) if everyone else outside
    return Found(
        _patients(engine, rows, asked, labels),
        _others(engine, rows.filter(rows.owner >= 0), columns),
        len(unassigned),
        len(np.unique(labels[unassigned])),
        count,
    )


def _labels(engine: Engine, kept: ir.Table, count: int) -> Ints:
    """Return whose row each row is, as the census counts persons."""
    ordered = kept.order_by("row")
    spaces = persons.spaces(kept.columns)
    return persons.label_rows(count, (engine.fetch(ordered.select(*space)) for space in spaces))


def _kept(part: ir.Table, columns: Sequence[Column]) -> ir.Table:
    """Return what is kept of each row: its laboratory, the families it holds, its persons' cells and keys."""
    fields: dict[str, ir.Value] = {}
    for number, column in enumerate(_laboratories(columns)):
        fields[f"lab{number}"] = part[f"c{column.index}"]
    for role in (Role.PATIENT, *OTHERS):
        own = [column for column in columns if column.role is role]
        for name, kinds in CELLS.items():
            fields[f"{role.value}_{name}"] = _cell(part, own, kinds)
        fields[f"{role.value}_address"] = _address(part, own)
        fields[f"{role.value}_born"] = _born(part, own)
        fields[f"{role.value}_families"] = _mask(part, own, columns if role is Role.PATIENT else ())
    keyed = part.mutate(**persons.trait_fields(part, columns))
    keyed = keyed.mutate(**persons.compared_days(keyed))
    keyed = keyed.mutate(**persons.agreement_fields(keyed))
    names = list(fields)
    keyed = keyed.mutate(**{f"kept_{name}": value for name, value in fields.items()})
    keys = persons.key_fields(keyed)
    return keyed.select(**{name: keyed[f"kept_{name}"] for name in names}, **keys)


def _laboratories(columns: Sequence[Column]) -> list[Column]:
    return [column for column in columns if column.role is Role.LABORATORY and column.kind in _LABORATORY]


def _cell(part: ir.Table, own: Sequence[Column], kinds: Sequence[Kind]) -> ir.StringValue:
    cells = [part[f"c{column.index}"] for kind in kinds for column in own if column.kind is kind]
    return ibis.coalesce(*cells) if len(cells) > 1 else cells[0] if cells else ibis.null("string")


def _address(part: ir.Table, own: Sequence[Column]) -> ir.StringValue:
    """Return the lines of an address, joined by commas."""
    cells = [part[f"c{column.index}"].fill_null("") for column in own if column.kind is Kind.ADDRESS]
    if not cells:
        return ibis.null("string")
    return reduce(lambda one, other: one + ibis.ifelse(other == "", "", ibis.literal(", ") + other), cells).nullif("")


def _born(part: ir.Table, own: Sequence[Column]) -> ir.StringValue:
    days = [
        dates.iso_expr(part[f"c{column.index}"], column.layout)
        for column in own
        if column.kind is Kind.BIRTH_DATE and column.layout
    ]
    return ibis.coalesce(*days) if len(days) > 1 else days[0] if days else ibis.null("string")


def _mask(part: ir.Table, own: Sequence[Column], texts: Sequence[Column]) -> ir.IntegerValue:
    """Return the families that a row holds of somebody, a bit each."""
    spoken = {column.index for column in texts if column.kind is Kind.COMMENT}
    bits = []
    for number, (family, kinds) in enumerate(FAMILIES.items()):
        some = {column.index for column in own if column.kind in kinds} | (spoken if family == "health" else set())
        if some:
            bits.append(ibis.ifelse(filled_any(part, some), 1 << number, 0))
    mask: ir.IntegerValue = reduce(or_, bits) if bits else ibis.literal(0)
    return mask.cast("int64")


def families_of(mask: int) -> frozenset[str]:
    """Return the families of a mask."""
    return frozenset(family for number, family in enumerate(_FAMILIES) if mask >> number & 1)


def _owners(
    engine: Engine, kept: ir.Table, columns: Sequence[Column], controllers: Sequence[Controller], count: int
) -> Ints:
    """Return whose each row is by its laboratory columns: the controller's place, `NOBODY` or `ELSEWHERE`."""
    names = [f"lab{number}" for number, _ in enumerate(_laboratories(columns))]
    owner = np.full(count, NOBODY, np.int64)
    if not names:
        return owner
    known = _codes(controllers)
    seen = engine.fetch(kept.select(*names).distinct())
    named: list[int] = []
    for cells in zip(*(seen[name].to_pylist() for name in names), strict=True):
        said = [lexicon.fold(cell) for cell in cells if cell]
        named.append(next((known[cell] for cell in said if cell in known), ELSEWHERE if said else NOBODY))
    table = engine.put("laboratories", seen.append_column("owner", pa.array(named, pa.int64())))
    match = [kept[name].fill_null("") == table[name].fill_null("") for name in names]
    found = engine.fetch(kept.inner_join(table, match).select("row", owner=table.owner))
    owner[found["row"].to_numpy()] = found["owner"].to_numpy()
    return owner


def _codes(controllers: Sequence[Controller]) -> dict[str, int]:
    """Return what a laboratory column may hold for each controller, folded; what two of them share is nobody's."""
    found: dict[str, int] = {}
    for place, controller in enumerate(controllers):
        cells = controller.cells
        listed = cells.get("laboratory_codes", "").replace(";", ",").replace("|", ",").split(",")
        for name in {lexicon.fold(each) for each in (controller.code, controller.name, cells.get("finess", ""),
                                                     cells.get("siren", "").replace(" ", ""), *listed)}:  # fmt: skip
            if name:
                found[name] = place if found.get(name, place) == place else NOBODY
    return {name: place for name, place in found.items() if place != NOBODY}


def _patients(engine: Engine, rows: ir.Table, outside: Ints, labels: Ints) -> dict[int, list[dict[str, Any]]]:
    """Return the persons of rows that no registry explains, by controller: their cells, and their rows."""
    asked = engine.put("outside", pa.table({"row": outside}))
    names = ["row", "owner", *(f"patient_{name}" for name in (*CELLS, "address", "born", "families"))]
    found: dict[int, dict[int, dict[str, Any]]] = {}
    for line in engine.fetch(rows.inner_join(asked, "row").select(*names).order_by("row")).to_pylist():
        own = found.setdefault(line["owner"], {})
        person = own.get(int(labels[line["row"]]))
        cells = {name.removeprefix("patient_"): line[name] for name in names[2:]}
        if person is None:
            own[int(labels[line["row"]])] = {**cells, "rows": [line["row"]]}
            continue
        person["rows"].append(line["row"])
        person["families"] |= cells["families"]
        _complete(person, cells)
    # A row that says nothing of a patient (a blank one, one of a list of prescribers) is nobody's.
    return {
        owner: [person for person in people.values() if any(person[name] for name in _TELLING)]
        for owner, people in found.items()
    }


def _complete(person: dict[str, Any], cells: Mapping[str, Any]) -> None:
    """Fill what a person's earlier rows left open; an address is taken whole, never mixed of two."""
    for name in ("surname", "first_name", "sex", "title", "email", "born", "number"):
        person[name] = person[name] or cells[name]
    if not person["address"] and cells["address"]:
        person |= {name: cells[name] for name in ("address", "postcode", "commune", "country")}


def _others(engine: Engine, rows: ir.Table, columns: Sequence[Column]) -> dict[int, list[dict[str, Any]]]:
    """Return everybody else by controller: what rows say of them, with the first row that says so."""
    found: dict[int, list[dict[str, Any]]] = {}
    for role in OTHERS:
        if not any(column.role is role for column in columns):
            continue
        own = {name: rows[f"{role.value}_{name}"] for name in (*CELLS, "address", "born")}
        named = rows.filter(own["surname"].notnull())
        home = {} if role is Role.PRESCRIBER else {f"home_{name}": rows[f"patient_{name}"] for name in _HOME}
        mask = rows[f"{role.value}_families"]
        if role is Role.INSURED:
            # The number on a dependant's row is the insured person's.
            mask = mask | (rows.patient_families & _NIR)
        held = named.select("owner", "row", **own, **home, mask=mask)
        groups = [name for name in held.columns if name not in {"row", "mask"}]
        held = held.group_by(groups).aggregate(rows=held.row.collect(), mask=held["mask"].bit_or())
        for line in engine.fetch(held).to_pylist():
            found.setdefault(line["owner"], []).append({**line, "role": role})
    return found


_HOME = ("address", "postcode", "commune", "country")
