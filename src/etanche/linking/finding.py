"""The story of `etanche find`: one person's rows, asked for by identity, for the help line and the right of access.

Rules, in the order in which they apply:

1. Whom one asks for never stands on a command line, in a log or in a file: the log has a keyed hash of it, which only
   whoever holds the case can test, and nobody once the data are purged.
2. Two ways to ask: surname, first name and day of birth (as tolerant as the linker), or a NIR; both together are best.
3. So many an hour and no more, whoever asks: a leak must not become a directory.  The log keeps the count.
4. Values are masked unless they are asked for in clear, with a reason that is logged; only rows that are surely the
   person's are ever shown in clear.
5. A NIR is not always one's own: rows of others under the same number are counted and not shown.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ibis
import numpy as np
import pyarrow as pa

from etanche import link, rows
from etanche.case import encodable
from etanche.casefile import CaseFolder, Event, KeyOptions, keys, secure_process
from etanche.casefile.custody import LOG
from etanche.casefile.custody import read as read_log
from etanche.casework import columns_of, read_census
from etanche.config import Config
from etanche.engines import Engine
from etanche.errors import ExitCode, UserError
from etanche.link.decide import NOTIFY
from etanche.linking.addressees import fields_of
from etanche.linking.explaining import masked
from etanche.linking.families import family_mask, masks, of_persons, with_texts
from etanche.linking.picking import first_filled, picked
from etanche.linking.sample import SHOWN
from etanche.linking.sealing import keyed
from etanche.model import Column, Kind, Reason, Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import ibis.expr.types as ir

    from etanche.engines import DelimitedPart

PER_HOUR = 60
"""Identities that may be asked for in an hour, over one case."""
_KINDS = {"surname": Kind.SURNAME, "first_name": Kind.FIRST_NAME, "birth_date": Kind.BIRTH_DATE, "nir": Kind.NIR}
_DAYS = ("%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y")
_THREADS = 2


@dataclass(frozen=True, slots=True)
class Asked:
    """Whom one asks for: what is not known is empty."""

    surname: str = field(default="", repr=False)
    first_name: str = field(default="", repr=False)
    birth_date: str = field(default="", repr=False)
    nir: str = field(default="", repr=False)

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Asked:
        """Return what was said, checked; `UserError` (usage) for too little, or a day or number that is none."""
        given = {name: str(said.get(name) or "").strip() for name in _KINDS}
        nir = re.sub(r"[\s.-]", "", given["nir"]).upper()
        if nir and not re.fullmatch(r"[1-8]\d{4}[0-9AB]{8}(\d\d)?", nir):
            raise UserError("find_nir", ExitCode.USAGE)
        whole = given["surname"] and given["first_name"] and given["birth_date"]
        if not (whole or nir):
            raise UserError("find_too_little", ExitCode.USAGE)
        birth = _day(given["birth_date"]) if given["birth_date"] else ""
        return cls(given["surname"], given["first_name"], birth, nir)

    @property
    def spelt(self) -> str:
        """The identity in one spelling, to be hashed."""
        names = (unicodedata.normalize("NFKD", text).upper() for text in (self.surname, self.first_name))
        plain = ["".join(char for char in name if char.isalnum()) for name in names]
        return "\n".join(["find", *plain, self.birth_date, self.nir[:13]])


@dataclass(frozen=True, slots=True)
class FindRequest:
    """What `etanche find` was asked, but for whom."""

    case: Path
    clear: bool = False
    reason: str = ""
    keys: KeyOptions = field(default_factory=KeyOptions)


def find(request: FindRequest, asked: Asked, config: Config) -> dict[str, Any]:
    """Return the rows of one person: which, how surely, what families of data they hold, of which laboratory.

    Raises `UserError`: no reason for the clear (2), the limit of the hour (5), no rows (5).
    """
    secure_process()
    if request.clear and not request.reason.strip():
        raise UserError("find_reason", ExitCode.USAGE)
    with CaseFolder.open(request.case, config) as case:
        if case.summary.data_purged is not None or case.summary.purged is not None:
            raise UserError("case_data_purged", ExitCode.REFUSED)
        identity, today = keys.unlock(case, config, request.keys), config.now().date()
        _check_rate(case, config.now())
        columns = columns_of(read_census(case))
        who = keyed(case, partial(case.unseal, identity=identity))(asked.spelt).hex()[:32]
        reason = {"reason": encodable(request.reason.strip())} if request.reason.strip() else {}
        case.log(Event.SHOWN, what="find", person=who, clear=int(request.clear), **reason)
        again = partial(rows.stored_parts, case, identity, rows.read_index(case, identity))
        with Engine(config.threads or _THREADS, config.memory) as engine:
            projections = {
                "dump": lambda part: link.side(part, columns, today),
                "families": lambda p: family_mask(p, columns),
            }
            loaded = engine.load(len(columns), again(), projections)
            hits = _hits(engine, loaded["dump"], asked)
            place = hits["row"].to_numpy()
            mask = with_texts(masks(engine, loaded["families"], place), place, again, columns)
        families = of_persons(mask, np.arange(len(place)), len(place)).to_pylist()
        shown = _shown(again(), columns, hits, clear=request.clear)
    found = [{**each, "families": held} for each, held in zip(shown, families, strict=True)]
    return {
        "found": sum(each["sure"] for each in found),
        "maybe": sum(not each["sure"] for each in found),
        "others_under_number": _others(hits),
        "rows": found,
    }


def _check_rate(case: CaseFolder, now: datetime) -> None:
    """Refuse more than so many an hour; entries of a clock that was ahead count too."""
    entries, _ = read_log((case.path / LOG).read_bytes())
    since = now - timedelta(hours=1)
    times = [
        datetime.fromisoformat(entry.time)
        for entry in entries
        if entry.event == Event.SHOWN and entry.params.get("what") == "find"
    ]
    recent = sorted(time for time in times if time > since)
    if len(recent) >= PER_HOUR:
        minutes = max(1, -(-int((recent[-PER_HOUR] - since).total_seconds()) // 60))
        raise UserError("find_limit", ExitCode.REFUSED, limit=PER_HOUR, minutes=minutes)


def _hits(engine: Engine, dump: ir.Table, asked: Asked) -> pa.Table:
    """Return `row, weight, sure` of the rows that are or may be the person's; metadata `others`: see `_others`."""
    cells = {f"c{number}": [getattr(asked, name) or None] for number, name in enumerate(_KINDS)}
    columns = [
        Column(number, name, kind, Role.PATIENT, 1.0, Reason("given"), "%Y-%m-%d" if kind is Kind.BIRTH_DATE else "")
        for number, (name, kind) in enumerate(_KINDS.items())
    ]
    typed = engine.put("asked_cells", pa.table({name: pa.array(cell, pa.string()) for name, cell in cells.items()}))
    person = engine.keep("asked", link.side(typed, columns).mutate(row=ibis.literal(0, type="int64")))
    found: dict[int, tuple[float, bool]] = {}
    if asked.surname and asked.birth_date:
        pairs = engine.fetch(link.compared(engine, dump, person))
        codes = link.codes(pairs)
        weight, vetoed = link.shipped().table()[codes], link.vetoed()[codes]
        able = weight >= link.REVIEW
        sure = (weight >= NOTIFY) & ~vetoed
        places = pairs["row"].to_numpy()[able].tolist()
        found = dict(zip(places, zip(weight[able].tolist(), sure[able].tolist(), strict=True), strict=True))
    under = _under(engine, dump, asked)
    for row, own in under.items():
        if own and row not in found and not asked.surname:
            found[row] = (0.0, True)
    strangers = sum(row not in found for row in under)
    order = sorted(found, key=lambda row: (not found[row][1], -found[row][0], row))
    return pa.table(
        {
            "row": pa.array(order, pa.int64()),
            "weight": pa.array([found[row][0] for row in order], pa.float64()),
            "sure": pa.array([found[row][1] for row in order], pa.bool_()),
        },
    ).replace_schema_metadata({"others": str(strangers)})


def _under(engine: Engine, dump: ir.Table, asked: Asked) -> dict[int, bool]:
    """Return the rows under the NIR asked for, and whether it is the row's own."""
    if not asked.nir:
        return {}
    same = dump.filter(dump.nir == asked.nir[:13])
    table = engine.fetch(same.select("row", own=same.bearer.notnull()))
    return dict(zip(table["row"].to_pylist(), table["own"].to_pylist(), strict=True))


def _shown(
    parts: Iterable[DelimitedPart], columns: Sequence[Column], hits: pa.Table, *, clear: bool
) -> list[dict[str, Any]]:
    """Return what is shown of each row."""
    place = hits["row"].to_numpy()
    asked, at = np.unique(place, return_inverse=True)
    every = [column.index for column in columns]
    cells = picked(parts, len(columns), every, asked)
    fields = {
        name: first_filled(cells, indexes, len(asked)).to_pylist()
        for name, indexes in fields_of(columns, SHOWN).items()
    }
    labs = [column.index for column in columns if column.kind is Kind.LABORATORY]
    laboratory = first_filled(cells, labs, len(asked)).to_pylist()
    shown: list[dict[str, Any]] = []
    for hit, one in zip(hits.to_pylist(), at.tolist(), strict=True):
        whole = clear and hit["sure"]
        identity = {name: values[one] for name, values in fields.items() if values[one]}
        each = {
            "row": hit["row"] + 1,
            "sure": hit["sure"],
            "weight": round(hit["weight"], 2),
            "laboratory": laboratory[one],
            "identity": identity if whole else {name: masked(value) for name, value in identity.items()},
        }
        if whole:
            filled = {column.name: str(cells[column.index][one]) for column in columns}
            each["cells"] = {name: value for name, value in filled.items() if value}
        shown.append(each)
    return shown


def _others(hits: pa.Table) -> int:
    """Return how many rows of others stand under the NIR asked for."""
    return int((hits.schema.metadata or {}).get(b"others", b"0"))


def _day(text: str) -> str:
    for layout in _DAYS:
        try:
            # A day has no zone.
            day: date = datetime.strptime(text, layout).date()  # noqa: DTZ007
        except ValueError:
            continue
        return day.isoformat()
    raise UserError("find_day", ExitCode.USAGE)
