"""Combo lists and stealer logs open with the columns they have; other tables of two columns are left alone."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from etanche.ingest import Limits, Table, open_paths
from etanche.ingest.bids import Head, best
from etanche.ingest.careful import Shape, parse
from etanche.ingest.readers import combo
from etanche.ingest.tables import records
from etanche.model import QuarantineReason

EMAILS = [f"zoe.{k}@mail{k % 5}.example" for k in range(40)]
SIGNS = "abcdefgABCDE0123456789!:#$é"


def secret(rng: random.Random) -> str:
    return "".join(rng.choice(SIGNS) for _ in range(rng.randint(6, 12)))


def rows_of(table: Table) -> list[list[str]]:
    found: list[list[str]] = []
    for part in table.parts():
        text = part.data.decode()
        shape = Shape(len(table.names), part.dialect.delimiter)
        if part.dialect.quote:
            found += [parse(line, shape).cells for line in records(text)]
        else:
            found += [line.split(shape.delimiter) for line in text.split("\n")[:-1]]
    return found


def read(path: Path, data: bytes, limits: Limits | None = None) -> tuple[Table, list[list[str]]]:
    path.write_bytes(data)
    (table,) = open_paths([path], limits or Limits())
    return table, rows_of(table)


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16"])
@pytest.mark.parametrize("separator", [":", ";", "|"])
def test_address_and_password(tmp_path: Path, separator: str, encoding: str) -> None:
    rng = random.Random(1)
    rows = [[email, secret(rng)] for email in EMAILS]
    data = "".join(separator.join(row) + "\r\n" for row in rows).encode(encoding)
    table, found = read(tmp_path / "combo.txt", data)
    assert table.source.reader == "combo"
    assert table.names == ("email", "password")
    assert found == rows
    assert table.ledger.lines == table.ledger.rows == 40


def test_the_password_is_all_that_follows(tmp_path: Path) -> None:
    lines = [f"{email}:s3cret{k}" for k, email in enumerate(EMAILS)]
    lines[7] = 'a@b.example:"x:y;z" '
    _, found = read(tmp_path / "combo.txt", "\n".join(lines).encode())
    assert found[7] == ["a@b.example", '"x:y;z" ']


def test_logins_hashes_and_salts(tmp_path: Path) -> None:
    rng = random.Random(2)
    hashes = [rng.randbytes(16).hex() for _ in EMAILS]
    table, found = read(tmp_path / "a", "".join(f"user{k}x:{h}\n" for k, h in enumerate(hashes)).encode())
    assert table.names == ("login", "hash")
    assert found[3] == ["user3x", hashes[3]]
    salted = "".join(f"{email}:{h}:s{k}\n" for k, (email, h) in enumerate(zip(EMAILS, hashes, strict=True)))
    table, found = read(tmp_path / "b", salted.encode())
    assert table.names == ("email", "hash", "salt")
    assert found[3] == [EMAILS[3], hashes[3], "s3"]


def test_an_address_on_the_web_first(tmp_path: Path) -> None:
    rng = random.Random(3)
    urls = ["https://labo.example/login", "http://labo.example:8080/x", "android://Ab_-d==@com.labo/", "labo.example/a"]
    rows = [[urls[k % 4], email, secret(rng)] for k, email in enumerate(EMAILS)]
    table, found = read(tmp_path / "ulp.txt", "".join(":".join(row) + "\n" for row in rows).encode())
    assert table.names == ("url", "login", "password")
    assert found == rows


def test_a_header_keeps_its_names(tmp_path: Path) -> None:
    lines = ["mail:mdp", *(f"{email}:s3cret{k * 7919}!x" for k, email in enumerate(EMAILS))]
    table, found = read(tmp_path / "combo.txt", "\n".join(lines).encode())
    assert (table.names, table.header, table.ledger.header) == (("mail", "mdp"), True, 1)
    assert len(found) == 40


def test_a_header_of_compound_words_is_no_row(tmp_path: Path) -> None:
    lines = ["email,password_hash", *(f"{email},{k * 7919**9:040x}" for k, email in enumerate(EMAILS))]
    table, found = read(tmp_path / "users.csv", "\n".join(lines).encode())
    assert (table.names, table.header) == (("email", "password_hash"), True)
    assert len(found) == 40


@pytest.mark.parametrize("first", ["email;matricule", 'mel@x.example;"a;""b"'])
def test_tables_with_a_header_of_their_own_or_with_quotes_are_left_alone(first: str) -> None:
    rng = random.Random(5)
    lines = [first, *(f"{email};{secret(rng)}" for email in EMAILS)]
    head = Head("x.csv", "\n".join(lines).encode())
    assert combo.bid(head).score == 0


def test_lines_of_another_layout_are_set_aside(tmp_path: Path) -> None:
    lines = [f"{email}:s3cret{k * 7919}!x" for k, email in enumerate(EMAILS)]
    lines[4:4] = ["best combos of the year", ""]
    table, _ = read(tmp_path / "combo.txt", "\n".join(lines).encode())
    ledger = table.ledger
    assert (ledger.lines, ledger.rows, ledger.blank, ledger.quarantined) == (42, 40, 1, 1)
    (item,) = [item for part in table.parts() for item in part.quarantined]
    assert (item.line, item.reason, item.raw) == (5, QuarantineReason.TOO_FEW_CELLS, b"best combos of the year")
    assert "\n".join(lines).encode()[item.offset :].startswith(item.raw)


def test_blocks_of_a_stealer(tmp_path: Path) -> None:
    block = "SOFT: Chrome (Default)\nURL: https://labo{k}.example/\nUSER: zoe{k}\nPASS: p:{k}\n"
    lines = "\n".join(block.format(k=k) + ("===============\n" if k % 2 else "") for k in range(12))
    table, found = read(tmp_path / "Passwords.txt", ("*** LOGS ***\n" + lines).encode())
    assert table.names == ("application", "url", "login", "password")
    assert found[3] == ["Chrome (Default)", "https://labo3.example/", "zoe3", "p:3"]
    ledger = table.ledger
    assert ledger.lines == ("*** LOGS ***\n" + lines).count("\n")
    assert (ledger.rows, ledger.row_lines) == (12, 48)


def test_records_of_blocks_go_on_over_batches(tmp_path: Path) -> None:
    lines = "".join(f"URL: https://labo{k}.example/\nUsername: zoe{k}\nPassword: p{k}\n\n" for k in range(500))
    _, found = read(tmp_path / "Passwords.txt", lines.encode(), Limits(block_bytes=100))
    assert found == [["", f"https://labo{k}.example/", f"zoe{k}", f"p{k}"] for k in range(500)]


OTHERS = {
    "names": [f"{email};Dupont{chr(97 + k % 26)}" for k, email in enumerate(EMAILS)],
    "telephones": [f"{email};06{k:08d}" for k, email in enumerate(EMAILS)],
    "four columns": [f"{email};Dupont;Jean;{k}x" for k, email in enumerate(EMAILS)],
    "accounts of a system": ["root:x:0:0:root:/root:/bin/bash", "daemon:x:1:1:d:/usr/sbin:/usr/sbin/nologin"] * 9,
    "settings": ["name: bob1", "version: 2.0a", "path: /x/y1", "a_b: c3"] * 9,
    "hours": [f"{k:02d}:30" for k in range(24)],
    "codes": [f"P{k:05d};A{k % 7}B{k}" for k in range(40)],
    "a journal": [f"12:00:{k:02d} host{k}.example:connect:ok" for k in range(40)],
    "dates": [f"{email};{k % 28 + 1:02d}/01/1980" for k, email in enumerate(EMAILS)],
    "laboratories": [f"{email};LAB{k}" for k, email in enumerate(EMAILS)],
}


@pytest.mark.parametrize("name", list(OTHERS))
def test_other_tables_are_left_to_delimited_text(name: str) -> None:
    head = Head("a.txt", "\n".join(OTHERS[name]).encode())
    assert combo.bid(head).score == 0
    assert best(head).NAME == "delimited"


@pytest.mark.parametrize("block", [500, 50_000])
def test_a_line_without_end_is_set_aside_and_not_held(tmp_path: Path, block: int) -> None:
    limits = Limits(line_bytes=2000, raw_bytes=100, block_bytes=block)
    lines = [f"{email}:s3cret{k * 7919}!x" for k, email in enumerate(EMAILS)]
    data = "\n".join([*lines, "y" * 100_000, *lines, ""]).encode()
    table, found = read(tmp_path / "combo.txt", data, limits)
    assert len(found) == 80
    assert (table.ledger.lines, dict(table.ledger.reasons)) == (81, {QuarantineReason.TOO_LONG: 1})


@pytest.mark.parametrize(
    "text",
    [
        "ip;date;url;status\n" + "".join(f"192.168.1.{k};2021-02-{k % 28 + 1:02d};/page{k};200\n" for k in range(30)),
        "".join(f"192.168.1.{k};user{k};/page{k}.html;ok{k}\n" for k in range(30)),
        "site,contact,remarque\n" + "".join(f"https://www.site{k}.fr,jean{k},client n{k}x\n" for k in range(30)),
        "".join(f"https://www.site{k}.fr;jean{k};client{k}x;Paris\n" for k in range(30)),
    ],
)
def test_tables_that_begin_with_an_address_are_left_alone(tmp_path: Path, text: str) -> None:
    table, found = read(tmp_path / "sites.csv", text.encode())
    assert table.source.reader == "delimited"
    assert table.header == (not text[0].isdigit() and not text.startswith("http"))
    assert len(found) == 30
