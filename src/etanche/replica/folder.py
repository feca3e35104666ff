"""The folder of a replica: all files or none.

Rules, in the order in which they apply:

1. A folder that holds anything is refused, but for what a killed run left.
2. Everything is written under `.partial`, and moved to its name when all of it is whole, `truth.json` last.
3. Whatever fails, nothing stays that looks whole; a full disk and a forbidden folder are the user's to mend.
"""

from __future__ import annotations

import errno
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from etanche.errors import ExitCode, UserError
from etanche.replica import anchors, numbers, registries, tables, truth
from etanche.replica.columns import EXPORT, FIELDS, MIGRATION
from etanche.replica.controllers import controllers
from etanche.replica.leak import Leak, generator, make
from etanche.replica.options import ReplicaOptions
from etanche.replica.places import laboratories
from etanche.replica.text import Tick, write_cells, write_table

Progress = Callable[[int, int], None]
PARTIAL = ".partial"
EXPORT_SHARES = (0.4, 0.75)
"""A laboratory's exports, by the share of its rows sampled until then."""


def write(directory: Path, options: ReplicaOptions, progress: Progress | None = None) -> None:
    """Write a replica into `directory`, which is made where missing.

    `progress` is told rows written and rows in all, over every file.  Raises `UserError` for a folder that is not
    empty (refused), cannot be written or has no space left.
    """
    made, whole = not directory.exists(), False
    staging = directory / PARTIAL
    try:
        _claim(directory, staging)
        try:
            _write_all(staging, options, progress or _silent)
            for path in sorted(staging.iterdir(), key=lambda path: path.name == "truth.json"):
                path.rename(directory / path.name)
            staging.rmdir()
            whole = True
        finally:
            if not whole:
                _clear(directory, made=made)
    except OSError as error:
        code = _code(error)
        if code is None:
            raise
        raise UserError(code, ExitCode.FAILED, path=str(directory)) from error


def _silent(done: int, total: int) -> None:
    """Tell nobody."""


def _claim(directory: Path, staging: Path) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    if any(path != staging for path in directory.iterdir()):
        raise UserError("replica_not_empty", ExitCode.REFUSED, path=str(directory))
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir()


def _clear(directory: Path, *, made: bool) -> None:
    """Remove what was written: the folder was empty, so everything in it is ours."""
    for path in directory.iterdir():
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    if made:
        directory.rmdir()


def _code(error: OSError) -> str | None:
    """Return the code of a fault that the user can mend, None for any other."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
        return "replica_no_space"
    forbidden = isinstance(error, PermissionError | FileExistsError | NotADirectoryError)
    return "replica_cannot_write" if forbidden or error.errno == errno.EROFS else None


class _Counter:
    """Adds rows up and tells the progress."""

    def __init__(self, progress: Progress, total: int) -> None:
        self._progress, self._total, self._done = progress, total, 0
        progress(0, total)

    def __call__(self, rows: int) -> None:
        self._done += rows
        self._progress(min(self._done, self._total), self._total)


def _write_all(folder: Path, options: ReplicaOptions, progress: Progress) -> None:
    progress(0, options.rows)
    leak = make(options)
    members = [registries.members(leak, rank) for rank in range(len(laboratories()))]
    exports = _exports(leak)
    rows = 2 * options.rows + sum(who.size for who in members) + sum(chosen.size for chosen, _ in exports.values())
    tick = _Counter(progress, rows)
    everything = np.arange(len(leak.rows))
    columns = [leak.columns[one.name] for one in leak.order]
    write_cells(folder / "leak.txt", truth.header(leak) if options.header else None, columns, everything, options, tick)
    _write_persons(folder, leak, tick)
    _write_exports(folder / "exports", leak, exports, tick)
    _write_registries(folder, leak, members, tick)
    rng = generator(options.seed, "tables")
    write_table(folder / "laboratories.csv", tables.all_laboratories(rng), _no_tick)
    write_table(folder / "controllers.csv", controllers(rng, options.rows), _no_tick)
    told = truth.count(leak) | _told(leak, exports, members)
    text = json.dumps(told, ensure_ascii=False, indent=1)
    (folder / "truth.json").write_text(text + "\n", encoding="utf-8")


def _no_tick(rows: int) -> None:
    """Count nothing."""


def _write_persons(folder: Path, leak: Leak, tick: Tick) -> None:
    """Who each row is: the row's number in the file (from 1) and the person's."""
    row = pa.array(np.arange(1, len(leak.rows) + 1)).cast(pa.string())
    write_table(folder / "truth-persons.csv", {"row": row, "person": _ids(leak.rows.person)}, tick)


def _ids(person: NDArray[np.int32] | NDArray[np.int64]) -> pa.StringArray:
    return pa.array(person + 1).cast(pa.string())


def _exports(leak: Leak) -> dict[str, tuple[NDArray[np.int64], tuple[str, ...]]]:
    """Return by file name the rows and columns of each export: two of each laboratory, and the migration's."""
    sampled = leak.rows.sampled
    found: dict[str, tuple[NDArray[np.int64], tuple[str, ...]]] = {}
    for rank, lab in enumerate(laboratories()):
        mine = np.flatnonzero(leak.rows.laboratory == rank)
        for share in EXPORT_SHARES:
            chosen, until = _earliest(sampled, mine, round(mine.size * share))
            if chosen.size:
                found[f"{lab.code}-{numbers.iso(until)}.csv"] = (chosen, tuple(EXPORT))
    chosen, until = _earliest(sampled, np.arange(len(leak.rows)), anchors.targets(len(leak.rows)).migration)
    found[f"migration-{numbers.iso(until)}.csv"] = (chosen, MIGRATION)
    return found


def _earliest(sampled: NDArray[np.int32], rows: NDArray[np.int64], count: int) -> tuple[NDArray[np.int64], int]:
    """Return the `count` rows sampled first, in the order of the file, and the day after the last of them."""
    first = rows[np.argsort(sampled[rows], kind="stable")[:count]]
    return np.sort(first), int(sampled[first].max()) + 1 if count else 0


def _write_exports(
    folder: Path, leak: Leak, exports: dict[str, tuple[NDArray[np.int64], tuple[str, ...]]], tick: Tick
) -> None:
    """Write the exports as the vendor's software does: `;`, CP1252, a header of legacy names."""
    folder.mkdir()
    layout = ReplicaOptions(date_layout=leak.options.date_layout)
    if leak.options.codec not in {"cp1252", "latin-1", "iso8859-1"}:
        layout = ReplicaOptions(encoding="utf-8", date_layout=leak.options.date_layout)
    known = {one.name for one in FIELDS}
    for name, (rows, columns) in exports.items():
        header = [column for column in columns if column in known]
        write_cells(folder / name, header, [leak.columns[column] for column in header], rows, layout, tick)


def _write_registries(folder: Path, leak: Leak, members: list[NDArray[np.int64]], tick: Tick) -> None:
    """Write the registries and, apart, who is who in them."""
    (folder / "registries").mkdir()
    rng = generator(leak.options.seed, "registries")
    now = registries.today(rng, leak)
    keys: dict[str, list[pa.StringArray]] = {"laboratory": [], "id": [], "person": [], "in_leak": []}
    for lab, who in zip(laboratories(), members, strict=True):
        table = registries.registry(rng, leak, now, who)
        write_table(folder / "registries" / f"{lab.code}.csv", table, tick)
        keys["laboratory"].append(pa.array([lab.code] * who.size, pa.string()))
        keys["id"].append(table["ID_PATIENT"])
        keys["person"].append(_ids(who))
        keys["in_leak"].append(pa.array(["no", "yes"]).take(pa.array((who < leak.people.patients).astype(np.int8))))
    write_table(
        folder / "truth-registries.csv", {name: pa.concat_arrays(parts) for name, parts in keys.items()}, _no_tick
    )


def _told(
    leak: Leak, exports: dict[str, tuple[NDArray[np.int64], tuple[str, ...]]], members: list[NDArray[np.int64]]
) -> dict[str, object]:
    """What the truth says of the other files."""
    options = leak.options
    return {
        "exports": {name: {"rows": int(rows.size), "of": len(leak.rows)} for name, (rows, _) in exports.items()},
        "migration_export": next(name for name in exports if name.startswith("migration-")),
        "registries": {
            lab.code: {"persons": int(who.size), "in_leak": int((who < leak.people.patients).sum())}
            for lab, who in zip(laboratories(), members, strict=True)
        },
        "layout": {
            "seed": options.seed,
            "delimiter": options.delimiter,
            "encoding": options.encoding,
            "header": options.header,
            "columns": options.columns,
            "shuffle": options.shuffle,
            "date_layout": options.date_layout,
            "quoted": options.quoted,
        },
        "identifiers_impossible": {
            "nir": "commune of birth 960-989: no INSEE code",
            "landline": "blocks kept for fiction (ARCEP 2018-0881)",
            "mobile": "block kept for fiction (ARCEP 2018-0881)",
            "email": "domains kept for examples (RFC 2606)",
            "rpps": "block 1099, not yet reached",
            "finess": "sequence 99, of no departement",
            "siren": "below 000 010 000, far under the lowest of Sirene",
            "amc": "9999, of no insurer",
            "iban": "bank code 99999, not given",
        },
    }
