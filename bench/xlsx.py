"""Read XLSX files, through the whole reader, beside the libraries that read them.

    .venv-bench/bin/python bench/xlsx.py                 # prints a table in Markdown
    .venv-bench/bin/python bench/xlsx.py --rows 50000    # smaller files

Rules:

1. Three shapes of patients' rows (a 15-digit identifier, names, a date, codes with leading zeros, an amount, a
   boolean, a comment that differs in each row): 10 columns with shared texts, as Excel and XlsxWriter write them; 10
   columns with texts in the cells and no dimension, as openpyxl's stream writes them; 60 columns with shared texts, of
   which every seventh cell is empty.
2. étanche is timed from the path to the last row as text, told nothing: bidding, finding sheets, widths and headers,
   and every row handed over.  A peer is timed from the path to the last row of Python values.
3. Each run is a process of its own, best of three, imports not counted; processor time is that of all its processes;
   memory is the peak of the process or, for étanche, of the largest of its processes.
4. The rows are counted, and the first and last identifier compared with what was written: a peer that lost any is
   marked.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

FIRST = 185057812345678


def row(k: int, columns: int, rnd: random.Random) -> list[object]:
    """Return one row."""
    cells: list[object] = []
    for block in range(columns // 10):
        cells += [
            *(
                FIRST + k,
                f"NOM{rnd.randrange(5000)}",
                f"Prénom{rnd.randrange(800)}",
                date(1930 + k % 80, 1 + k % 12, 1 + k % 28),
            ),
            *(f"{rnd.randrange(1000, 95999):05}", "BREST", f"06{k:08}", rnd.randrange(10_000) / 100, k % 2 == 0),
            f"commentaire {k} {block}",
        ]
    return [None if columns > 10 and n and n % 7 == k % 7 else cell for n, cell in enumerate(cells)]


def names(columns: int) -> list[str]:
    base = ["nir", "nom", "prenom", "naissance", "cp", "ville", "tel", "montant", "actif", "commentaire"]
    return [f"{base[k % 10]}_{k // 10}" if k >= 10 else base[k] for k in range(columns)]


def shared(path: Path, rows: int, columns: int) -> None:
    """Write as XlsxWriter does: shared texts, a dimension."""
    import xlsxwriter

    book = xlsxwriter.Workbook(str(path), {"constant_memory": False})
    sheet, day, rnd = book.add_worksheet("Patients"), book.add_format({"num_format": "dd/mm/yyyy"}), random.Random(1)
    sheet.write_row(0, 0, names(columns))
    for k in range(rows):
        for n, cell in enumerate(row(k, columns, rnd)):
            if isinstance(cell, date):
                sheet.write_datetime(k + 1, n, cell, day)
            elif cell is not None:
                sheet.write(k + 1, n, cell)
    book.close()


def inline(path: Path, rows: int, columns: int) -> None:
    """Write as openpyxl streams: texts in the cells."""
    import openpyxl

    book = openpyxl.Workbook(write_only=True)
    sheet, rnd = book.create_sheet("Patients"), random.Random(1)
    sheet.append(names(columns))
    for k in range(rows):
        sheet.append(row(k, columns, rnd))
    book.save(path)


def etanche(path: Path) -> tuple[int, str, str]:
    from etanche.ingest import open_paths

    rows, first, last = 0, b"", b""
    for table in open_paths([path]):
        for part in table.parts():
            first = first or part.data[:200]
            last, rows = part.data[-1000:], rows + part.rows
    lines = last.split(b"\n")
    return rows, first.split(b"\x1f")[0].decode(), lines[-2].split(b"\x1f")[0].decode()


def values(rows: Callable[[], object]) -> tuple[int, str, str]:
    count, first, last = -1, None, None
    for cells in rows():  # type: ignore[attr-defined]
        count += 1
        first = cells[0] if count == 1 else first
        last = cells[0]
    return count, str(int(first or 0)), str(int(last or 0))


def calamine(path: Path) -> tuple[int, str, str]:
    import python_calamine

    return values(python_calamine.load_workbook(str(path)).get_sheet_by_index(0).iter_rows)


def openpyxl_stream(path: Path) -> tuple[int, str, str]:
    import openpyxl

    sheet = openpyxl.load_workbook(path, read_only=True).worksheets[0]
    return values(lambda: sheet.iter_rows(values_only=True))


WRITERS = {"shared": shared, "inline": inline}
PEERS = {"étanche": etanche, "python-calamine": calamine, "openpyxl (read_only)": openpyxl_stream}


def one(peer: str, path: Path) -> None:
    """Run a peer once and print what came of it."""
    import openpyxl  # noqa: F401 - what a peer imports is not timed
    import python_calamine  # noqa: F401

    from etanche.ingest import open_paths  # noqa: F401

    spent = time.process_time()
    begin = time.perf_counter()
    rows, first, last = PEERS[peer](path)
    seconds = time.perf_counter() - begin
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    peak, busy = max(one.ru_maxrss for one in used), sum(one.ru_utime + one.ru_stime for one in used) - spent
    print(
        json.dumps({"rows": rows, "first": first, "last": last, "seconds": seconds, "busy": busy, "peak": peak // 1024})
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--one", nargs=2)
    parser.add_argument("--write", nargs=4)
    options = parser.parse_args()
    if options.one:
        one(options.one[0], Path(options.one[1]))
        return
    if options.write:
        # In a process of its own: a child's peak of memory begins with its parent's.
        WRITERS[options.write[0]](Path(options.write[1]), int(options.write[2]), int(options.write[3]))
        return
    shapes = [
        ("10 columns, shared texts", "shared", options.rows, 10),
        ("10 columns, texts in cells", "inline", options.rows, 10),
        ("60 columns, shared texts", "shared", options.rows // 6, 60),
    ]
    print("| file | rows | peer | rows/s | cells/s | beside calamine | processor s | peak MiB | whole |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as folder:
        for name, write, rows, columns in shapes:
            path = Path(folder) / "patients.xlsx"
            subprocess.run([sys.executable, __file__, "--write", write, str(path), str(rows), str(columns)], check=True)
            runs = {}
            for peer in PEERS:
                times = 1 if peer.startswith("openpyxl") else 3
                command = [sys.executable, __file__, "--one", peer, str(path)]
                found = [
                    json.loads(subprocess.run(command, check=True, capture_output=True).stdout) for _ in range(times)
                ]
                runs[peer] = min(found, key=lambda run: run["seconds"])
            base = runs["python-calamine"]["seconds"]
            for peer, run in runs.items():
                whole = (run["rows"], run["first"], run["last"]) == (rows, str(FIRST), str(FIRST + rows - 1))
                speed = rows / run["seconds"]
                print(
                    f"| {name} | {rows:,} | {peer} | {speed:,.0f} | {speed * columns:,.0f} |"
                    f" {base / run['seconds']:.2f} | {run['busy']:.2f} | {run['peak']} | {'yes' if whole else 'NO'} |",
                    flush=True,
                )


if __name__ == "__main__":
    main()
