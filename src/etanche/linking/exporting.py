"""The list of who is to be told, in the forms that sending letters takes: where to apart from what of.

Rules, in the order in which they apply:

1. One folder a controller (a list); only who is to be notified is in it.
2. A letter has a number that tells nothing, the same at every export: `postal` says where it goes, `families` which
   families of data it speaks of.  Whoever prints addresses needs not know that somebody's health leaked.
3. `by-family/` has the numbers of the letters that speak of a family; `keys` leads back to the registry, and stays with
   who keeps that; `not-notified` says of whom is in review or was taken off the list why, by the registry's key alone.
4. No list of the letters (deceased, at risk…), no gate and no decision has a say here: the letters themselves, and how
   many they are, come from `etanche letters`.
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

from etanche.casefile import CaseFolder, Event, KeyOptions, keys, secure_process
from etanche.config import Config
from etanche.linking.listing import written
from etanche.linking.lists import ADDRESSEES, DROPPED, MATCHES, ListOf, Unseal, one_or_all, table_of
from etanche.linking.paper import table as csv_table
from etanche.linking.sealing import keyed, outside, parquet, read
from etanche.model import FAMILIES

_POSTAL = ("title", "surname", "birth_name", "first_name", "full_name", "address", "postcode", "commune", "country")


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """What `etanche link --export` was asked."""

    case: Path
    to: Path
    name: str | None = None
    """One list; None: all there are."""
    keys: KeyOptions = field(default_factory=KeyOptions)


def export(request: ExportRequest, config: Config) -> dict[str, int]:
    """Write the list of who is to be told; return the letters by list.

    Raises `UserError`: a place within the case (5), data destroyed (5), no list (3), what cannot be written (1).
    """
    secure_process()
    outside(request.to, request.case)
    told = {}
    with CaseFolder.open(request.case, config) as case:
        unseal = partial(case.unseal, identity=keys.unlock(case, config, request.keys))
        held = one_or_all(case, request.name, unseal)
        number = keyed(case, unseal)
        for each in held:
            found = dict(_files(case, unseal, each, number))
            letters = found["postal"].num_rows
            content = {f"{name}{end}": form(table) for name, table in found.items() for end, form in _FORMS.items()}
            listed = "".join(f"{sha256(data).hexdigest()}  {name}\n" for name, data in sorted(content.items()))
            digest = sha256(listed.encode()).hexdigest()
            case.log(Event.EXPORTED, name=each.name, letters=letters, files=len(content), sha256=digest)
            for name, data in content.items():
                path = request.to / each.file / name
                path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                written(path, data)
            told[each.name] = letters
    return told


def _files(
    case: CaseFolder, unseal: Unseal, held: ListOf, number: Callable[[str], bytes]
) -> Iterator[tuple[str, pa.Table]]:
    people = table_of(unseal, held, ADDRESSEES)
    people = people.filter(pa.array([decision == "notify" for decision in people["decision"].to_pylist()], pa.bool_()))
    letters = [letter(number, held.name, key) for key in people["registry_key"].to_pylist()]
    # In the order of the numbers: the order of the registry would tell what the numbers do not.
    order = pa.array(sorted(range(len(letters)), key=letters.__getitem__), pa.int64())
    people = people.take(order)
    column = pa.array([letters[place] for place in order.to_pylist()], pa.string())
    families = people["families"].to_pylist()
    spelt = pa.array([" ".join(each) for each in families], pa.string())
    yield "postal", pa.table({"letter": column, **{name: people[name] for name in _POSTAL}})
    yield "email", _told(pa.table({"letter": column, "email": people["email"]}), people["email"].to_pylist())
    yield "families", pa.table({"letter": column, "families": spelt})
    yield "keys", pa.table({"letter": column, "registry_key": people["registry_key"].cast(pa.string())})
    for family in FAMILIES:
        some = _told(pa.table({"letter": column}), [family in each for each in families])
        if some.num_rows:
            yield f"by-family/{family}", some
    yield "not-notified", _left_out(case, unseal, held)


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
