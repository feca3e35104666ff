"""What is done to a case besides its triage: read what was set aside, print the report again, hold, check, purge.

Everything that shows or destroys is logged first.  Nothing here needs a key but reading the quarantine.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from etanche import lexicon, report, rows
from etanche.case import CENSUS, REPORT, SHAREABLE, encodable
from etanche.casefile import CaseFolder, Event, KeyOptions, Receipt, Verification, keys, secure_process
from etanche.config import Config
from etanche.errors import ExitCode, UserError
from etanche.model import Column, Kind, Reason, Role, Source
from etanche.recognise.topics.dictionary import dictionary
from etanche.replica import ReplicaOptions
from etanche.replica import write as write_replica

__all__ = ["KeyOptions", "ReplicaOptions", "check_custody", "hold", "purge", "read_quarantine", "release"]
__all__ += ["Listing", "add_list", "lists", "remove_list", "render_report", "write_replica"]


@dataclass(frozen=True, slots=True)
class Listing:
    """One list of the lexicon, shipped or the user's own (then without publisher and licence)."""

    name: str
    title: str
    publisher: str
    licence: str
    date: date
    size: int
    """Bytes on disk."""
    entries: int


def lists(config: Config) -> Iterator[Listing]:
    """Yield the shipped lists, then the user's own."""
    for source, size, entries in lexicon.every_source():
        yield Listing(source.name, source.title, source.publisher, source.licence, source.date, size, entries)
    for own in lexicon.own.kept(config.lexicons):
        yield _listing(own)


def add_list(path: Path, kind: str, name: str | None, config: Config) -> Listing:
    """Keep a list of the user's own; `UserError` (usage) for what is none."""
    if config.lexicons is None:
        raise UserError("lexicon_no_folder", ExitCode.USAGE)
    if kind == lexicon.own.TOPICS and path.is_file():
        dictionary((path,))
    return _listing(lexicon.own.add(config.lexicons, path, kind, name))


def remove_list(name: str, config: Config) -> Path:
    """Remove a list of the user's own; `UserError` (usage) where there is none of the name."""
    return lexicon.own.remove(config.lexicons, name)


def _listing(own: lexicon.own.OwnList) -> Listing:
    day = datetime.fromtimestamp(own.modified, UTC).date()
    return Listing(own.name, own.kind, "", "", day, own.size, len(own.entries))


@dataclass(frozen=True, slots=True)
class SetAside:
    """One line of the quarantine, ready to be shown: masked unless asked for in clear."""

    line: int
    offset: int
    reason: str
    text: str
    place: str
    """File, member and table; empty where the leak is one table."""


def read_quarantine(path: Path, config: Config, options: KeyOptions, *, clear: bool) -> Iterator[SetAside]:
    """Yield the lines set aside; in clear only when asked by name.  Logged before the first one is read."""
    secure_process()
    with CaseFolder.open(path, config) as case:
        if case.summary.data_purged is not None:
            raise UserError("case_data_purged", ExitCode.REFUSED)
        identity = keys.unlock(case, config, options)
        case.log(Event.SHOWN, what="quarantine", clear=int(clear))
        sources = rows.read_index(case, identity).reading.sources
        for table, each in rows.quarantined(case, identity):
            text = each.raw.decode("utf-8", "backslashreplace")
            place = _place(sources[table]) if len(sources) > 1 else ""
            yield SetAside(each.line, each.offset, each.reason, text if clear else _masked(text), place)


def _place(source: Source) -> str:
    return "!".join(part for part in (source.path, source.member, source.table) if part)


def render_report(path: Path, config: Config, *, shareable: bool) -> Path:
    """Write the report again, in the language of the configuration; the shareable form shows no cell under 5."""
    with CaseFolder.open(path, config) as case:
        document = read_census(case)
        if shareable:
            document = report.shareable(document)
        name = SHAREABLE if shareable else REPORT
        case.write_result(name, report.html(document, config.language, shareable=shareable).encode())
        return case.path / name


def read_census(case: CaseFolder) -> dict[str, Any]:
    """Return the census of a case; `UserError` when it has none yet (unreadable) or not étanche's own (refused)."""
    written = case.summary.results.get(CENSUS)
    try:
        data = (case.path / CENSUS).read_bytes()
    except FileNotFoundError:
        data = b""
    if written is None or not data:
        raise UserError("no_census", ExitCode.UNREADABLE, path=str(case.path))
    if sha256(data).hexdigest() != written.sha256:
        raise UserError("census_changed", ExitCode.REFUSED, path=str(case.path / CENSUS))
    census: dict[str, Any] = json.loads(data)
    return census


def columns_of(census: Mapping[str, Any]) -> tuple[Column, ...]:
    """Return the columns of a leak as the census has them, table and repeat apart."""
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


def check_custody(path: Path, config: Config, head: str | None) -> Verification:
    """Check the chain of the custody log, every result and every sealed part."""
    with CaseFolder.open(path, config) as case:
        return case.verify(head)


def hold(path: Path, config: Config, reason: str, by: str) -> None:
    """Place a case under legal hold: nothing of it may be destroyed."""
    _check_reason(reason, by)
    with CaseFolder.open(path, config) as case:
        case.hold(encodable(reason), encodable(by))


def release(path: Path, config: Config, reason: str, by: str) -> None:
    """Lift the legal hold of a case."""
    _check_reason(reason, by)
    with CaseFolder.open(path, config) as case:
        if case.summary.hold is None:
            raise UserError("not_held", ExitCode.REFUSED, path=str(path))
        case.release(encodable(reason), encodable(by))


def _check_reason(reason: str, by: str) -> None:
    if not reason.strip() or not by.strip():
        raise UserError("reason_missing", ExitCode.USAGE)


def purge(path: Path, config: Config, *, data_only: bool) -> Receipt:
    """Destroy a case's rows and letters (`data_only`), or all of it; refused under legal hold."""
    with CaseFolder.open(path, config) as case:
        return case.purge(data_only=data_only)


def _masked(text: str) -> str:
    """Return the shape of a line: letters as x, digits as 9, so that its damage can be seen and its people cannot."""
    return "".join("9" if char.isdigit() else char if char.isascii() and not char.isalpha() else "x" for char in text)
