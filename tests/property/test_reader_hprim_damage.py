"""HPRIM cut short or spoilt: what was whole is read, and nothing else happens.  Budget: 120 examples a property."""

from __future__ import annotations

import contextlib
import random
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from etanche.errors import UserError
from reading import read

FEW = settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def text(records: int) -> bytes:
    """Return records of a patient and two results."""
    return "".join(
        f"{k}\r\nNOM{k}\r\nÉlodie\r\nrue\r\n\r\n29200 Brest\r\n01/02/1980\r\n\r\n{k}\r\n03/04/2020\r\n"
        f"L1 Labo\r\nD1 Dr X\r\nBonjour,\r\n****LAB****\r\n"
        f"RES|Fer|FER|N|{k}|g/l\r\nRES|Or|OR|N|{k}|g/l\r\n****FIN****\r\n"
        for k in range(records)
    ).encode("cp850")


def segments(messages: int) -> bytes:
    """Return messages of a patient and a result."""
    return b"".join(
        f"H|~^\\&|{k}||L|||ORU\rP|1|{k}|||NOM{k}~Élodie||19800201|F\rOBX|1|NM|FER~Fer||{k}|g/l\rL|1\r".encode("cp850")
        for k in range(messages)
    )


def test_what_was_whole_before_a_cut_is_read(tmp_path: Path) -> None:
    chance = random.Random(11)
    path = tmp_path / "cut.hpr"
    for whole, table, end in ((text(30), "patient", b"****FIN****\r\n"), (segments(40), "P", b"L|1\r")):
        for at in sorted(chance.sample(range(260, len(whole)), 50)):
            path.write_bytes(whole[:at])
            found, _ = read(path)
            expected = [f"NOM{k}" for k in range(whole[:at].count(end))]
            assert [row.get("family_name", "") for row in found[table][: len(expected)]] == expected
            assert len(found[table]) <= len(expected) + 1
            assert len(found.get("result", [])) >= (2 * len(expected) if table == "patient" else 0)


@FEW
@given(
    st.sampled_from([text(9), segments(12)]),
    st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 255)), max_size=30),
    st.integers(200, 4000),
)
def test_spoilt_bytes_do_no_harm(tmp_path: Path, whole: bytes, changes: list[tuple[int, int]], size: int) -> None:
    data = bytearray(whole[:size])
    for at, byte in changes:
        data[at % len(data)] = byte
    path = tmp_path / "spoilt.hpr"
    path.write_bytes(data)
    with contextlib.suppress(UserError):
        read(path)


@FEW
@given(
    st.lists(
        st.sampled_from(["****LAB****", "****FIN****", "****FINFICHIER****", "RES|a|b", "TEX|é", "", "x", "01/01/1990"])
    )
)
def test_any_order_of_lines_is_read(tmp_path: Path, lines: list[str]) -> None:
    path = tmp_path / "any.hpr"
    path.write_bytes(("\n".join(["1"] * 12 + ["****FIN****", *lines]) + "\n").encode())
    found, _ = read(path)
    assert found["patient"][0]["record"] == "1"
