"""The list of who is to be told, in the forms that sending letters takes: where to apart from what of.

Rules, in the order in which they apply:

1. One folder a controller (a list); only who is to be notified is in it.
2. A letter has a number that tells nothing, the same at every export: `postal` says where it goes, `families` which
   families of data it speaks of.  Whoever prints addresses needs not know that somebody's health leaked.
3. `by-family/` has the numbers of the letters that speak of a family; `keys` leads back to the registry, and stays with
   who keeps that; `not-notified` says of whom is in review or was taken off the list why, by the registry's key alone.
4. Where the letters of a controller were worked out (`etanche letters`), they say who is written to, where, under which
   number and of what: who is dead, at risk, told already or on the list only since is left out, and `not-notified` says
   why.  Where they never were, nothing but the list has a say, and whoever asked is told so.
5. CSV for spreadsheets (no cell is a formula, UTF-8 with its mark), Parquet for programs: the same rows.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyarrow as pa

from etanche.casefile import CaseFolder, Event, KeyOptions, disk, keys, secure_process
from etanche.config import Config
from etanche.linking.listing import written
from etanche.linking.lists import ADDRESSEES, DROPPED, MATCHES, ListOf, Unseal, one_or_all, table_of
from etanche.linking.paper import table as csv_table
from etanche.linking.sealing import keyed, outside, parquet, read
from etanche.model import FAMILIES
from etanche.respond.letters.standing import Standing

_POSTAL = ("title", "surname", "birth_name", "first_name", "full_name", "address", "postcode", "commune", "country")
_LINES = 6
"""Lines that the window of an envelope has."""


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """What `etanche link --export` was asked."""

    case: Path
    to: Path
    name: str | None = None
    """One list; None: all there are."""
    letters: Mapping[str, Mapping[str, Standing]] = field(default_factory=dict, repr=False)
    """How the letters of controllers stand, by code (case folded) and by the registry's key."""
    keys: KeyOptions = field(default_factory=KeyOptions)


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written of one list."""

    letters: int
    held: int | None
    """Letters to persons of the list that are held back; None where there are no letters yet, and nothing holds any."""


def export(request: ExportRequest, config: Config) -> dict[str, Exported]:
    """Write the list of who is to be told; return the letters by list.

    Raises `UserError`: a place within the case (5), data destroyed (5), no list (3), what cannot be written (1).
    """
    secure_process()
    outside(request.to, request.case)
    told: dict[str, Exported] = {}
    with CaseFolder.open(request.case, config) as case:
        unseal = partial(case.unseal, identity=keys.unlock(case, config, request.keys))
        held = one_or_all(case, request.name, unseal)
        number = keyed(case, unseal)
        for each in held:
            standing = request.letters.get(each.name.casefold())
            told[each.name], found = _found(case, unseal, each, number, standing)
            letters = told[each.name].letters
            content = {f"{name}{end}": form(table) for name, table in found.items() for end, form in _FORMS.items()}
            listed = "".join(f"{sha256(data).hexdigest()}  {name}\n" for name, data in sorted(content.items()))
            digest = sha256(listed.encode()).hexdigest()
            case.log(Event.EXPORTED, name=each.name, letters=letters, files=len(content), sha256=digest)
            for name, data in content.items():
                path = request.to / each.file / name
                with disk.folder_made(path.parent):
                    written(path, data)
    return told


def _found(
    case: CaseFolder,
    unseal: Unseal,
    held: ListOf,
    number: Callable[[str], bytes],
    standing: Mapping[str, Standing] | None,
) -> tuple[Exported, dict[str, pa.Table]]:
    """Return the tables of one list by file, and how many letters they are."""
    people = table_of(unseal, held, ADDRESSEES)
    left_out = _left_out(case, unseal, held)
    if standing is None:
        people = _told(people, [decision == "notify" for decision in people["decision"].to_pylist()])
        tables = dict(_files(people, held, number))
        return Exported(people.num_rows, None), tables | {"not-notified": left_out}
    due, back = by_letters(people, standing)
    # A link in review that somebody has confirmed since is a letter, and whoever has one is not left out.
    written_to = {str(key) for key in due["registry_key"].to_pylist()}
    left_out = _told(left_out, [key not in written_to for key in left_out["registry_key"].to_pylist()])
    both = pa.concat_tables([left_out, back.cast(left_out.schema)])
    return Exported(due.num_rows, back.num_rows), {**dict(tables_of(due)), "not-notified": both}


def _files(people: pa.Table, held: ListOf, number: Callable[[str], bytes]) -> Iterator[tuple[str, pa.Table]]:
    letters = [letter(number, held.name, key) for key in people["registry_key"].to_pylist()]
    # In the order of the numbers: the order of the registry would tell what the numbers do not.
    order = pa.array(sorted(range(len(letters)), key=letters.__getitem__), pa.int64())
    people = people.take(order)
    column = pa.array([letters[place] for place in order.to_pylist()], pa.string())
    yield "postal", pa.table({"letter": column, **{name: people[name] for name in _POSTAL}})
    yield from _besides(column, people)


def _besides(column: pa.Array, people: pa.Table) -> Iterator[tuple[str, pa.Table]]:
    """Yield what there is of each letter besides where it goes."""
    families = people["families"].to_pylist()
    spelt = pa.array([" ".join(each) for each in families], pa.string())
    yield "email", _told(pa.table({"letter": column, "email": people["email"]}), people["email"].to_pylist())
    yield "families", pa.table({"letter": column, "families": spelt})
    yield "keys", pa.table({"letter": column, "registry_key": people["registry_key"].cast(pa.string())})
    for family in dict.fromkeys((*FAMILIES, *(name for each in families for name in each))):
        some = _told(pa.table({"letter": column}), [family in each for each in families])
        if some.num_rows:
            yield f"by-family/{family}", some


def by_letters(people: pa.Table, standing: Mapping[str, Standing]) -> tuple[pa.Table, pa.Table]:
    """Return the letters that are due, in the order of their numbers, and who of the list has none, and why."""
    due, back = [], []
    for key, decision in zip(people["registry_key"].to_pylist(), people["decision"].to_pylist(), strict=True):
        found = standing.get(str(key))
        if found is not None and not found.held:
            due.append((found.reference, str(key), found))
        elif decision == "notify":
            back.append((str(key), decision, f"letter:{found.held if found else 'none'}"))
    due.sort(key=lambda each: each[0])
    said = [found for _, _, found in due]
    columns = {
        "letter": [reference for reference, _, _ in due],
        "registry_key": [key for _, key, _ in due],
        **{f"line_{at + 1}": [each.lines[at] if at < len(each.lines) else "" for each in said] for at in range(_LINES)},
        **{name: [getattr(each, name) for each in said] for name in ("postcode", "country", "email")},
    }
    families = pa.array([list(each.families) for each in said], pa.list_(pa.string()))
    table = pa.table({name: pa.array(cells, pa.string()) for name, cells in columns.items()})
    names = ("registry_key", "decision", "reason")
    held = {name: pa.array([each[at] for each in back], pa.string()) for at, name in enumerate(names)}
    return table.append_column("families", families), pa.table(held)


def tables_of(due: pa.Table) -> Iterator[tuple[str, pa.Table]]:
    """Yield the files of letters that are due."""
    window = [name for name in due.column_names if name.startswith("line_")]
    yield "postal", due.select(["letter", *window, "postcode", "country"])
    yield from _besides(due["letter"], due)


def _told(table: pa.Table, holds: list[Any]) -> pa.Table:
    return table.filter(pa.array([bool(each) for each in holds], pa.bool_()))


def _left_out(case: CaseFolder, unseal: Unseal, held: ListOf) -> pa.Table:
    """Return who is in review or was taken off, and why, by the registry's key alone."""
    names = ["registry_key", "decision", "reason"]
    found = [table_of(unseal, held, MATCHES).select(names)]
    part = f"{DROPPED}{held.file}/{MATCHES.rstrip('/')}"
    if part in case.sealed():
        found.append(read(unseal(part)).select(names).cast(found[0].schema))
    both = pa.concat_tables(found)
    left = _told(both, [decision != "notify" for decision in both["decision"].to_pylist()])
    return left.set_column(0, "registry_key", left["registry_key"].cast(pa.string()))


def letter(number: Callable[[str], bytes], name: str, key: object) -> str:
    """Return the number of a person's letter: twelve characters (60 bits) in groups of four."""
    text = base64.b32encode(number(f"letter\n{name}\n{key}"))[:12].decode()
    return "-".join(text[at : at + 4] for at in (0, 4, 8))


def as_csv(table: pa.Table) -> bytes:
    """Return a table as CSV that spreadsheets open and take for no formula."""
    columns = [table[name].to_pylist() for name in table.column_names]
    rows = (["" if cell is None else str(cell) for cell in row] for row in zip(*columns, strict=True))
    return csv_table(_lines(table.column_names, rows))


def _lines(names: list[str], rows: Iterator[list[str]]) -> Iterator[list[str]]:
    yield list(names)
    yield from rows


_FORMS: Mapping[str, Callable[[pa.Table], bytes]] = {".csv": as_csv, ".parquet": parquet}
