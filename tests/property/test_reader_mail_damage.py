"""Mails cut short or spoilt: what was whole is read, and nothing else happens.  Budget: 100 examples a property."""

from __future__ import annotations

import contextlib
import random
from email.message import EmailMessage
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from etanche.errors import UserError
from reading import read

FEW = settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def box(messages: int) -> bytes:
    """Return an mbox of mails with a text and a table."""
    found = []
    for k in range(messages):
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = f"Zoé <z{k}@example.org>", "b@example.org", f"n° {k}"
        mail.set_content(f"Été {k}\n")
        mail.add_attachment(f"nom;ville\nDurand{k};Brest\nPetit{k};Paris\n".encode(), "text", "csv", filename="a.csv")
        found.append(b"From z@example.org Tue Mar  5 10:00:00 2024\n" + mail.as_bytes() + b"\n")
    return b"".join(found)


def test_what_was_whole_before_a_cut_is_read(tmp_path: Path) -> None:
    whole = box(25)
    chance = random.Random(5)
    path = tmp_path / "cut.mbox"
    for at in sorted(chance.sample(range(200, len(whole)), 50)):
        path.write_bytes(whole[:at])
        found, _ = read(path)
        complete = max(0, whole[:at].count(b"\nFrom z@") - (at < len(whole)) + 1 - 1)
        assert [row["subject"] for row in found[""][:complete]] == [f"n° {k}" for k in range(complete)]
        for k in range(complete):
            assert [row["nom"] for row in found[f"message-{k + 1}/a.csv"]] == [f"Durand{k}", f"Petit{k}"]


@FEW
@given(
    st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 255)), max_size=40),
    st.integers(100, 2400),
)
def test_spoilt_bytes_do_no_harm(tmp_path: Path, changes: list[tuple[int, int]], size: int) -> None:
    data = bytearray(box(4)[:size])
    for at, byte in changes:
        data[at % len(data)] = byte
    path = tmp_path / "spoilt.mbox"
    path.write_bytes(data)
    with contextlib.suppress(UserError):
        read(path)


_NAMES = st.sampled_from(
    ["Content-Type", "Content-Disposition", "Content-Transfer-Encoding", "From", "Subject", "Date"]
)
_VALUES = st.lists(
    st.sampled_from(
        [
            "multipart/mixed",
            "text/plain",
            "text/html",
            "message/rfc822",
            "; boundary=x",
            '; boundary="',
            "; charset=utf-16",
            "; filename*=utf-8''%E9%",
            "; filename*0*=a; filename*1=b",
            "; name==?x?q?=zz?=",
            "attachment",
            "base64",
            "quoted-printable",
            "x-uuencode",
            "=?utf-8?b?w6?=",
            "=?iso-8859-1?q?=E9?=",
            "é",
            "<a@b>",
            "\n ",
            '"',
            "\x00",
        ]
    ),
    max_size=5,
).map("".join)
_BODIES = st.lists(
    st.sampled_from(["--x\n", "--x--\n", "=E9=\n", "w6k=\n", "begin 644 a\n", "#0V%T\n", "<b>", "<script", "\n"])
)


@FEW
@given(st.lists(st.tuples(_NAMES, _VALUES), max_size=6), _BODIES, st.lists(st.tuples(_NAMES, _VALUES), max_size=4))
def test_any_headers_are_read(
    tmp_path: Path, first: list[tuple[str, str]], body: list[str], second: list[tuple[str, str]]
) -> None:
    def written(headers: list[tuple[str, str]]) -> str:
        return "".join(f"{name}: {value}\n" for name, value in headers) + "\n"

    path = tmp_path / "any.eml"
    text = "From: a@example.org\nTo: b@example.org\nSubject: x\n" + written(first)
    path.write_bytes((text + "".join(body) + "--x\n" + written(second) + "".join(body)).encode())
    found, _ = read(path)
    assert found[""][0]["from_email"] == "a@example.org"
