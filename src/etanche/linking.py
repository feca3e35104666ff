"""The story of `etanche link`: which persons of one controller's registry are in the leak.

Rules, in the order in which they apply:

1. No registry is loaded without a ground: whoever runs the command is its controller (`own`), or acts for them by a
   mandate that says who, for what, until when and who signed.  The ground is logged before anything is read.
2. The registry is read as any file is, its columns recognised (`--map` puts them right); what is missing or twice
   there is said in one line, and nothing is written.
3. One registry a call; registries never meet.  The registry stays in memory; of the result, the list of persons is
   sealed in the case, and the counts are a result that anybody may read.
4. `to` is written whole or not at all: one line for every person of the registry who is to be notified or reviewed.
"""

from __future__ import annotations

import json
import os
import re
import tomllib
import unicodedata
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from etanche import ingest, leak, link, rows
from etanche.casefile import CaseFolder, Event, KeyOptions, keys, secure_process, write_whole
from etanche.casework import read_census
from etanche.config import Config
from etanche.engines import Engine
from etanche.errors import ExitCode, UserError
from etanche.model import Column, Kind, Reason, Role

if TYPE_CHECKING:
    import ibis.expr.types as ir

__all__ = ["KeyOptions", "LinkRequest", "Linked", "link_registry"]

_THREADS = 2
_NAME = re.compile(r"[A-Za-z0-9À-ÿ][A-Za-z0-9À-ÿ '._-]{0,60}")
_NAMES = frozenset({Kind.SURNAME, Kind.BIRTH_NAME, Kind.FULL_NAME})
_ONCE = (Kind.BIRTH_DATE, Kind.FIRST_NAME, Kind.NIR, Kind.SEX)
"""Kinds of which a registry has one column: two would be two things, and nobody could say which is meant."""
_KEY_KINDS = frozenset({Kind.IDENTIFIER, Kind.NUMBER, Kind.UNKNOWN})
_KEY_NAME = re.compile(
    r"(^|[_\W])(id|ipp|nip|num|numero|no|ref|cle|key|code|dossier|patient|uuid)([_\W]|$|\d)|id$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class LinkRequest:
    """What `etanche link` was asked."""

    case: Path
    registry: Path
    own: bool = False
    mandate: Path | None = None
    name: str | None = None
    to: Path | None = None
    corrections: bytes | None = None
    table: str | None = None
    passwords: Path | None = None
    keys: KeyOptions = field(default_factory=KeyOptions)
    progress: Callable[[str, int, int], None] = lambda _stage, _done, _total: None
    notice: Callable[[Reason], None] = lambda _reason: None


@dataclass(frozen=True, slots=True)
class Linked:
    """What came out."""

    document: dict[str, Any]
    exit_code: ExitCode


@dataclass(frozen=True, slots=True)
class _Registry:
    """A registry's tables in the engine."""

    persons: ir.Table
    keys: ir.Table | None
    """`row, key`: the cells of its unique identifier; None where rows are numbered instead."""
    key_name: str
    columns: tuple[Column, ...]
    reading: rows.Reading


def link_registry(request: LinkRequest, config: Config) -> Linked:
    """Say which persons of a registry are in the leak of a case.

    Raises `UserError`: no ground (5), a case without rows (5), a registry that cannot be read (3) or linked (2).
    """
    secure_process()
    ground = _ground(request, config.now().date())
    name = _name(request)
    times: dict[str, float] = {}
    with CaseFolder.open(request.case, config) as case:
        if case.summary.data_purged is not None or case.summary.purged is not None:
            raise UserError("case_data_purged", ExitCode.REFUSED)
        identity = keys.unlock(case, config, request.keys)
        index = rows.read_index(case, identity)
        leaked = _columns_of(read_census(case))
        if not any(column.kind in _NAMES and column.role is Role.PATIENT for column in leaked):
            raise UserError("link_no_names", ExitCode.USAGE, path=str(request.case))
        case.log(Event.COMMAND, command="link", name=name, **ground)
        with Engine(config.threads or _THREADS, config.memory) as engine:
            start = perf_counter()
            with ThreadPoolExecutor(1, thread_name_prefix="registry") as beside:
                # A process of its own opens and looks at the registry: the leak is read meanwhile.
                opening = beside.submit(_opened, request, config)
                parts = rows.stored_parts(case, identity, index)
                dump = engine.load(len(leaked), parts, {"dump": lambda part: link.side(part, leaked)})["dump"]
                times["leak"] = perf_counter() - start
                registry = _load(engine, request, opening.result())
            for source in registry.reading.sources[:1]:
                case.log(Event.INPUT_READ, what="registry", name=name, sha256=source.sha256, size=source.size)
            times["registry"] = perf_counter() - start - sum(times.values())
            request.progress("link", 0, 0)
            compared = link.compared(engine, dump, registry.persons)
            times["compare"] = perf_counter() - start - sum(times.values())
            table, decided = _decided(engine, compared, registry.persons)
            listed = _listed(engine, table, decided, registry)
            times["decide"] = perf_counter() - start - sum(times.values())
        document = _document(name, registry, listed, table, decided, times)
        data = _parquet(listed)
        part = f"matches/{_file_name(name)}"
        if part in case.sealed(part):
            case.discard(part)
        case.seal(part, data)
        case.commit(Event.LINKED, frozenset(), name=name, notify=document["notify"], review=document["review"])
        text = json.dumps(document, ensure_ascii=False, indent=1) + "\n"
        case.write_result(f"link-{_file_name(name)}.json", text.encode())
        if request.to is not None:
            _written(request.to, data)
    return Linked(document, ExitCode.DONE)


def _ground(request: LinkRequest, today: date) -> dict[str, str]:
    """Return on what ground the registry is loaded; `UserError` (refused) where there is none that holds."""
    if request.own == (request.mandate is not None):
        raise UserError("link_no_ground", ExitCode.REFUSED)
    if request.mandate is None:
        return {"ground": "own"}
    shown = str(request.mandate)
    try:
        data = request.mandate.read_bytes()
        said = tomllib.loads(data.decode("utf-8"))
        until = date.fromisoformat(str(said["until"]))
        given = {key: str(said[key]).strip() for key in ("controller", "scope", "signed_by")}
    except (OSError, UnicodeDecodeError, ValueError, KeyError) as error:
        raise UserError("link_mandate", ExitCode.REFUSED, path=shown) from error
    if not all(given.values()):
        raise UserError("link_mandate", ExitCode.REFUSED, path=shown)
    if until < today:
        raise UserError("link_mandate_over", ExitCode.REFUSED, path=shown, day=until.isoformat())
    return {"ground": "mandate", **given, "until": until.isoformat(), "mandate_sha256": sha256(data).hexdigest()}


def _name(request: LinkRequest) -> str:
    name = request.name or request.registry.name.partition(".")[0]
    if not _NAME.fullmatch(name):
        raise UserError("link_name", ExitCode.USAGE, name=name)
    return name


def _file_name(name: str) -> str:
    """Return what a list's files are called: its name where that is plain, else its letters and a few of its hash."""
    if re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9_-]|[.](?![.])){0,59}", name) and name[-1].isalnum():
        return name
    plain = "".join(char for char in unicodedata.normalize("NFKD", name) if not unicodedata.combining(char))
    joined = re.sub(r"[^A-Za-z0-9]+", "-", plain).strip("-")
    return f"{joined}-{sha256(name.encode()).hexdigest()[:8]}"


def _columns_of(census: dict[str, Any]) -> tuple[Column, ...]:
    """Return the columns of a leak as the census has them."""
    return tuple(
        Column(
            index=column["index"],
            name=column["name"],
            kind=Kind(column["kind"]),
            role=Role(column["role"]),
            confidence=column["confidence"],
            reason=Reason(column["reason_code"]),
            layout=column["layout"],
        )
        for column in census["columns"]
    )


def _opened(request: LinkRequest, config: Config) -> leak.Leak:
    """Open a registry as any file is opened."""
    limits, passwords = ingest.limits_of(config.limits), ingest.passwords_of(request.passwords)
    return leak.open_leak([request.registry], request.table, request.corrections, limits, passwords)


def _load(engine: Engine, request: LinkRequest, opened: leak.Leak) -> _Registry:
    """Read a registry into the engine.  Raises `UserError` where it cannot be linked."""
    shown = str(request.registry)
    if len(opened.layout.shapes) > 1:
        tables = ", ".join(shape.label for shape in opened.layout.shapes)
        raise UserError("link_several_tables", ExitCode.USAGE, path=shown, tables=tables)
    columns = opened.columns
    _check(columns, shown)
    candidates = [
        column.index
        for column in columns
        if column.kind in _KEY_KINDS and column.role in (Role.NONE, Role.PATIENT) and _KEY_NAME.search(column.name)
    ]

    def cells(part: ir.Table) -> ir.Table:
        return part.select(*(part[f"c{index}"] for index in candidates or [0]))

    loaded = engine.load(
        len(columns),
        opened.parts(lambda done, total: request.progress("reading", done, total)),
        {"registry": lambda part: link.side(part, columns), "cells": cells},
    )
    reading = opened.reading()
    if not reading.ledger.rows:
        raise UserError("link_empty", ExitCode.USAGE, path=shown)
    key = _key(engine, loaded["cells"], candidates, reading.ledger.rows)
    found = None if key is None else loaded["cells"].select("row", key=loaded["cells"][f"c{key}"])
    return _Registry(loaded["registry"], found, "" if key is None else columns[key].name, columns, reading)


def _check(columns: Sequence[Column], shown: str) -> None:
    """Refuse a registry that lacks what persons are told by, or has it twice."""
    own = [column for column in columns if column.role is Role.PATIENT]
    kinds = [column.kind for column in own]
    if not _NAMES & set(kinds) or not {Kind.FIRST_NAME, Kind.FULL_NAME} & set(kinds):
        raise UserError("link_no_name_column", ExitCode.USAGE, path=shown)
    if Kind.BIRTH_DATE not in kinds:
        raise UserError("link_no_birth_column", ExitCode.USAGE, path=shown)
    for kind in _ONCE:
        if kinds.count(kind) > 1:
            names = ", ".join(column.name for column in own if column.kind is kind)
            raise UserError("link_two_columns", ExitCode.USAGE, path=shown, kind=kind.value, columns=names)


def _key(engine: Engine, cells: ir.Table, candidates: Sequence[int], count: int) -> int | None:
    """Return the first column that numbers the registry's persons, each once; None without one."""
    if not candidates:
        return None
    sums = {f"n{index}": cells[f"c{index}"].nunique() for index in candidates}
    counted = engine.fetch(cells.aggregate(**sums)).to_pylist()[0]
    return next((index for index in candidates if counted[f"n{index}"] == count), None)


def _decided(engine: Engine, compared: ir.Table, persons: ir.Table) -> tuple[pa.Table, link.Decided]:
    """Return the pairs that weigh enough to be looked at, and what follows from them."""
    model = link.shipped()
    weighed = compared.mutate(weight=model.weight(compared))
    first, birth = (link.LEVELS[name].index("differs") for name in ("first", "birth"))
    own = weighed.l_nir == link.LEVELS["nir"].index("equal")
    clash = (weighed.l_first == first) & ((weighed.l_birth == birth) | ~own)
    levels = [f"l_{name}" for name in link.LEVELS]
    table = engine.fetch(
        weighed.filter(weighed.weight >= link.REVIEW).select("row", "person", "weight", *levels, veto=clash)
    )
    # The engine reads the weights as decimals, and decimals are what it gives.
    weight = table["weight"].cast(pa.float64()).to_numpy()
    row, person, veto = (table[name].to_numpy(zero_copy_only=False) for name in ("row", "person", "veto"))
    return table, link.decide(row, person, weight, veto, _same(engine, persons, row, person))


def _same(
    engine: Engine, persons: ir.Table, row: np.ndarray[Any, Any], person: np.ndarray[Any, Any]
) -> np.ndarray[Any, Any]:
    """Return who the person of each pair is: entries of one person in the registry have one number."""
    asked = link.contested(row, person)
    if not len(asked):
        return person
    wanted = engine.put("contested", pa.table({"row": asked}))
    found = engine.fetch(link.entry_keys(persons.inner_join(wanted, "row")).order_by("row"))
    keys = [
        # Half of a hash is enough for so few, and leaves a number for none.
        np.array([-1 if key is None else key >> 1 for key in found[name].to_pylist()], np.int64)
        for name in ("e0", "e1", "e2")
    ]
    number = link.one_person(keys)
    place = np.searchsorted(asked, person)
    place[place == len(asked)] = 0
    return np.where(asked[place] == person, asked[number[place]], person)


def _listed(engine: Engine, table: pa.Table, decided: link.Decided, registry: _Registry) -> pa.Table:
    """Return the list of persons: `registry_key, decision, weight, reason, rows`."""
    order = np.argsort(decided.pair_person, kind="stable")
    leaked = table["row"].to_numpy()[decided.pair[order]] + 1
    ends = np.searchsorted(decided.pair_person[order], np.arange(len(decided.person) + 1))
    decision = np.where(decided.notify, link.Decision.NOTIFY.value, link.Decision.REVIEW.value)
    return pa.table(
        {
            "registry_key": _keys(engine, registry, decided.person),
            "decision": pa.array(decision.tolist(), pa.string()),
            "weight": pa.array(np.round(decided.weight, 3)),
            "reason": _reasons(table, decided.best),
            "rows": pa.ListArray.from_arrays(pa.array(ends, pa.int32()), pa.array(leaked, pa.int64())),
        }
    )


def _keys(engine: Engine, registry: _Registry, persons: np.ndarray[Any, Any]) -> pa.Array:
    """Return the registry's own key of each person, a number where all are; else the row's number, from 1."""
    if registry.keys is None:
        return pa.array(persons + 1, pa.int64())
    wanted = engine.put("wanted", pa.table({"place": np.arange(len(persons)), "row": persons}))
    found = engine.fetch(wanted.inner_join(registry.keys, "row").order_by("place").select("key"))["key"]
    texts = found.combine_chunks()
    numbers = all(text.isdigit() and text == str(int(text)) and len(text) < 19 for text in texts.to_pylist())
    return texts.cast(pa.int64()) if numbers else texts


def _reasons(table: pa.Table, best: np.ndarray[Any, Any]) -> pa.Array:
    """Return what decided, as codes: each comparison that said something, with its level."""
    numbers = np.stack([table[f"l_{name}"].to_numpy()[best] for name in link.LEVELS], 1)
    patterns, which = np.unique(numbers, axis=0, return_inverse=True)
    texts = [
        " ".join(
            f"{name}:{levels[number]}"
            for (name, levels), number in zip(link.LEVELS.items(), pattern, strict=True)
            if not levels[number].startswith("missing")
        )
        for pattern in patterns
    ]
    return pa.array(texts, pa.string()).take(pa.array(which.reshape(-1)))


def _document(
    name: str,
    registry: _Registry,
    listed: pa.Table,
    table: pa.Table,
    decided: link.Decided,
    times: dict[str, float],
) -> dict[str, Any]:
    """Return the counts, the error that the weights imply, and the time by step."""
    chance = 1 / (1 + 2.0**-decided.weight)
    sure = decided.notify
    wrong = float((1 - chance[sure]).sum())
    in_review = float(chance[~sure].sum())
    told = int(sure.sum())
    return {
        "name": name,
        "registry": {
            "persons": registry.reading.ledger.rows,
            "quarantined": registry.reading.ledger.quarantined,
            "key": registry.key_name or None,
            "columns": [
                {"name": column.name, "kind": column.kind.value, "role": column.role.value}
                for column in registry.columns
            ],
        },
        "notify": told,
        "review": listed.num_rows - told,
        "rows": len(set(table["row"].to_numpy()[decided.pair].tolist())),
        "model": link.shipped().version,
        "error": {
            "wrong_expected": round(wrong, 1),
            "wrong_share": round(wrong / told, 5) if told else None,
            "true_in_review_expected": round(in_review, 1),
            "basis": "model",
        },
        "seconds": {step: round(seconds, 2) for step, seconds in times.items()},
    }


def _parquet(listed: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(listed, sink, compression="zstd")
    return bytes(sink.getvalue())


def _written(path: Path, data: bytes) -> None:
    try:
        write_whole(path, data)
    except OSError as error:
        problem = os.strerror(error.errno or 0)
        raise UserError("link_cannot_write", ExitCode.FAILED, path=str(path), problem=problem) from error
