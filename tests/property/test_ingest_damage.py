"""No line lost: rows + set aside + blank + header = lines of the damaged file, and intact rows stay intact."""

from __future__ import annotations

import os
import random
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etanche.errors import ExitCode, UserError
from etanche.ingest import Limits, Part, TextTable, open_paths, scan
from etanche.ingest.blocks import Lines, classify
from etanche.ingest.careful import Shape, parse

COLUMNS = 60
ROWS = 80
_CODES = ("binary", "no_columns", "empty", "format", "archive_empty", "archive_damaged", "member_damaged")
REFUSALS = {f"ingest_{code}" for code in _CODES}
_MAGIC = frozenset({b"SQLi", b"%PDF", b"PAR1", b"PGDM", b"PK\x03\x04", b"Rar!", b"7z\xbc\xaf", b"\xd0\xcf\x11\xe0"})
WORDS = (
    "Lefèvre",
    "Hélène",
    "rue de l'Église",
    "Château",
    "cœur",
    "",
    "",
    "12,5",
    "01/02/1980",
    "Brest",
    "CHÂTEAUROUX",
    "5",
)


def clean_file(rng: random.Random) -> list[bytes]:
    """Header and rows of a made-up export, CP1252, each row with its number in the first cell."""
    names = ["ident", "nom", "prenom", "date_naissance", *(f"champ_{k}" for k in range(5, COLUMNS + 1))]
    lines = [";".join(names)]
    for k in range(ROWS):
        cells = [f"R{k:05d}", "Lefèvre", "Hélène", f"{k % 28 + 1:02d}/03/19{k % 90 + 10}"]
        cells += [rng.choice(WORDS) for _ in range(COLUMNS - 4)]
        lines.append(";".join(cells))
    return [line.encode("cp1252") + b"\n" for line in lines]


def hurt_line(rng: random.Random, line: bytes) -> bytes:  # noqa: PLR0911 - one return a kind of damage
    """Damage one line without touching its line end."""
    body = line[:-1]
    at = rng.randrange(1, len(body))
    match rng.randrange(9):
        case 0:
            return body[:at] + b'"' + body[at:] + b"\n"
        case 1:
            return body.replace(b";", b';"', 1) + b"\n"
        case 2:
            return body[:at] + b";" * rng.randint(1, 3) + body[at:] + b"\n"
        case 3:
            return body[:at] + b"\n"
        case 4:
            return body[:at] + b"\0" + body[at:] + b"\n"
        case 5:
            return body.decode("cp1252").encode() + b"\n"
        case 6:
            return body + b"\r\n"
        case 7:
            return body[:at] + b"\x81\x8d" + body[at:] + b"\n"
        case _:
            return body.replace(b";", b"", 1) + b"\n"


def hurt(seed: int) -> tuple[list[bytes], bytes, set[int], bool]:
    """Return the clean lines, the damaged file, the intact lines' indices, and whether only single lines were hurt."""
    rng = random.Random(seed)
    clean = clean_file(rng)
    lines = list(clean)
    touched: set[int] = set()
    for _ in range(rng.randint(1, 12)):
        k = rng.randrange(1, len(lines))
        lines[k] = hurt_line(rng, lines[k]) if k not in touched else lines[k]
        touched.add(k)
    if rng.random() < 0.3:
        lines[-1] = lines[-1][: rng.randrange(1, len(lines[-1]))]
        touched.add(len(lines) - 1)
    single = rng.random() < 0.5
    if not single:
        k = rng.randrange(1, len(lines))
        match rng.randrange(4):
            case 0:
                lines[k] = rng.randbytes(rng.randint(1, 400))
                touched |= {k, k + 1}
            case 1:
                lines[k] = lines[k].rstrip(b"\n")
                touched |= {k, k + 1}
            case 2:
                at = rng.randrange(len(lines[k]))
                lines[k] = lines[k][:at] + b"\n" + lines[k][at:]
                touched |= {k}
            case _:
                lines[k] = b"\n" * rng.randint(1, 3) + lines[k] + b" \n"
    return clean, b"".join(lines), set(range(1, len(clean))) - touched, single


def cells_of(part: Part, columns: int) -> list[list[str]]:
    """Read a part as an engine would: strictly."""
    text = part.data.decode()
    lines = text.split("\n")[:-1]
    if not part.dialect.quote:
        return [line.split(part.dialect.delimiter) for line in lines]
    records, pending = [], None
    for line in lines:
        pending = line if pending is None else f"{pending}\n{line}"
        if pending.count('"') % 2 == 0:
            records.append(parse(pending, Shape(columns, part.dialect.delimiter)).cells)
            pending = None
    assert pending is None
    return records


def duckdb_count(part: Part, columns: int) -> int:
    """Count a part's rows by DuckDB, from memory, told the part's dialect and nothing else."""
    file = os.memfd_create("part")
    try:
        os.write(file, part.data)
        names = ", ".join(f"'c{k}': 'VARCHAR'" for k in range(columns))
        quote = part.dialect.quote
        query = (
            f"SELECT count(*) FROM read_csv('/proc/self/fd/{file}', auto_detect=false, header=false,"  # noqa: S608
            f" columns={{{names}}}, delim=?, quote=?, escape=?, new_line='\\n', comment='', strict_mode=true)"
        )
        return duckdb.execute(query, [part.dialect.delimiter, quote, quote]).fetchone()[0]
    finally:
        os.close(file)


def opened(path: Path, data: bytes, limits: Limits | None = None) -> TextTable:
    path.write_bytes(data)
    (table,) = open_paths([path], limits or Limits())
    return table


def line_count(data: bytes) -> int:
    """Count lines by the documented rule, knowing nothing of rows."""
    return data.count(b"\n") + (not data.endswith(b"\n"))


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("damage") / "leak.txt"


@settings(max_examples=200, derandomize=True, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_every_line_is_accounted_for(path: Path, seed: int) -> None:
    clean, data, intact, single = hurt(seed)
    table = opened(path, data)
    parts = list(table.parts())
    ledger = table.ledger
    assert ledger.lines == line_count(data)
    assert ledger.lines == ledger.header + ledger.row_lines + ledger.quarantined + ledger.blank
    assert ledger.rows == sum(part.rows for part in parts)
    assert ledger.quarantined == sum(len(part.quarantined) for part in parts) == sum(ledger.reasons.values())
    if single:
        assert ledger.rows + ledger.quarantined == len(clean) - 1
    rows = [row for part in parts for row in cells_of(part, len(table.names))]
    assert all(len(row) == COLUMNS for row in rows)
    assert len(rows) == ledger.rows
    found = {tuple(row) for row in rows}
    for k in intact:
        assert tuple(clean[k].decode("cp1252").rstrip("\n").split(";")) in found


@settings(max_examples=30, derandomize=True, deadline=None)
@given(seed=st.integers(0, 2**32), block=st.integers(1, 3000))
def test_blocks_do_not_show(path: Path, seed: int, block: int) -> None:
    _, data, _, _ = hurt(seed)
    whole = opened(path, data)
    whole_parts = list(whole.parts())
    pieces = opened(path, data, Limits(block_bytes=block, part_bytes=5000))
    pieces_parts = list(pieces.parts())
    columns = len(whole.names)
    assert pieces.ledger == whole.ledger
    assert [row for part in pieces_parts for row in cells_of(part, columns)] == [
        row for part in whole_parts for row in cells_of(part, columns)
    ]
    assert [q for part in pieces_parts for q in part.quarantined] == [
        q for part in whole_parts for q in part.quarantined
    ]
    for part in pieces_parts:
        assert sum(run.rows for run in part.runs) == part.rows


def quoted_file(seed: int) -> bytes:
    """A file in which cells are quoted, hold delimiters, doubled quotes and line breaks, and some bytes are damaged."""
    rng = random.Random(seed)
    pool = ("Lefèvre", 'dit ""le Grand""', "a;b", "deux\nlignes", "", "trois\r\nlignes;\n", "x", "12,5")
    lines = ["ident;nom;remarque;ville\n"]
    for k in range(60):
        cells = [f"R{k:05d}", *(rng.choice(pool) for _ in range(3))]
        special = rng.random() < 0.5
        lines.append(";".join(f'"{c}"' if special or set(c) & set('";\n') else c for c in cells) + "\n")
    data = bytearray("".join(lines).encode("cp1252"))
    for _ in range(rng.randint(0, 6)):
        at = rng.randrange(30, len(data))
        match rng.randrange(4):
            case 0:
                del data[at : at + rng.randint(1, 20)]
            case 1:
                data[at:at] = rng.choice((b'"', b";", b"\n", b"\r", b"\0", b'";"', b"\x81", "é".encode()))
            case 2:
                data[at:at] = data[at - 20 : at + rng.randint(0, 40)]
            case _:
                data[at] = rng.randrange(256)
    return bytes(data)


def outcome(path: Path, data: bytes, limits: Limits) -> tuple[object, ...]:
    """Everything that reading gives, however it was cut into parts."""
    table = opened(path, data, limits)
    parts = list(table.parts())
    rows = [row for part in parts for row in cells_of(part, len(table.names))]
    lines = [
        (run.first_line + k, run.first_offset if k == 0 else None, run.one_line_each)
        for part in parts
        for run in part.runs
        for k in range(run.rows)
    ]
    asides = [item for part in parts for item in part.quarantined]
    return table.ledger, rows, [line for line, _, _ in lines], asides, table.notes


def all_dirty(block: bytes, shape: Shape, long: int, join: int) -> Lines:
    """The slow truth: no line is clean, each takes the careful path."""
    lines = classify(block, shape, long, join)
    return Lines(lines.starts, lines.ends, list(range(len(lines.ends))), [], False, False)


@settings(max_examples=80, derandomize=True, deadline=None)
@given(seed=st.integers(0, 2**32), block=st.integers(1, 3000), quoted=st.booleans())
def test_the_fast_path_gives_what_the_careful_path_gives(path: Path, seed: int, block: int, quoted: bool) -> None:
    data = quoted_file(seed) if quoted else hurt(seed)[1]
    fast = outcome(path, data, Limits())
    assert outcome(path, data, Limits(block_bytes=block, part_bytes=3000)) == fast
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scan, "classify", all_dirty)
        assert outcome(path, data, Limits()) == fast
    assert fast[0].lines == line_count(data)


@settings(max_examples=40, derandomize=True, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_runs_and_offsets_lead_back_to_the_leaked_bytes(path: Path, seed: int) -> None:
    _, data, _, _ = hurt(seed)
    table = opened(path, data, Limits(block_bytes=2000, part_bytes=9000))
    starts = [0, *(k + 1 for k, byte in enumerate(data) if byte == 10)]
    for part in table.parts():
        rows = cells_of(part, COLUMNS)
        for run in part.runs:
            assert starts[run.first_line - 1] == run.first_offset
            for k in range(run.rows):
                at = starts[run.first_line - 1 + k]
                assert data[at : at + 6].lstrip(b'"').startswith(rows[run.first_row + k][0].encode("cp1252")[:5])
        for aside in part.quarantined:
            assert starts[aside.line - 1] == aside.offset
            assert data[aside.offset :].startswith(aside.raw)


@settings(max_examples=40, derandomize=True, deadline=None)
@given(seed=st.integers(0, 2**32), quoted=st.booleans())
def test_duckdb_counts_the_same_rows(path: Path, seed: int, quoted: bool) -> None:
    table = opened(path, quoted_file(seed) if quoted else hurt(seed)[1])
    for part in table.parts():
        assert duckdb_count(part, len(table.names)) == part.rows


@settings(max_examples=150, derandomize=True, deadline=None)
@given(data=st.binary(min_size=1, max_size=600), text=st.booleans(), block=st.integers(1, 200))
def test_no_bytes_at_all_raise_anything_else(path: Path, data: bytes, text: bool, block: int) -> None:
    if text:
        data = bytes(b'a;"\n\r,\x00 \xe9'[byte % 9] for byte in data)
    try:
        table = opened(path, data, Limits(block_bytes=block, part_bytes=100, line_bytes=300, join_lines=5))
    except UserError as error:
        # A magic number may come up: then it is that format's reader who refuses, with a code of its own.
        assert error.code in REFUSALS or data[:4] in _MAGIC  # noqa: PT017 - most inputs are no error at all
        assert error.exit_code == ExitCode.UNREADABLE  # noqa: PT017
        return
    parts = list(table.parts())
    ledger = table.ledger
    assert ledger.rows == sum(part.rows for part in parts)
    assert sum(len(cells_of(part, len(table.names))) for part in parts) == ledger.rows
    if table.encoding in {"utf-8", "cp1252"} and b"\r" not in data:
        assert ledger.lines == line_count(data)
    table.sample(10)
