"""Measure `etanche extract` and its peers side by side, in one run, on texts whose rows are known.

    python bench/extract.py --mb 200 --peers .venv-bench/bin/python

Rules:

1. Every tool makes a UTF-8, comma, RFC 4180 file of the same text, as a process of its own, one after the other:
   seconds on the wall and of processor time, peak resident memory (`wait4`); medians over `--runs`, in turn; the slow
   ones (pandas, csv, csvkit) run once.
2. étanche is told nothing, hashes the source, writes provenance and manifest; the peers are told delimiter, quote and
   encoding, and infer no types.
3. What a tool wrote is read again with Python's csv: a hash of all cells says whether it is right.
4. Many small files are one process; csvkit, which takes one file a process, is left out there.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

ETANCHE = str(Path(sys.executable).with_name("etanche"))
COLUMNS = 20
NAMES = [f"colonne_{n}" for n in range(COLUMNS)]


@dataclass(frozen=True)
class Text:
    """One input: a file (or a folder of them) and what is in it."""

    name: str
    path: Path
    delimiter: str
    quote: str
    encoding: str
    size: int
    rows: int
    cells: str


@dataclass
class Tally:
    """Rows and a hash of all cells."""

    rows: int = 0
    hash: hashlib._Hash = field(default_factory=hashlib.sha256)

    def add(self, row: list[str]) -> None:
        self.rows += 1
        self.hash.update("\x1f".join(row).encode() + b"\n")


WORDS = (
    "médecin généraliste référence côté gauche œdème cœur fièvre élevée grossesse naissance prélèvement à jeun hôpital "
    "Saint-Étienne Orléans Châteauroux Besançon Nîmes Béziers Brest Quimper Angoulême Périgueux Évreux Compiègne rue "
    "de la République avenue du Général Leclerc boulevard Gambetta allée des Chênes résidence bâtiment étage escalier "
    "Lefèvre François Benoît Hélène Zoé Jérôme Aurélie Anaïs Joël Loïc Chloé Noël Gaëlle Raphaël Thérèse Françoise "
    "Dupont Martin Bernard Durand Moreau Girard Lemaître Guérin Bouché Rénier contrôle après traitement dès réception "
    "très urgent déjà vu reçu envoyé appelé répété vérifié même résultat même laboratoire sœur frère mère père époux"
)
FRENCH = WORDS.split()


def rows_of(size: int, special: bool) -> Iterator[list[str]]:
    """Yield rows of about `size` bytes in all; `special`: a third have a cell with a comma or a quote."""
    rng, done, number = random.Random(7), 0, 0
    while done < size:
        row = [f"{number:07d}", f"{rng.randrange(10**13):013d}", "", *rng.choices(FRENCH, k=COLUMNS - 3)]
        if special and number % 3 == 0:
            row[5] = f"{row[5]}, {row[6]}" if number % 2 else f'dite "{row[5]}"'
        done += sum(map(len, row)) + COLUMNS
        number += 1
        yield row


def make(folder: Path, name: str, size: int, delimiter: str, quote: str, encoding: str, *, special: bool) -> Text:
    path, tally = folder / f"{name}.csv", Tally()
    tally.add(NAMES)
    with path.open("w", encoding=encoding, newline="") as file:
        if quote:
            writer = csv.writer(file, delimiter=delimiter, quoting=csv.QUOTE_ALL, lineterminator="\n")
            write = writer.writerow
        else:
            write = lambda row: file.write(delimiter.join(row) + "\n")  # noqa: E731
        write(NAMES)
        for row in rows_of(size, special):
            tally.add(row)
            write(row)
    return Text(name, path, delimiter, quote, encoding, path.stat().st_size, tally.rows, tally.hash.hexdigest())


def make_many(folder: Path, files: int) -> Text:
    path, tally, size = folder / "many", Tally(), 0
    path.mkdir()
    rows = rows_of(10**12, special=True)
    for n in range(files):
        with (path / f"f{n:05d}.csv").open("w", encoding="utf-8") as file:
            for row in [NAMES, *(next(rows) for _ in range(20))]:
                tally.add(row)
                file.write(";".join(row) + "\n")
            size += file.tell()
    return Text("many", path, ";", "", "utf-8", size, tally.rows, tally.hash.hexdigest())


DUCKDB = """
import duckdb, sys
sep, quote, encoding, out, *files = sys.argv[1:]
for k, file in enumerate(files):
    names = open(file, encoding="latin-1").readline().strip().replace('"', "").split(sep)
    columns = ", ".join(f"'{name}': 'VARCHAR'" for name in names)
    given = f"delim='{sep}', quote='{quote}', escape='{quote}', header=true, columns={{{columns}}}, auto_detect=false"
    read = f"read_csv('{file}', {given}, encoding='{encoding.replace('cp1252', 'latin-1')}', nullstr='#never#')"
    duckdb.sql(f"COPY (FROM {read}) TO '{out}/{k:05d}.csv' (HEADER, DELIMITER ',')")
"""
PANDAS = """
import pandas, sys, csv
sep, quote, encoding, out, *files = sys.argv[1:]
for k, file in enumerate(files):
    first = True
    for part in pandas.read_csv(file, sep=sep, encoding=encoding, dtype=str, keep_default_na=False, chunksize=100_000,
                                quoting=csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE):
        part.to_csv(f"{out}/{k:05d}.csv", mode="w" if first else "a", header=first, index=False, lineterminator="\\n")
        first = False
"""
POLARS = """
import polars, sys
sep, quote, encoding, out, *files = sys.argv[1:]
for k, file in enumerate(files):
    rows = polars.scan_csv(file, separator=sep, quote_char=quote or None, infer_schema=False)
    rows.with_columns(polars.all().fill_null("")).sink_csv(f"{out}/{k:05d}.csv")
"""
PYTHON = """
import csv, sys
sep, quote, encoding, out, *files = sys.argv[1:]
for k, file in enumerate(files):
    with open(file, encoding=encoding, newline="") as source, open(f"{out}/{k:05d}.csv", "w", newline="") as target:
        rows = csv.reader(source, delimiter=sep, quoting=csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE)
        csv.writer(target, lineterminator="\\n").writerows(rows)
"""
CSVKIT = """
import subprocess, sys, pathlib
sep, quote, encoding, out, *files = sys.argv[1:]
tool = pathlib.Path(sys.executable).with_name("csvformat")
for k, file in enumerate(files):
    with open(f"{out}/{k:05d}.csv", "wb") as target:
        subprocess.run([tool, "-d", sep, "-e", encoding, "-u", "0" if quote else "3", file], stdout=target, check=True)
"""
PEERS = {
    "DuckDB COPY": DUCKDB,
    "polars sink_csv": POLARS,
    "pandas, in chunks": PANDAS,
    "Python csv": PYTHON,
    "csvkit csvformat": CSVKIT,
}


@dataclass(frozen=True)
class Measure:
    seconds: float
    processor: float
    memory: int
    right: str


def timed(command: list[str], environment: dict[str, str]) -> tuple[float, float, int, int]:
    """Run a command; return seconds on the wall and of processor time, peak resident bytes, and its exit code."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    processor = usage.ru_utime + usage.ru_stime
    return time.perf_counter() - start, processor, usage.ru_maxrss * 1024, process.returncode


def judged(files: list[Path], text: Text) -> str:
    """Return whether files hold the rows of a text, or what is wrong with them."""
    tally = Tally()
    csv.field_size_limit(1 << 30)
    for file in files:
        with file.open(encoding="utf-8", newline="") as source:
            for row in csv.reader(source):
                tally.add(row)
    if tally.hash.hexdigest() == text.cells:
        return "right"
    return "cells differ" if tally.rows == text.rows else f"{tally.rows:,} of {text.rows:,} rows"


def measure(tool: str, text: Text, peers: str, work: Path) -> Measure | None:
    out = work / "out"
    shutil.rmtree(out, ignore_errors=True)
    environment = {**os.environ, "ETANCHE_KEYRING": "0"}
    files = sorted(text.path.glob("*.csv")) if text.path.is_dir() else [text.path]
    if tool == "étanche":
        *figures, code = timed([ETANCHE, "extract", str(text.path), "--to", str(out)], environment)
    else:
        out.mkdir()
        order = [peers, "-c", PEERS[tool], text.delimiter, text.quote, text.encoding, str(out), *map(str, files)]
        *figures, code = timed(order, environment)
    if code not in {0, 4}:
        return None
    written = [file for file in sorted(out.rglob("*.csv")) if file.is_file()]
    return Measure(*figures, judged([file for file in written if ".quarantine" not in file.name], text))


def table(text: Text, results: dict[str, list[Measure | None]], say: Callable[[str], None]) -> None:
    say(f"\n**{text.name}**: {text.size / 1e6:,.0f} MB, {text.rows - 1:,} rows, `{text.delimiter}`, {text.encoding}\n")
    say("| | seconds | of processor | MB/s | étanche is | peak memory | |")
    say("| --- | ---: | ---: | ---: | ---: | ---: | --- |")
    own = statistics.median([each.seconds for each in results["étanche"] if each] or [0.0])
    for tool, measures in results.items():
        done = [each for each in measures if each]
        if not done:
            say(f"| {tool} | – | – | – | – | – | refuses the text |")
            continue
        seconds = statistics.median(each.seconds for each in done)
        processor = statistics.median(each.processor for each in done)
        memory = max(each.memory for each in done) / (1 << 20)
        rate, ratio = text.size / 1e6 / seconds, seconds / (own or 1)
        figures = f"{seconds:.2f} | {processor:.2f} | {rate:,.0f} | {ratio:.2f} × as fast | {memory:,.0f} MiB"
        say(f"| {tool} | {figures} | {done[-1].right} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mb", type=int, default=200)
    parser.add_argument("--files", type=int, default=2000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only", default="", help="some of the texts: clean,commas,quoted,cp1252,many")
    parser.add_argument("--peers", default=sys.executable, help="a Python that has the peers")
    options = parser.parse_args()
    size = options.mb * 1_000_000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "in").mkdir()
        source = folder / "in"
        texts = [
            make(source, "clean", size, ";", "", "utf-8", special=False),
            make(source, "commas", size, ";", "", "utf-8", special=True),
            make(source, "quoted", size, ",", '"', "utf-8", special=True),
            make(source, "cp1252", size, ";", "", "cp1252", special=False),
            make_many(source, options.files),
        ]
        for text in texts:
            results: dict[str, list[Measure | None]] = {tool: [] for tool in ("étanche", *PEERS)}
            if options.only and text.name not in options.only.split(","):
                continue
            if text.path.is_dir():
                del results["csvkit csvformat"]  # a process a file
            for run in range(options.runs):
                for tool, found in results.items():
                    if not run or tool in {"étanche", "DuckDB COPY", "polars sink_csv"}:
                        found.append(measure(tool, text, options.peers, folder))
            table(text, results, print)


if __name__ == "__main__":
    main()
