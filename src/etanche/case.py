"""The story: what a command does over one case folder, in order.  It alone knows the order of the steps.

Triage: open the paths -> look at a sample and say what the columns are (the first lines of the verdict) -> make the
case -> stream every row once: sealed into the case, counted in the engine -> persons -> what the comments say ->
census -> report.  Whatever is refused is refused before the case folder is made; whatever fails later leaves a case
that says so and nothing that looks whole.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from etanche import __version__, assess, ingest, leak, lexicon, listening, recognise, report, rows
from etanche import facts as factual
from etanche.assess import Circumstances
from etanche.casefile import Acquisition, CaseFolder, Event, KeyOptions, keys, parse_until, secure_process
from etanche.casefile.summary import NOT_STATED
from etanche.config import Config
from etanche.engines import Engine
from etanche.errors import ExitCode, UserError
from etanche.model import Census, Correction, Reason, Sample, Source
from etanche.recognise.topics.dictionary import topic_rules
from etanche.words import Words

if TYPE_CHECKING:
    from rich.console import Console

    from etanche.crypto import Identity

__all__ = ["Acquisition", "Circumstances", "Hooks", "KeyOptions", "TriageRequest", "Triaged", "parse_day"]
__all__ += ["encodable", "parse_until", "show", "triage"]

CENSUS = "census.json"
REPORT = "report.html"
SHAREABLE = "report-shareable.html"

_THREADS = 2
_SAMPLE = 4_000


@dataclass(frozen=True, slots=True)
class Hooks:
    """How a story speaks to whoever started it; each may be left out."""

    progress: Callable[[str, int, int], None] = lambda _stage, _done, _total: None
    """Stage code, bytes or rows done, of how many (0: unknown)."""
    first_lines: Callable[[Sequence[str]], None] = lambda _lines: None
    """The verdict of the sample, before the count."""
    notice: Callable[[Reason], None] = lambda _reason: None
    """Something to be told once (codes of `words/<language>/casefile.toml` and `triage.toml`)."""


@dataclass(frozen=True, slots=True)
class TriageRequest:
    """What `etanche triage` was asked."""

    paths: tuple[Path, ...]
    case: Path
    corrections: bytes | None = None
    """Content of the `--map` file."""
    table: str | None = None
    resume: bool = False
    new: bool = False
    acquisition: Callable[[], Acquisition] = Acquisition
    """Called once the input is known to be readable, so that nobody answers questions about a file that is not."""
    stated: bool = False
    """Whether any of it was stated with the command: then it is logged for a case that is resumed, too."""
    reference: date | None = None
    circumstances: Circumstances = field(default_factory=Circumstances)
    passwords: Path | None = None
    """A file of passwords, one a line, tried on whatever is locked."""
    keys: KeyOptions = field(default_factory=KeyOptions)


@dataclass(frozen=True, slots=True)
class Triaged:
    """What came out: the census as published, and whether lines were set aside."""

    document: dict[str, Any]
    report: Path
    exit_code: ExitCode


def triage(request: TriageRequest, config: Config, hooks: Hooks) -> Triaged:
    """Say what is in the leaked files: census and report in the case folder.

    Raises `UserError`: what cannot be read (3), a case that is there already (5), a wrong key (5), the disk (1).
    """
    secure_process()
    lexicon.use(lexicon.own.kept(config.lexicons))
    if CaseFolder.exists(request.case) and not request.new:
        with CaseFolder.open(request.case, config) as case:
            if case.summary.purged is None:
                return _resumed(case, request, config, hooks)
    if not request.paths:
        raise UserError("case_not_found", ExitCode.UNREADABLE, path=str(request.case))
    _check_place(request)
    if (key_file := request.keys.key_file or config.key_file) and os.path.lexists(key_file):
        keys.read_key_file(key_file)
    with listening.ears(request.paths, _topics(), config.threads or _THREADS) as ears:
        return _triaged(request, config, hooks, ears)


def _triaged(request: TriageRequest, config: Config, hooks: Hooks, ears: listening.Ears) -> Triaged:
    """Open the files, make the case, and read and count what is in it."""
    opened = _opened(request, config)
    hooks.first_lines(_first_lines(opened, config))
    # Whatever can still be refused comes before the old case is destroyed.
    choice, acquisition = keys.choose(config, request.keys), request.acquisition()
    if request.new and _destroyed(request.case, config) and choice.file is not None:
        choice = keys.choose(config, request.keys)  # the file named may have been the old case's own key
    with CaseFolder.create(request.case, choice, config, acquisition) as case, _failure_logged(case):
        for notice in (*choice.notices(request.case), Reason("never_bought")):
            hooks.notice(notice)
        return _read(case, opened, request, config, hooks, ears)


def _topics() -> tuple[str, ...]:
    """Return the names of the clinical topics, the user's own included, in the order of their bits."""
    return tuple(topic_rules(lexicon.own.topic_files()))


def _opened(request: TriageRequest, config: Config) -> leak.Leak:
    limits, passwords = ingest.limits_of(config.limits), ingest.passwords_of(request.passwords)
    return leak.open_leak(request.paths, request.table, request.corrections, limits, passwords)


def _check_place(request: TriageRequest) -> None:
    """Refuse a case that would share the fate of another folder: of a case it lies in, or of the evidence."""
    case = Path(os.path.realpath(request.case))
    if any(map(CaseFolder.exists, case.parents)):
        raise UserError("case_within_case", ExitCode.REFUSED, path=str(request.case))
    for path in request.paths:
        if case.is_relative_to(os.path.realpath(path)) and path.is_dir():
            raise UserError("case_within_input", ExitCode.REFUSED, path=str(path))


def _destroyed(path: Path, config: Config) -> bool:
    """Destroy the case that is there; tell whether there was one."""
    if not CaseFolder.exists(path):
        return False
    with CaseFolder.open(path, config) as old:
        if old.summary.purged is None:
            old.purge(data_only=False)
    return True


@contextmanager
def _failure_logged(case: CaseFolder) -> Iterator[None]:
    """Log what ends a triage before its census, if the disk still takes an entry."""
    try:
        yield
    except (Exception, KeyboardInterrupt) as error:
        with suppress(UserError):
            case.log(Event.FAILED, code=error.code if isinstance(error, UserError) else type(error).__name__)
        raise


def _resumed(case: CaseFolder, request: TriageRequest, config: Config, hooks: Hooks) -> Triaged:
    """Take a case up again: from its sealed rows when they are whole, else from the files."""
    if not request.resume:
        bare = not case.sealed(rows.INDEX) and case.summary.data_purged is None
        raise UserError("case_without_file" if bare else "case_exists", ExitCode.REFUSED, path=str(request.case))
    if case.summary.data_purged is not None:
        raise UserError("case_data_purged", ExitCode.REFUSED)
    if rows.INDEX in case.sealed(rows.INDEX):
        with _failure_logged(case):
            return _again(case, request, config, hooks)
    if not request.paths:
        raise UserError("resume_needs_files", ExitCode.USAGE, path=str(request.case))
    with listening.ears(request.paths, _topics(), config.threads or _THREADS) as ears:
        opened = _opened(request, config)
        hooks.first_lines(_first_lines(opened, config))
        case.discard("")
        with _failure_logged(case):
            _log_acquisition(case, request)
            return _read(case, opened, request, config, hooks, ears)


def _log_acquisition(case: CaseFolder, request: TriageRequest) -> None:
    """Log what is stated of the provenance now; what was stated before and is not stated now stays."""
    if request.stated or not case.summary.acquisition:
        now = request.acquisition().params()
        said = {name: value for name, value in now.items() if value != NOT_STATED}
        case.log(Event.ACQUIRED, **{**now, **case.summary.acquisition, **said})


def _first_lines(opened: leak.Leak, config: Config) -> list[str]:
    return report.first_lines(opened.columns, opened.sources(), Words(config.language))


def _read(
    case: CaseFolder, opened: leak.Leak, request: TriageRequest, config: Config, hooks: Hooks, ears: listening.Ears
) -> Triaged:
    """Stream the files once: sealed into the case, projected into the engine; then count."""
    case.log(Event.COMMAND, command="triage", files=len(request.paths))
    _log_lists(case)
    _log_corrections(case, opened.corrections)
    with Engine(config.threads or _THREADS, config.memory) as engine:
        with rows.Sealer(case) as sealer:
            parts = sealer.through(opened.parts(lambda done, total: hooks.progress("reading", done, total)))
            loaded = factual.load(
                engine, parts, opened.columns, opened.sample, opened.corrections, opened.layout.records, ears
            )
            reading = opened.reading()
            sealer.finish(reading)
        case.log(Event.ROWS_SEALED, rows=reading.ledger.rows, quarantined=reading.ledger.quarantined)
        _log_inputs(case, reading.sources)
        return _count(case, engine, loaded, reading, sealer.rows, request, config, hooks)


def _again(case: CaseFolder, request: TriageRequest, config: Config, hooks: Hooks) -> Triaged:
    """Count the sealed rows of a case again, with the corrections given."""
    identity = keys.unlock(case, config, request.keys)
    index = rows.read_index(case, identity)
    case.log(Event.COMMAND, command="triage", resumed=1)
    _log_lists(case)
    if request.paths:
        hooks.notice(Reason("rows_from_case"))
    _log_acquisition(case, request)
    _log_inputs(case, index.reading.sources)
    layout = index.reading.layout
    samples = _samples_of(case, identity, index)
    corrections = recognise.corrections_from_toml(request.corrections) if request.corrections else ()
    columns = leak.recognised(layout, samples, corrections)
    _log_corrections(case, corrections)
    with Engine(config.threads or _THREADS, config.memory) as engine:
        parts = rows.stored_parts(case, identity, index)
        loaded = factual.load(engine, parts, columns, leak.whole(layout, samples), corrections, layout.records)
        return _count(case, engine, loaded, index.reading, index.rows, request, config, hooks)


def _samples_of(case: CaseFolder, identity: Identity, index: rows.RowIndex) -> list[Sample]:
    """Return rows spread over the sealed parts of each shape, read as the engine reads them."""
    layout, width = index.reading.layout, len(index.reading.names)
    taken: list[list[tuple[str, ...]]] = [[] for _ in layout.shapes]
    share = max(1, _SAMPLE // max(1, len(index.parts)))
    with Engine() as engine:
        for part in rows.stored_parts(case, identity, index):
            number = layout.shape_of[part.table]
            shape = layout.shapes[number]
            own = [f"c{place}" for place in range(shape.first, shape.first + len(shape.names))]
            step = max(1, part.rows // share)
            table = engine.load(width, [part], {"sample": lambda row: row})["sample"]
            some = engine.fetch(table.filter(table.row % step == 0).select(*own).fill_null("").limit(share))
            taken[number].extend(zip(*(some[name].to_pylist() for name in own), strict=True))
    return [
        Sample(shape.names, shape.header, tuple(zip(*cells, strict=True)) if cells else ((),) * len(shape.names))
        for shape, cells in zip(layout.shapes, taken, strict=True)
    ]


def _count(
    case: CaseFolder,
    engine: Engine,
    loaded: factual.Loaded,
    reading: rows.Reading,
    table_rows: Mapping[int, int],
    request: TriageRequest,
    config: Config,
    hooks: Hooks,
) -> Triaged:
    """Count what was loaded, write census and report."""
    hooks.progress("census", 0, 0)
    for note in reading.notes:
        hooks.notice(note)
    counted = loaded.counted
    tables, columns, said = counted.tables, counted.columns, loaded.said
    census = assess.census(
        engine,
        counted,
        loaded.figures,
        loaded.persons,
        reading.ledger,
        request.circumstances,
        config.now().date(),
        request.reference,
    )
    documents = assess.count_documents(engine, said, reading.layout.documents(table_rows), _topics())
    found = assess.count_texts(engine, tables.facts, said, columns, loaded.told)
    return _publish(case, replace(census, texts=replace(found, documents=documents)), reading, config)


def _publish(case: CaseFolder, census: Census, reading: rows.Reading, config: Config) -> Triaged:
    case.log(Event.TRIAGED, rows=census.ledger.rows, quarantined=census.ledger.quarantined, persons=census.persons)
    words = Words(config.language)
    frame = report.Facts(
        case_id=case.summary.case_id,
        version=__version__,
        made_at=config.now(),
        sources=reading.sources,
        custody_head=case.head(),
        acquisition={name: str(value) for name, value in case.summary.acquisition.items()},
        key_statement=case.summary.way,
        notes=reading.notes,
    )
    document = report.census_document(census, frame, words)
    case.write_result(CENSUS, (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode())
    case.write_result(REPORT, report.html(document, config.language, shareable=False).encode())
    aside = census.ledger.quarantined > 0 or any(note.code == "not_read" for note in reading.notes)
    return Triaged(document, case.path / REPORT, ExitCode.DONE_WITH_QUARANTINE if aside else ExitCode.DONE)


def _log_inputs(case: CaseFolder, sources: Sequence[Source]) -> None:
    """Log the hash of each input, once: a command that was killed may have sealed the rows and not come so far."""
    known = {tuple(entry.get(name) for name in ("path", "member", "sha256")) for entry in case.summary.inputs}
    for source in sources:
        path, member = encodable(source.path), encodable(source.member)
        if (path, member, source.sha256) not in known:
            case.log(Event.INPUT_READ, path=path, member=member, sha256=source.sha256, size=source.size)


def _log_lists(case: CaseFolder) -> None:
    """Log the user's own lists that the verdict rests on."""
    for own in lexicon.own.in_use():
        case.log(Event.LIST_USED, name=encodable(own.name), kind=own.kind, sha256=own.sha256)


def _log_corrections(case: CaseFolder, corrections: Sequence[Correction]) -> None:
    for correction in corrections:
        case.log(
            Event.CORRECTED,
            column=correction.column,
            kind=str(correction.kind or ""),
            role=str(correction.role or ""),
        )


def show(triaged: Triaged, language: str, console: Console) -> None:
    """Print the summary of a triage."""
    report.terminal(triaged.document, language, console)


def encodable(text: str) -> str:
    r"""Return text from a path or a command line with its bytes that are no UTF-8 spelt out (`\udcff`)."""
    return text.encode("utf-8", "backslashreplace").decode()


def parse_day(text: str) -> date:
    """Return the day that an option names (ISO); `UserError` (usage) otherwise."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UserError("not_a_day", ExitCode.USAGE, value=text) from None
