"""The story of `etanche handover`: one controller's own part of a case, sealed to its own key, and nothing else.

Rules, in the order in which they apply:

1. One key a controller: a key that sealed another's part, or is the case's own, is refused.
2. In it: its list and who of it is written to, the rows of the leak that are its persons' to be notified, the counts,
   and of the custody log what concerns it: how the case began, its registry, its list, its handovers.
3. A row that another controller's list has for somebody else, and nearly as surely, is left out: better a row too few
   than another's patient.  People are the same where first name and day of birth are.
4. Where the part cannot be written, the key that was made for it goes again: it would open nothing.
5. Everything is put together in memory and sealed as one age file of a tar archive; nothing readable touches the disk.
"""

from __future__ import annotations

import io
import json
import tarfile
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from etanche import rows
from etanche.casefile import CaseFolder, Event, KeyOptions, disk, keys, secure_process
from etanche.casefile.custody import LOG
from etanche.casefile.custody import read as read_log
from etanche.casefile.outside import key_in, recipient_of, sealed_for
from etanche.casework import columns_of, read_census
from etanche.config import Config
from etanche.errors import ExitCode, UserError
from etanche.link.decide import GAP
from etanche.linking.exporting import as_csv
from etanche.linking.listing import written
from etanche.linking.lists import ADDRESSEES, MATCHES, ListOf, Unseal, chosen, lists, table_of
from etanche.linking.picking import picked
from etanche.linking.sealing import outside, parquet
from etanche.words import Words

if TYPE_CHECKING:
    from etanche.casefile import Entry

    Ints = np.ndarray[Any, np.dtype[np.int64]]

_OF_ALL = frozenset({Event.CREATED, Event.ACQUIRED, Event.TRIAGED})
"""Entries of the log that concern everybody: how the case began."""


@dataclass(frozen=True, slots=True)
class HandoverRequest:
    """What `etanche handover` was asked."""

    case: Path
    name: str
    to: Path
    recipient: str | None = None
    keys: KeyOptions = field(default_factory=KeyOptions)


@dataclass(frozen=True, slots=True)
class Handed:
    """What was handed over."""

    name: str
    file: Path
    recipient: str
    key_made: Path | None
    persons: int
    rows: int
    withheld: int


def hand_over(request: HandoverRequest, config: Config) -> Handed:
    """Write one controller's own part, sealed to its own key.

    Raises `UserError`: a place within the case (5), another's key (5), no such list (3), what is no key (2).
    """
    secure_process()
    outside(request.to, request.case)
    given = None if request.recipient is None else recipient_of(request.recipient)
    with CaseFolder.open(request.case, config) as case, ExitStack() as place:
        identity = keys.unlock(case, config, request.keys)
        unseal = partial(case.unseal, identity=identity)
        held = chosen(case, request.name, unseal)
        entries, _ = read_log((case.path / LOG).read_bytes())
        key_file = request.to / f"{held.file}.key"
        place.enter_context(disk.folder_made(request.to))
        recipient, made = (given, False) if given is not None else place.enter_context(key_in(key_file, held.name))
        others = {entry.params.get("recipient") for entry in entries if _name(entry) != held.name}
        if recipient in others:
            raise UserError("handover_shared", ExitCode.REFUSED)
        own, withheld = _own_rows(case, unseal, held)
        columns = [column.name for column in columns_of(read_census(case))]
        parts = rows.stored_parts(case, identity, rows.read_index(case, identity))
        cells = picked(parts, len(columns), range(len(columns)), own)
        leaked = pa.table(
            [pa.array(own + 1, pa.int64()), *(cells[index] for index in range(len(columns)))], ["row", *_apart(columns)]
        )
        people = table_of(unseal, held, ADDRESSEES)
        content = {
            "list.parquet": parquet(table_of(unseal, held, MATCHES)),
            "addressees.parquet": parquet(people),
            "rows.parquet": parquet(leaked),
            "rows.csv": as_csv(leaked),
            "counts.json": _json(_counts(held, people, len(own), withheld)),
            "custody.json": _json([asdict(entry) for entry in entries if _concerns(entry, held.name)]),
            "README.txt": Words(config.language)("linking.handover.readme", file=f"{held.file}.tar.age").encode()
            + b"\n",
        }
        data = sealed_for(_tar(content), recipient)
        digest = sha256(data).hexdigest()
        params: dict[str, str | int | None] = {"recipient": recipient, "sha256": digest, "size": len(data)}
        case.log(Event.SLICED, name=held.name, persons=people.num_rows, rows=len(own), withheld=withheld, **params)
        file = request.to / f"{held.file}.tar.age"
        written(file, data)
    return Handed(held.name, file, recipient, key_file if made else None, people.num_rows, len(own), withheld)


def _own_rows(case: CaseFolder, unseal: Unseal, held: ListOf) -> tuple[Ints, int]:
    """Return the rows of the leak (from 0, in order) that are this controller's to have, and how many were left out."""
    mine = _claims(unseal, held)
    left_out = set()
    for name in lists(case):
        if name != held.name:
            for row, (who, weight) in _claims(unseal, chosen(case, name, unseal)).items():
                if row in mine and mine[row][0] != who and weight > mine[row][1] - GAP:
                    left_out.add(row)
    return np.array(sorted(mine.keys() - left_out), np.int64), len(left_out)


def _claims(unseal: Unseal, held: ListOf) -> dict[int, tuple[str, float]]:
    """Return of each row (from 0) that a list notifies somebody of: who that is, and the weight."""
    people = table_of(unseal, held, ADDRESSEES)
    weights = table_of(unseal, held, MATCHES)["weight"].to_pylist()
    claims: dict[int, tuple[str, float]] = {}
    shown = people.select(["decision", "first_name", "full_name", "birth_date", "rows"]).to_pylist()
    for person, weight in zip(shown, weights, strict=True):
        if person["decision"] != "notify":
            continue
        who = _plain(person["first_name"] or person["full_name"]) + "".join(filter(str.isdigit, person["birth_date"]))
        for row in person["rows"]:
            if row - 1 not in claims or weight > claims[row - 1][1]:
                claims[row - 1] = (who, weight)
    return claims


def _plain(name: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFKD", name).upper() if char.isalpha())


def _counts(held: ListOf, people: pa.Table, own: int, withheld: int) -> dict[str, Any]:
    """Return the counts of one list; the columns of the registry are the controller's own affair."""
    families: dict[str, int] = {}
    for each in people["families"].to_pylist():
        for family in each:
            families[family] = families.get(family, 0) + 1
    counts = {"rows_handed": own, "rows_withheld": withheld, "families": families}
    return {**{name: value for name, value in held.document.items() if name != "seconds"}, **counts}


def _name(entry: Entry) -> object:
    return entry.params.get("name")


def _concerns(entry: Entry, name: str) -> bool:
    """Tell whether an entry of the log is of everybody's case or of this controller's list."""
    read = entry.event == Event.INPUT_READ and "name" not in entry.params and entry.params.get("what") is None
    return entry.event in _OF_ALL or read or _name(entry) == name


def _apart(names: list[str]) -> Iterator[str]:
    """Yield names that are no other's: a leak may have two columns of one name."""
    seen = {"row": 1}
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        yield name if seen[name] == 1 else f"{name} ({seen[name]})"


def _json(document: object) -> bytes:
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode("utf-8", "backslashreplace")


def _tar(content: Mapping[str, bytes]) -> bytes:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, data in content.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(data), 0o600
            archive.addfile(entry, io.BytesIO(data))
    return held.getvalue()
