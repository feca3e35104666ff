"""The story of `etanche persons`: who is who among the rows of a leak, before any registry is asked.

Rules, in the order in which they apply:

1. Triage counts persons by the keys that rows share, in the time of one pass: a first count, some three in a hundred
   too high where names and numbers are mistyped.  This compares the rows with one another, and takes longer.
2. Rows are weighed by the weights that are shipped, where the leak has a NIR, an address or a telephone; where names,
   days and places are all it has, by what the leak itself shows (decision 0058).
3. What comparing cannot tell is told as triage tells it: rows without a name, or without a date, by their e-mail or
   telephone, and rows of several tables by the number of the record that they share.
4. Whose row each row is is sealed in the case (`persons/rows`: `row`, from 1, and `person`, the first of their rows);
   the counts are a result that anybody may read.  The census keeps its own number, which its other counts rest on.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import ibis
import numpy as np
import pyarrow as pa

from etanche import link, persons, rows
from etanche.casefile import CaseFolder, Event, KeyOptions, keys, secure_process
from etanche.casework import columns_of, read_census
from etanche.config import Config
from etanche.engines import Engine
from etanche.errors import ExitCode, UserError
from etanche.identifiers._hash import no_hash
from etanche.link.within import persons_within
from etanche.link.within_any import persons_of_any
from etanche.link.within_clusters import groups
from etanche.link.within_fields import fields_of, side_of_any
from etanche.linking.registry import NAMES
from etanche.linking.sealing import parquet
from etanche.model import Column, Kind, Role
from etanche.renewal import renew

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import numpy.typing as npt

    Ints = npt.NDArray[np.int64]

PART = "persons/rows"
RESULT = "persons.json"
_THREADS = 2
_HOUSEHOLD = frozenset({Kind.NIR, Kind.INS, Kind.ADDRESS, Kind.PHONE, Kind.MOBILE, Kind.LANDLINE})
"""What the weights that are shipped have to be told from relatives by."""
_MANY = 10
"""Rows of a person from which they are counted together."""


@dataclass(frozen=True, slots=True)
class PersonsRequest:
    """What `etanche persons` was asked."""

    case: Path
    keys: KeyOptions = field(default_factory=KeyOptions)
    progress: Callable[[str, int, int], None] = lambda _stage, _done, _total: None


def persons_of_case(request: PersonsRequest, config: Config) -> dict[str, Any]:
    """Compare the rows of a case with one another, seal whose each is, and return the counts.

    Raises `UserError`: a case whose data are gone (5), a case without rows (5), a leak without names (2).
    """
    secure_process()
    start = perf_counter()
    with CaseFolder.open(request.case, config) as case:
        if case.summary.data_purged is not None or case.summary.purged is not None:
            raise UserError("case_data_purged", ExitCode.REFUSED)
        identity = keys.unlock(case, config, request.keys)
        index = rows.read_index(case, identity)
        census = read_census(case)
        columns = columns_of(census)
        if not any(column.kind in NAMES and column.role is Role.PATIENT for column in columns):
            raise UserError("link_no_names", ExitCode.USAGE, path=str(request.case))
        case.log(Event.COMMAND, command="persons")
        count = sum(index.rows.values())
        learned = learns(columns)
        with Engine(config.threads or _THREADS, config.memory) as engine:

            def side(part: ir.Table) -> ir.Table:
                return side_of_any(part, columns) if learned else link.side(part, columns)

            request.progress("link", 0, 0)
            records = index.reading.layout.records
            projections = {"dump": side, "ties": lambda part: ties(part, columns, records)}
            left = engine.load(len(columns), rows.stored_parts(case, identity, index), projections)
            if learned:
                label = persons_of_any(engine, engine.keep("told", left["dump"]), tuple(fields_of(columns)), count)
            else:
                label = persons_within(engine, left["dump"], count)
            label = tied(engine, left["ties"], label)
        renew(case, PART, parquet(pa.table({"row": np.arange(1, count + 1), "person": label + 1})))
        document = {
            **counts_of(label),
            "census_persons": census["persons"],
            "weights": "learned" if learned else link.shipped().version,
            "seconds": round(perf_counter() - start, 2),
        }
        case.commit(Event.PERSONS_COUNTED, frozenset(), rows=count, persons=document["persons"])
        case.write_result(RESULT, (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode())
    return document


def ties(part: ir.Table, columns: Sequence[Column], records: Sequence[Sequence[int]]) -> ir.Table:
    """Return triage's keys of rows that comparing cannot tell: those without a name, and those of one record."""
    part = part.mutate(**persons.trait_fields(part, columns))
    part = part.mutate(**persons.compared_days(part))
    keyed = persons.key_fields(part, records)
    kept = {name: key for name, key in keyed.items() if name == "k_fallback" or name.startswith("k_record")}
    return part.select(**(kept or {"k_fallback": no_hash()}))


def tied(engine: Engine, keyed: ir.Table, label: Ints) -> Ints:
    """Return the first row of each row's person, those that share a key being one."""
    one, other = [np.arange(len(label))], [label]
    for name in keyed.columns:
        if name != "row":
            held = engine.fetch(keyed.select("row", key=keyed[name]).filter(ibis._.key.notnull()))
            pairs = persons.shared(held["row"].to_numpy(), held["key"].to_numpy())
            one.append(pairs[0])
            other.append(pairs[1])
    return groups(len(label), np.concatenate(one), np.concatenate(other))


def learns(columns: Sequence[Column]) -> bool:
    """Tell whether a leak has nothing by which the weights that are shipped tell relatives apart."""
    return not any(column.kind in _HOUSEHOLD and column.role is Role.PATIENT for column in columns)


def counts_of(label: Ints) -> dict[str, Any]:
    """Return how many rows and persons there are, and how many persons have how many rows."""
    rows_each = np.unique(label, return_counts=True)[1]
    several = np.bincount(np.minimum(rows_each, _MANY), minlength=_MANY + 1)
    by_rows = {str(number) if number < _MANY else f"{_MANY}+": int(several[number]) for number in range(1, _MANY + 1)}
    return {
        "rows": len(label),
        "persons": len(rows_each),
        "persons_by_rows": {number: persons for number, persons in by_rows.items() if persons},
    }
