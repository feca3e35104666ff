"""Measure how well polluted delimited files are read blind, beside four peers, in one run.

    python bench/pollock.py                            # ../shared/data/pollock/polluted_files.tar.xz
    python bench/pollock.py --pollock /path/to/folder  # a folder with csv/ and clean/ (or ETANCHE_POLLOCK)
    python bench/pollock.py --only étanche --losses    # what is left to gain, by pollution
    python bench/pollock.py --held-out 5               # made-up messy files with known truth (`messy.py`)

Rules:

1. Every tool is told the path of the file and nothing else.  What it gives is compared with the clean file.
2. The published measures (Vitagliano et al., "Pollock: A Data Loading Benchmark", VLDB 2023): success, and precision,
   recall and F1 of header, records and cells; averaged over files and summed, 10 at best.  Cells of the header and of
   records are compared normalised and as bags, a record by what its cells make when put end to end, single cells as
   they are written.  "Weighted" takes each pollution as often as the paper's survey met it (`WEIGHTS`).
3. Two measures of our own, since records put end to end hide a cell in the wrong column: `right column`, the share
   of the clean file's cells found in the column they belong to; `lines`, the share of the polluted file's lines whose
   letters and digits are in what was read or, where a tool says so, among the lines set aside or above the header.
4. Of several tables in a file the first one is compared, as the clean files have it.
5. A table whose file names no column is written with made-up names, as `etanche extract` writes it; `--bare` writes
   the rows alone.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import os
import re
import sys
import tarfile
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pollock_measures import Case, Read, Rows, accounted, published, right_column, text_of

WEIGHTS = (
    (r"source", 1.0),
    (r"file_no_payload", 15.0),
    (r"file_no_trailing_newline", 184.0),
    (r"file_double_trailing_newline", 5.0),
    (r"file_no_header", 470.0),
    (r"file_header_multirow_\d", 47.0),
    (r"file_preamble", 282.0),
    (r"file_multitable_\w+", 188 / 3),
    (r"file_header_only", 3.0),
    (r"file_one_data_row", 4.0),
    (r"file_record_delimiter_0xD", 7.0),
    (r"file_record_delimiter_0xA", 1691.0),
    (r"file_field_delimiter_0x9", 4.0),
    (r"file_field_delimiter_0x3B", 834.0),
    (r"file_field_delimiter_0x20", 4.0),
    (r"file_field_delimiter_0x2C_0x20", 101.0),
    (r"file_quotation_char_0x27", 11.0),
    (r"file_escape_char_0x5C", 1.0),
    (r"file_escape_char_0x00", 7.0),
    (r"row_(?:less|more)_sep_row\d+_col\d+", 260 / 707),
    (r"row_field_delimiter_\d+_0x20", 1 / 7),
    (r"row_extra_quote\d+_col\d+", 1 / 108),
)
"""How many of the survey's files had each pollution, spread over the benchmark's files of that pollution."""

Tool = Callable[[Path], Read]

# --- the tools ----------------------------------------------------------------------------------------------------


def etanche(path: Path, *, bare: bool = False) -> Read:
    """Read with étanche's own interface."""
    from etanche.errors import UserError
    from etanche.ingest import open_paths
    from etanche.ingest.scan import Piece
    from etanche.ingest.tables import cells_of

    try:
        tables = list(open_paths([path]))
    except UserError as error:
        if error.code in {"ingest_empty", "ingest_no_columns"}:
            return Read([])
        raise
    first: Rows = []
    aside: list[str] = []
    skipped = 0
    for index, table in enumerate(tables):
        rows: Rows = [] if bare and not table.header else [list(table.names)]
        for part in table.parts():
            piece = Piece([part.data], part.rows, quoted=bool(part.dialect.quote))
            rows += cells_of(piece, len(table.names), part.dialect.delimiter)
            aside += [item.raw.decode(table.encoding or "utf-8", "replace") for item in part.quarantined]
        if index == 0:
            first, skipped = rows, table.ledger.header
        else:
            aside += ["".join(row) for row in rows]
    return Read(first, aside, skipped, " ".join(note.code for table in tables for note in table.notes))


def _text(path: Path) -> str:
    return text_of(path.read_bytes())


def _frame(frame: object) -> Read:
    out = io.StringIO()
    frame.to_csv(out, index=False)  # type: ignore[attr-defined]
    return Read(list(csv.reader(io.StringIO(out.getvalue()))))


def pandas_auto(path: Path) -> Read:
    """Read with pandas' Python engine, which looks for the delimiter."""
    import pandas as pd

    return _frame(pd.read_csv(path, sep=None, engine="python", dtype=object, on_bad_lines="skip"))


def duckdb_plain(path: Path) -> Read:
    """Read with DuckDB's sniffer, no option given."""
    return _duckdb(path)


def duckdb_lenient(path: Path) -> Read:
    """Read with DuckDB's sniffer and its lenient options."""
    return _duckdb(path, all_varchar=True, strict_mode=False, ignore_errors=True, null_padding=True)


def _duckdb(path: Path, **options: bool) -> Read:
    import duckdb

    with duckdb.connect() as engine:
        found = engine.read_csv(str(path), **options)  # type: ignore[arg-type]
        names, rows = found.columns, found.fetchall()
    return Read([list(names), *(["" if cell is None else str(cell) for cell in row] for row in rows)])


def clevercsv_auto(path: Path) -> Read:
    """Read with CleverCSV's sniffer and reader."""
    import clevercsv

    text = _text(path)
    dialect = clevercsv.Sniffer().sniff(text)
    if dialect is None:
        return Read(list(csv.reader(io.StringIO(text, newline=""))))
    return Read(list(clevercsv.reader(io.StringIO(text, newline=""), dialect)))


def csv_sniffer(path: Path) -> Read:
    """Read with the standard library's sniffer and reader."""
    text = _text(path)
    dialect = csv.Sniffer().sniff(text)
    return Read(list(csv.reader(io.StringIO(text, newline=""), dialect)))


TOOLS: dict[str, Tool] = {
    "étanche": etanche,
    "pandas sep=None": pandas_auto,
    "CleverCSV": clevercsv_auto,
    "DuckDB": duckdb_plain,
    "DuckDB lenient, all_varchar": duckdb_lenient,
    "Python csv.Sniffer": csv_sniffer,
}

# --- the run ------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Score:
    """One tool on one file."""

    measures: tuple[float, ...]
    column: float
    lines: float
    seconds: float


def judge(tool: Tool, case: Case, folder: Path) -> Score:
    """Have a tool read a file, and score it; a tool that fails scores nothing."""
    path = folder / "blind.csv"
    path.write_bytes(case.data)
    begun = time.perf_counter()
    try:
        read = tool(path)
    except Exception:  # noqa: BLE001 - whatever stops a peer is the peer's failure
        empty = not case.clean
        return Score((float(empty),) * 10, float(empty), float(empty), time.perf_counter() - begun)
    seconds = time.perf_counter() - begun
    rows = [row for row in read.rows if row]
    return Score(published(case.clean, rows), right_column(case.clean, rows), accounted(case, read), seconds)


def polluted(source: Path) -> Iterator[Case]:
    """Yield the benchmark's files from a folder or from the archive."""
    files: dict[str, dict[str, bytes]] = defaultdict(dict)
    if source.is_dir():
        for path in sorted(source.glob("c*/*.csv")):
            files[path.name][path.parent.name] = path.read_bytes()
    else:
        with tarfile.open(source) as archive:
            for member in archive:
                if member.isfile() and member.name.endswith(".csv"):
                    *_, kind, name = member.name.split("/")
                    stream = archive.extractfile(member)
                    files[name][kind] = stream.read() if stream else b""
    for name, both in sorted(files.items()):
        if {"csv", "clean"} <= both.keys():
            yield Case(name, both["csv"], rows_of(both["clean"]), weight(name))


def rows_of(data: bytes) -> Rows:
    """Return the rows of a clean file."""
    return [row for row in csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")) if row]


def weight(name: str) -> float:
    """Return what a file of the benchmark weighs."""
    stem = name.removesuffix(".csv")
    return next((w for pattern, w in WEIGHTS if re.fullmatch(pattern, stem)), 0.0)


def pollution(name: str) -> str:
    """Return a file's pollution: its name without row and column."""
    return re.sub(r"\d+_col\d+|_row\d+_col\d+|(?<=delimiter)_\d+(?=_0x20)|_\d+(?=\.csv)|\.csv", "", name)


def table(results: dict[str, list[Score]], cases: Sequence[Case]) -> str:
    """Return the scores as a table in Markdown."""
    total = sum(case.weight for case in cases)
    lines = [
        "| told nothing but the path | simple | weighted | right column | lines accounted for | ms a file |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for tool, scores in results.items():
        simple = sum(sum(score.measures) for score in scores) / len(scores)
        weighted = sum(sum(s.measures) * c.weight for s, c in zip(scores, cases, strict=True)) / total if total else 0
        column = sum(score.column for score in scores) / len(scores)
        kept = sum(score.lines for score in scores) / len(scores)
        ms = 1000 * sum(score.seconds for score in scores) / len(scores)
        lines.append(f"| {tool} | {simple:.3f} | {weighted:.3f} | {column:.2%} | {kept:.2%} | {ms:.1f} |")
    return "\n".join(lines)


def losses(scores: Sequence[Score], cases: Sequence[Case]) -> str:
    """Return what is lost, by pollution, worst first."""
    lost: dict[str, list[float]] = defaultdict(list)
    worst: dict[str, tuple[float, str]] = {}
    total = sum(case.weight for case in cases) or 1.0
    for score, case in zip(scores, cases, strict=True):
        kind = pollution(case.name)
        loss = 10 - sum(score.measures)
        lost[kind].append(loss)
        lost[kind + "\0w"].append(loss * case.weight / total)
        lost[kind + "\0c"].append(1 - score.column)
        lost[kind + "\0l"].append(1 - score.lines)
        worst[kind] = max(worst.get(kind, (-1.0, "")), (loss + 1 - score.column, case.name))
    kinds = sorted((kind for kind in lost if "\0" not in kind), key=lambda kind: -sum(lost[kind]))
    lines = ["| pollution | files | lost of 10, mean | lost weighted | wrong column | lines lost | worst |"]
    lines.append("| --- | --- | --- | --- | --- | --- | --- |")
    for kind in kinds:
        n = len(lost[kind])
        column, missing = sum(lost[kind + "\0c"]) / n, sum(lost[kind + "\0l"]) / n
        lines.append(
            f"| {kind} | {n} | {sum(lost[kind]) / n:.4f} | {sum(lost[kind + chr(0) + 'w']):.4f} "
            f"| {column:.3%} | {missing:.3%} | {worst[kind][1]} |"
        )
    return "\n".join(lines)


def arguments() -> argparse.Namespace:
    """Return the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    default = Path(__file__).resolve().parents[2] / "shared/data/pollock/polluted_files.tar.xz"
    parser.add_argument("--pollock", type=Path, default=Path(os.environ.get("ETANCHE_POLLOCK", default)))
    parser.add_argument("--only", action="append", help="names of tools; all by default")
    parser.add_argument("--every", type=int, default=1, help="take every k-th row pollution only")
    parser.add_argument("--losses", action="store_true")
    parser.add_argument("--bare", action="store_true")
    parser.add_argument("--held-out", type=int, metavar="SEED", default=None)
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


def main() -> int:
    """Run the tools and print the tables."""
    options = arguments()
    if options.held_out is not None:
        from messy import cases as made

        cases = [Case(name, data, rows, 1.0) for name, data, rows in made(options.held_out)]
    elif not options.pollock.exists():
        print("skipped: the benchmark's files are not there (--pollock)")
        return 0
    else:
        cases = [
            c
            for k, c in enumerate(polluted(options.pollock))
            if not c.name.startswith("row_") or k % options.every == 0
        ]
    tools = {name: tool for name, tool in TOOLS.items() if not options.only or name in options.only}
    if options.bare:
        tools["étanche"] = lambda path: etanche(path, bare=True)
    results: dict[str, list[Score]] = {}
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as folder:
        for name, tool in tools.items():
            results[name] = [judge(tool, case, Path(folder)) for case in cases]
            print(f"{name}: done", file=sys.stderr)
    print(f"{len(cases)} files\n\n{table(results, cases)}")
    if options.losses:
        for name, scores in results.items():
            print(f"\n{name}\n\n{losses(scores, cases)}")
    if options.json:
        kept = {n: {c.name: sum(s.measures) for s, c in zip(r, cases, strict=True)} for n, r in results.items()}
        options.json.write_text(json.dumps(kept))
    return 0


if __name__ == "__main__":
    sys.exit(main())
