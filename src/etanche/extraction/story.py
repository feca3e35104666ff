"""The story of an extraction, from paths to the manifest; see the package for its rules."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from etanche import ingest
from etanche.casefile import secure_process
from etanche.config import Config
from etanche.errors import ExitCode, UserError
from etanche.extraction import manifest
from etanche.extraction.folder import Folder
from etanche.extraction.reading import Guarded, Progress
from etanche.extraction.tables import FORMATS, TableWriter
from etanche.ingest.folders import is_litter
from etanche.ingest.volumes import wholes
from etanche.words import Words

Opened = Callable[[Sequence[Path]], ingest.Opening]


@dataclass(frozen=True, slots=True)
class ExtractRequest:
    """What is asked for."""

    paths: tuple[Path, ...]
    to: Path
    format: str = "csv"
    """"csv" or "parquet"."""
    passwords: Path | None = None
    """A file of passwords, one a line, tried on whatever is locked."""
    new: bool = False
    """Whether a former extraction in the folder is removed first."""


@dataclass(frozen=True, slots=True)
class Hooks:
    """What a screen wants to be told on the way."""

    progress: Progress | None = None
    """Bytes done, and bytes in all as far as known."""


@dataclass(frozen=True, slots=True)
class Extracted:
    """What came of it."""

    manifest: list[manifest.Entry] = field(repr=False)
    faults: tuple[UserError, ...]
    """Why something could not be read, in the order met."""
    language: str

    @property
    def tables(self) -> int:
        """Tables written."""
        return sum(entry["file"] is not None for entry in self.manifest)

    def total(self, key: str) -> int:
        """Return the sum of a count over all entries: `rows`, `quarantined`, `lines`…"""
        return sum(int(entry[key]) for entry in self.manifest)

    @property
    def document(self) -> bytes:
        """The manifest as it is written."""
        return manifest.rendered(self.manifest)

    def said(self, fault: UserError) -> str:
        """Return the sentence of a fault."""
        return manifest.said(fault, Words(self.language))["message"]

    @property
    def exit_code(self) -> ExitCode:
        """The contract's: 3 nothing could be read, 4 not all of it, 0 all."""
        if self.faults and not self.tables:
            return ExitCode.UNREADABLE
        return ExitCode.DONE_WITH_QUARANTINE if self.faults or self.total("quarantined") else ExitCode.DONE


def extract(request: ExtractRequest, config: Config, hooks: Hooks) -> Extracted:
    """Write the tables of all paths, and the manifest.

    Raises `UserError`: an option that cannot be meant (usage), a folder that is not to be touched (refused), a disk
    that is full (failed).  What cannot be read is in the result.
    """
    secure_process()
    if request.format not in FORMATS:
        raise UserError("extract_format", ExitCode.USAGE, value=request.format, possible=", ".join(FORMATS))
    passwords = ingest.passwords_of(request.passwords)
    paths = _distinct(request.paths)
    _check_apart(paths, request.to)
    folder = Folder(request.to, new=request.new)
    try:
        limits = replace(ingest.DEFAULT, **config.limits)
        opened = partial(ingest.open_paths, limits=limits, passwords=passwords, strict=False)
        writer = TableWriter(folder, request.format, Words(config.language))
        work = _Work(opened, writer, Words(config.language), Meter(paths, hooks.progress))
        work.all_of(paths)
        done = Extracted(work.entries, tuple(work.faults), config.language)
        if done.exit_code is ExitCode.UNREADABLE:
            folder.undo()
        else:
            folder.finish(done.document)
    except BaseException:
        folder.undo()
        raise
    return done


class _Work:
    """One extraction on its way."""

    def __init__(self, opened: Opened, writer: TableWriter, words: Words, meter: Meter) -> None:
        self.entries: list[manifest.Entry] = []
        self.faults: list[UserError] = []
        self._opened, self._writer, self._words, self._meter = opened, writer, words, meter

    def all_of(self, paths: Sequence[Path]) -> None:
        """Extract what was given, as one: limits hold for all paths together."""
        opening = self._opened(paths)
        tables, told = Guarded(lambda: opening, ""), 0
        for table in tables:
            told = self._refused(opening, told)
            source = source_of(opening.given, table.path)
            entry, fault = self._writer.write(table, source, self._meter.of(table))
            self.entries.append(entry)
            self.faults += [fault] if fault else []
        self._refused(opening, told)
        fault = tables.fault
        # The end repeats the first refusal when nothing was read.
        if fault and not any((each.code, dict(each.params)) == (fault.code, fault.params) for each in opening.refused):
            self._failed(str(opening.given or ""), "", fault)

    def _refused(self, opening: ingest.Opening, told: int) -> int:
        """Take over what the opening refused since `told`; return how many it has refused."""
        for each in opening.refused[told:]:
            source = source_of(each.given, each.path)
            params = dict(each.params)
            if params.get("path") == each.path:
                params["path"] = source
            self._failed(source, each.member, UserError(each.code, ExitCode.UNREADABLE, **params))
        return len(opening.refused)

    def _failed(self, source: str, member: str, fault: UserError) -> None:
        self.entries.append(manifest.of_failure(source, member, fault, self._words))
        self.faults.append(fault)


class Meter:
    """Tells how far an extraction is, in bytes: what archives unpack to is known only when they are opened."""

    def __init__(self, paths: Sequence[Path], report: Progress | None) -> None:
        self._report = report
        self._total = sum(map(_bytes, paths)) if report else 0
        self._before = self._size = 0
        self._entry = ("", "")

    def of(self, table: ingest.Table) -> Progress | None:
        """Return what a table tells its progress; None when nobody listens."""
        report = self._report
        if report is None:
            return None
        entry = (table.path, table.member)
        if entry != self._entry:
            self._before, self._entry = self._before + self._size, entry
        self._size = table.size
        before, total = self._before, max(self._total, self._before + self._size)
        return lambda done, _size: report(before + done, total)


def source_of(given: Path | None, shown: str) -> str:
    """Return the path of a file as given: opening shows files of a folder from that folder's name on."""
    if given is None or shown == str(given):
        return shown
    source = given.parent / shown
    return str(source) if os.path.lexists(source) else shown


def _bytes(path: Path) -> int:
    if not path.is_dir():
        return path.stat().st_size if path.is_file() else 0
    return sum(file.stat().st_size for file in path.rglob("*") if file.is_file())


def _distinct(paths: Sequence[Path]) -> list[Path]:
    """Return the paths, each file once: not under another name, nor inside a folder that is given, nor part by part."""
    by_place = {os.path.realpath(path): path for path in reversed(paths)}
    folders = [place for place in by_place if os.path.isdir(place)]  # noqa: PTH112 - Path.is_dir raises on no permission
    kept = []
    for place, path in reversed(by_place.items()):
        within = any(place != folder and Path(place).is_relative_to(folder) for folder in folders)
        # What systems leave in every folder is read by name alone.
        if not within or is_litter(path.name):
            kept.append(path)
    files = [path for path in kept if not os.path.isdir(path)]  # noqa: PTH112 - as above
    first = {part: whole.paths[0] for whole in wholes(files, look_around=True) for part in whole.paths}
    return list(dict.fromkeys(first.get(path, path) for path in kept))


def _check_apart(paths: Sequence[Path], to: Path) -> None:
    """Refuse a folder that lies in what is read, or holds it: the extraction would change what it reads."""
    target = Path(os.path.realpath(to))
    for path in paths:
        place = Path(os.path.realpath(path))
        if target.is_relative_to(place) and place.is_dir():
            raise UserError("extract_within_input", ExitCode.REFUSED, path=str(path))
        if place.is_relative_to(target):
            raise UserError("extract_input_within", ExitCode.REFUSED, path=str(path))
