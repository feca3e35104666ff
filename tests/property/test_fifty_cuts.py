"""Formats that a child process reads, cut at fifty places each: rows of the whole file and no others, or one refusal.

Budget: 50 children a format, in the long suite; five in the quick one.  Parquet and ORC keep at their end what tells
their columns, Outlook's messages (as made here) what says where their streams are: cut anywhere they are refused, and
that is asserted too.
"""

from __future__ import annotations

import io
import lzma
import random
import shutil
from pathlib import Path

import libarchive
import pyarrow as pa
import pyarrow.orc
import pyarrow.parquet
import pytest

from compound import compound
from etanche.errors import UserError
from reading import Rows, read

TEXT = "id;nom\n" + "".join(f"{k};DURAND {k * 7919}\n" for k in range(4000))
TABLE = pa.table({"id": list(range(4000)), "nom": [f"DURAND {k * 7919}" for k in range(4000)]})


def parquet() -> bytes:
    out = io.BytesIO()
    pa.parquet.write_table(TABLE, out, row_group_size=500)
    return out.getvalue()


def orc() -> bytes:
    out = io.BytesIO()
    pa.orc.write_table(TABLE, out)
    return out.getvalue()


def packed(form: str) -> bytes:
    out = bytearray()

    def write(data: bytes) -> int:
        out.extend(data)
        return len(data)

    with libarchive.custom_writer(write, form) as archive:
        for name in ("a.csv", "b.csv"):
            archive.add_file_from_memory(name, len(TEXT), TEXT.encode())
    return bytes(out)


def letter() -> bytes:
    body = "Bonjour\r\n" + "".join(f"ligne {k}\r\n" for k in range(900))
    texts = {"0037": "Résultats", "1000": body, "0C1A": "Élodie Durand", "0E04": "Labo"}
    streams = {f"__substg1.0_{tag}001F": text.encode("utf-16-le") for tag, text in texts.items()}
    return compound({**streams, "__properties_version1.0": bytes(32)})


def database() -> bytes:
    whole = lzma.decompress((Path(__file__).parent.parent / "unit" / "empty.mdb.xz").read_bytes())
    at = whole.index("MSysACEs".encode("utf-16-le"))
    return whole[: at - 4] + b"\0\0\0\0" + whole[at:]


MADE = {
    "x.parquet": parquet,
    "x.orc": orc,
    "x.iso": lambda: packed("iso9660"),
    "x.xar": lambda: packed("xar"),
    "x.msg": letter,
    "x.mdb": database,
}
REFUSED_WHENEVER_CUT = {"x.parquet", "x.orc", "x.msg"}


@pytest.mark.parametrize("cuts", [5, pytest.param(50, marks=pytest.mark.long)])
@pytest.mark.parametrize("name", MADE)
def test_a_cut_gives_rows_of_the_whole_or_a_refusal(tmp_path: Path, name: str, cuts: int) -> None:
    if name == "x.mdb" and shutil.which("mdb-export") is None:
        pytest.skip("mdbtools is not installed")
    data = MADE[name]()
    path = tmp_path / name
    path.write_bytes(data)
    whole = {key: {tuple(row.values()) for row in rows} for key, rows in read(path)[0].items()}
    assert whole
    chance = random.Random(name)
    rows_found = 0
    for cut in sorted(chance.sample(range(64, len(data)), cuts)):
        path.write_bytes(data[:cut])
        try:
            found: dict[str, Rows] = read(path)[0]
        except UserError:
            continue
        assert name not in REFUSED_WHENEVER_CUT
        for key, rows in found.items():
            rows_found += len(rows)
            complete = {tuple(row.values()) for row in rows[:-1]}
            if name == "x.mdb":
                # mdbtools reads rows whose pages are gone in part, and leaves out their lost cells.
                assert {cell for row in complete for cell in row} <= {cell for row in whole[key] for cell in row}
            else:
                assert complete <= whole.get(key, set()), (name, cut, key)
    assert name in REFUSED_WHENEVER_CUT or cuts < 50 or rows_found
