"""Measure how fast and how rightly SQL dumps are read, étanche beside sqlglot and mwsql, in one run.

    python bench/sql.py                        # 200 MB of each kind of dump, a table in Markdown
    python bench/sql.py --mb 1000 --runs 5     # larger; medians of five runs
    python bench/sql.py --peers ../venv/bin/python   # where sqlglot and mwsql are, if not beside étanche

Rules:

1. A dump is made up row by row (synthetic patients, 14 columns, accents, quotes, NULLs), its truth known by count and
   by a checksum of all cells; a reader that gives other rows is named wrong, whatever its speed.
2. étanche is measured from `open_paths` to the end of `parts()` of every table: both passes count.
3. Everything runs as a process of its own, one after the other: seconds on the wall and of the processor (a machine
   that others use makes the two differ), peak resident memory (`wait4`).
   Peers read the first `--peer-mb` only, told by the table.
4. The statements of tests/spec/sql_statements.toml are put to all; a peer is right when its rows, as text, are those.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import platform
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve()
CASES = HERE.parents[1] / "tests" / "spec" / "sql_statements.toml"
COLUMNS = ("id", "nir", "nom", "prenom", "naissance", "sexe", "adresse", "code_postal", "ville", "telephone", "email",
           "medecin", "commentaire", "resultat")  # fmt: skip
NAMES = ("Lefèvre", "Martin", "D'Angelo", "Durand", "Müller", "Nguyen", "Le Gall", "Benoît", "O'Brien", "Garçon")
PLACES = ("12 rue de l'Église", "3 place de la Mairie", "Résidence « Les Pins »", "Chemin du Moulin; bât. B", "BP 12")
NOTES = ("", "à jeun", "ne pas rappeler -- voir dossier", "l'assuré est le conjoint", 'dit "Jo"', "TP 45 %, INR 2,1")


def rows(seed: int) -> Iterator[list[str | None]]:
    """Yield made-up patients without end."""
    rng = random.Random(seed)
    number = 0
    while True:
        number += 1
        name = rng.choice(NAMES)
        note = rng.choice(NOTES)
        yield [
            str(number),
            f"{rng.randrange(10**12, 3 * 10**12)}{rng.randrange(97):02d}",
            name,
            rng.choice(("Marie", "Jean", "Zoé", "Inès", "Éric")),
            f"19{rng.randrange(20, 99)}-{rng.randrange(1, 13):02d}-{rng.randrange(1, 29):02d}",
            rng.choice("MF"),
            rng.choice(PLACES),
            f"{rng.randrange(1000, 95999):05d}",
            rng.choice(("Brest", "Châteauroux", "Saint-Étienne")),
            f"06{rng.randrange(10**8):08d}" if rng.random() < 0.8 else None,
            f"{number}@exemple.test" if rng.random() < 0.6 else None,
            "Dr " + rng.choice(NAMES),
            note or None,
            f"{rng.random() * 100:.2f}",
        ]


def mysql(cells: list[str | None]) -> str:
    """Return a tuple as mysqldump writes it."""
    said = []
    for k, cell in enumerate(cells):
        if cell is None:
            said.append("NULL")
        elif k in {0, 13}:
            said.append(cell)
        else:
            said.append("'" + cell.replace("\\", "\\\\").replace("'", "\\'").replace('"', '\\"') + "'")
    return f"({','.join(said)})"


def standard(cells: list[str | None]) -> str:
    """Return a tuple as pg_dump writes it."""
    said = ["NULL" if cell is None else cell if k in {0, 13} else "'" + cell.replace("'", "''") + "'"
            for k, cell in enumerate(cells)]  # fmt: skip
    return f"({', '.join(said)})"


def write_mysql(file: object, size: int, seed: int, *, one: bool = False) -> tuple[int, int]:
    """Write a dump of extended INSERTs of 1 MiB, as mysqldump does, or one INSERT of a single line."""
    create = ", ".join(f"`{name}` varchar(200)" for name in COLUMNS)
    put = file.write  # type: ignore[attr-defined]
    put(f"-- MySQL dump 10.13\n/*!40101 SET NAMES utf8mb4 */;\nCREATE TABLE `patients` ({create}) ENGINE=InnoDB;\n")
    made = check = line = 0
    for count, cells in enumerate(rows(seed), 1):
        text = mysql(cells)
        if line == 0:
            put("INSERT INTO `patients` VALUES ")
        put(text if line == 0 else "," + text)
        line += len(text)
        made += len(text.encode())
        check += weight(cells)
        over = made >= size
        if over or (line > 1 << 20 and not one):
            put(";\n")
            line = 0
        if over:
            return count, check
    raise AssertionError


def write_inserts(file: object, size: int, seed: int) -> tuple[int, int]:
    """Write one INSERT a row, as pg_dump --inserts does."""
    put = file.write  # type: ignore[attr-defined]
    create = ", ".join(f"{name} text" for name in COLUMNS)
    put("--\n-- PostgreSQL database dump\n--\nSET standard_conforming_strings = on;\n")
    put(f"CREATE TABLE public.patients ({create});\n")
    made = check = 0
    for count, cells in enumerate(rows(seed), 1):
        text = f"INSERT INTO public.patients VALUES {standard(cells)};\n"
        put(text)
        made += len(text.encode())
        check += weight(cells)
        if made >= size:
            return count, check
    raise AssertionError


def write_copy(file: object, size: int, seed: int) -> tuple[int, int]:
    """Write a COPY, as pg_dump does."""
    put = file.write  # type: ignore[attr-defined]
    put("--\n-- PostgreSQL database dump\n--\nSET standard_conforming_strings = on;\n")
    put(f"COPY public.patients ({', '.join(COLUMNS)}) FROM stdin;\n")
    made = check = 0
    for count, cells in enumerate(rows(seed), 1):
        text = "\t".join("\\N" if cell is None else cell.replace("\\", "\\\\") for cell in cells) + "\n"
        put(text)
        made += len(text.encode())
        check += weight(cells)
        if made >= size:
            put("\\.\n")
            return count, check
    raise AssertionError


def weight(cells: list[str | None]) -> int:
    """Return the bytes of a row's cells: what a reader's rows are checked by."""
    return sum(len(cell.encode()) for cell in cells if cell)


DUMPS: dict[str, Callable[..., tuple[int, int]]] = {
    "INSERT, 1 MiB each": write_mysql,
    "INSERT, one a row": write_inserts,
    "INSERT, one line": lambda file, size, seed: write_mysql(file, size, seed, one=True),
    "COPY": write_copy,
}


# --- readers, each run as a process -----------------------------------------------------------------------------


def spent(start: tuple[float, float]) -> dict[str, float]:
    """Return seconds on the wall and of the processor since a start."""
    return {"seconds": time.perf_counter() - start[0], "processor": time.process_time() - start[1]}


def run_etanche(path: Path) -> dict[str, float | int]:
    """Read all tables to the end; count rows and bytes of cells."""
    from etanche.ingest import open_paths

    start = (time.perf_counter(), time.process_time())
    count = size = 0
    for table in open_paths([path]):
        width = len(table.names)
        for part in table.parts():
            count += part.rows
            quotes = part.data.count(b'"') if part.dialect.quote else 0
            size += len(part.data) - part.rows * width - quotes
    return {**spent(start), "rows": count, "cells": size}


def run_sqlglot(path: Path) -> dict[str, float | int]:
    """Parse with sqlglot (INSERT only), statement by statement."""
    import sqlglot
    from sqlglot import expressions

    dialect = "mysql" if "MySQL" in path.read_text("utf-8")[:100] else "postgres"
    start = (time.perf_counter(), time.process_time())
    count = size = 0
    for tree in sqlglot.parse(path.read_text("utf-8"), read=dialect):
        if not isinstance(tree, expressions.Insert) or not isinstance(tree.expression, expressions.Values):
            continue
        for row in tree.expression.expressions:
            count += 1
            cells = [cell for cell in row.expressions if not isinstance(cell, expressions.Null)]
            size += sum(len(str(cell.this).encode()) for cell in cells)
    return {**spent(start), "rows": count, "cells": size}


def run_mwsql(path: Path) -> dict[str, float | int]:
    """Read with mwsql, made for MediaWiki's dumps (packed, MySQL only)."""
    from mwsql import Dump

    start = (time.perf_counter(), time.process_time())
    count = size = 0
    for row in Dump.from_file(str(path)).rows(convert_dtypes=False):
        count += 1
        size += sum(len(cell.encode()) for cell in row if cell)
    return {**spent(start), "rows": count, "cells": size}


READERS = {"etanche": run_etanche, "sqlglot": run_sqlglot, "mwsql": run_mwsql}


def rows_etanche(path: Path) -> list[list[str]]:
    """Return all rows of all tables as text."""
    sys.path.insert(0, str(HERE.parents[1] / "tests" / "spec"))
    from test_sql_statements import read

    return sorted(row for table in read(path)[0].values() for row in table[1:])


def rows_sqlglot(path: Path) -> list[list[str]]:
    """Return all rows that sqlglot finds, told the dialect."""
    import sqlglot
    from sqlglot import expressions

    text = path.read_text("utf-8", "replace")
    dialect = "mysql" if "MySQL" in text else "tsql" if "\nGO" in text else "postgres"
    found: list[list[str]] = []
    for tree in sqlglot.parse(text, read=dialect, error_level=sqlglot.ErrorLevel.IGNORE):
        for insert in tree.find_all(expressions.Insert) if tree is not None else ():
            if isinstance(insert.expression, expressions.Values):
                found += [[_said(cell) for cell in row.expressions] for row in insert.expression.expressions]
    return sorted(found)


def _said(cell: object) -> str:
    from sqlglot import expressions

    if isinstance(cell, expressions.Null):
        return ""
    if isinstance(cell, expressions.Literal | expressions.National):
        return str(cell.this)
    return str(cell.sql())  # type: ignore[attr-defined]


def rows_mwsql(path: Path) -> list[list[str]]:
    """Return all rows that mwsql finds."""
    from mwsql import Dump

    return sorted([cell or "" for cell in row] for row in Dump.from_file(str(path)).rows(convert_dtypes=False))


ROWS = {"etanche": rows_etanche, "sqlglot": rows_sqlglot, "mwsql": rows_mwsql}


def child(reader: str, path: Path) -> None:
    """Run one reader and print what it found."""
    print(json.dumps(READERS[reader](path)))


def statements(reader: str, folder: Path) -> None:
    """Put each statement to a reader, one process in all, and print how many it gets right."""
    sys.path.insert(0, str(HERE.parents[1] / "tests" / "spec"))
    sys.dont_write_bytecode = True
    programs = {
        "mysql": "-- MySQL dump 10.13  Distrib 8.0.36\n",
        "postgresql": "--\n-- PostgreSQL database dump\n--\nSET standard_conforming_strings = on;\n",
        "sqlserver": "USE [labo]\nGO\nSET ANSI_NULLS ON\nGO\n",
    }
    right = of = 0
    for case in tomllib.loads(CASES.read_text("utf-8"))["case"]:
        text = programs.get(case.get("program", ""), "") + case["sql"]
        if case.get("crlf"):
            text = text.replace("\n", "\r\n")
        data = text.encode(case.get("encoding", "utf-8"))
        if case.get("bytes"):
            data = data.replace(b"\\xe9", b"\xe9").replace(b"\\xe8", b"\xe8")
        path = folder / ("dump.sql.gz" if reader == "mwsql" else "dump.sql")
        path.write_bytes(gzip.compress(data) if reader == "mwsql" else data)
        of += 1
        wanted = sorted(row for table in case["tables"].values() for row in table[1:])
        try:
            right += ROWS[reader](path) == wanted
        except Exception:  # noqa: BLE001 - whatever a peer raises, its answer is wrong
            continue
    print(json.dumps({"right": right, "of": of}))


@dataclass(frozen=True, slots=True)
class Run:
    """One process: what it printed and its peak of resident memory in MiB."""

    said: dict[str, float]
    peak: float


def launch(python: str, *args: str) -> Run | None:
    """Run this program as a child; None when it failed."""
    process = subprocess.Popen([python, "-P", str(HERE), *args], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    out = process.stdout.read() if process.stdout else b""
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = status
    return Run(json.loads(out), usage.ru_maxrss / 1024) if status == 0 and out else None


def main() -> None:
    """Make dumps, measure, print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mb", type=int, default=200)
    parser.add_argument("--peer-mb", type=int, default=5)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--peers", default=sys.executable)
    parser.add_argument("--child", nargs=2)
    parser.add_argument("--statements", nargs=2)
    args = parser.parse_args()
    if args.child:
        child(args.child[0], Path(args.child[1]))
        return
    if args.statements:
        statements(args.statements[0], Path(args.statements[1]))
        return
    print(f"{platform.machine()}, {len(os.sched_getaffinity(0))} cores, Python {platform.python_version()}\n")
    print("| dump | reader | MB | MB/s | MB/s of processor | rows right | peak MiB |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as name:
        for kind, write in DUMPS.items():
            measure(kind, write, Path(name), args)
        print("\n| statements | right |\n| --- | --- |")
        for reader in READERS:
            run = launch(sys.executable if reader == "etanche" else args.peers, "--statements", reader, name)
            said = f"{run.said['right']:.0f} of {run.said['of']:.0f}" if run else "failed"
            print(f"| {reader} | {said} |")


def measure(kind: str, write: Callable[..., tuple[int, int]], folder: Path, args: argparse.Namespace) -> None:
    """Print the lines of one kind of dump."""
    for readers, size in ((("etanche",), args.mb), (("sqlglot", "mwsql"), args.peer_mb)):
        path = folder / "dump.sql"
        with path.open("w", encoding="utf-8") as file:
            count, cells = write(file, size * 1_000_000, 7)
        bytes_ = path.stat().st_size
        for reader in readers:
            if (reader == "mwsql" and kind == "COPY") or (reader == "sqlglot" and kind == "COPY"):
                print(f"| {kind} | {reader} | | cannot | | | |")
                continue
            given = path
            if reader == "mwsql":
                given = folder / "dump.sql.gz"
                given.write_bytes(gzip.compress(path.read_bytes(), 1))
            python = sys.executable if reader == "etanche" else args.peers
            times = args.runs if reader == "etanche" else 1
            runs = [launch(python, "--child", reader, str(given)) for _ in range(times)]
            done = [run for run in runs if run is not None]
            if not done:
                print(f"| {kind} | {reader} | {bytes_ / 1e6:.0f} | failed | | | |")
                continue
            seconds = statistics.median(run.said["seconds"] for run in done)
            right = all(run.said["rows"] == count and run.said["cells"] == cells for run in done)
            peak = max(run.peak for run in done)
            processor = statistics.median(run.said["processor"] for run in done)
            speed = f"{bytes_ / 1e6 / seconds:.1f} | {bytes_ / 1e6 / processor:.1f}"
            print(f"| {kind} | {reader} | {bytes_ / 1e6:.0f} | {speed} | {'yes' if right else 'no'} | {peak:.0f} |")
        path.unlink()


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    main()
