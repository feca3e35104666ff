"""HL7 v2 cut short or spoilt: what was whole is read, and nothing else happens.

Budget of the fuzzing: 120 examples a property, a few seconds.
"""

from __future__ import annotations

import contextlib
import random
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from etanche.errors import UserError
from etanche.ingest.limits import Limits
from reading import read

FEW = settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
NAMES = [f"NOM{k}" for k in range(40)]


def batch() -> bytes:
    """Return forty messages of four segments."""
    return b"".join(
        f"MSH|^~\\&|LIS|LABO|DPI|CHU|2024||ORU^R01|{k}|P|2.5\rPID|1||{k}^^^LABO^PI||{name}^Anne^^^^^L||19900101|F\r"
        f"OBR|1|A|B|NFS\rOBX|1|NM|718-7^Hémoglobine^LN||{k}|g/dL\r".encode()
        for k, name in enumerate(NAMES)
    )


def test_what_was_whole_before_a_cut_is_read(tmp_path: Path) -> None:
    whole = batch()
    path = tmp_path / "cut.hl7"
    chance = random.Random(7)
    for at in sorted(chance.sample(range(60, len(whole)), 50)):
        path.write_bytes(whole[:at])
        found, _ = read(path)
        complete = whole[:at].rpartition(b"\r")[0].split(b"\r")
        patients = [line for line in complete if line.startswith(b"PID")]
        results = [line for line in complete if line.startswith(b"OBX")]
        rows = found.get("PID", [])
        assert [row["family_name"] for row in rows[: len(patients)]] == NAMES[: len(patients)]
        assert [row["value"] for row in found.get("OBX", [])[: len(results)]] == [str(k) for k in range(len(results))]
        assert len(rows) <= len(patients) + 1


@FEW
@given(st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 255)), max_size=30), st.integers(60, 4000))
def test_spoilt_bytes_do_no_harm(tmp_path: Path, changes: list[tuple[int, int]], size: int) -> None:
    data = bytearray(batch()[:size])
    for at, byte in changes:
        data[at % len(data)] = byte
    path = tmp_path / "spoilt.hl7"
    path.write_bytes(data)
    with contextlib.suppress(UserError):
        read(path)


_MARKS = st.sampled_from(["|", "^", "~", "\\", "&", "\r", "\n", "\x0b", "\x1c", '"', "\\X4", "\\F\\", "é", "\x00", "1"])


@FEW
@given(
    st.lists(
        st.tuples(st.sampled_from(["PID", "NK1", "OBX", "ZZZ", "IN1", "ROL", "PV1"]), st.lists(_MARKS)), max_size=8
    )
)
def test_any_fields_make_rows(tmp_path: Path, segments: list[tuple[str, list[str]]]) -> None:
    path = tmp_path / "any.hl7"
    text = "".join(f"\r{kind}|{''.join(marks)}" for kind, marks in segments)
    path.write_bytes(("MSH|^~\\&|A|B|C|D|2024||ADT^A01|1" + text).encode())
    found, _ = read(path)
    assert len(found["MSH"]) == 1


def test_a_segment_that_no_row_can_hold_is_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "long.hl7"
    path.write_bytes(b"MSH|^~\\&|A|B|C|D|2024||ADT^A01|1\rNTE|1||" + b"x" * 3_000_000 + b"\rNTE|2||fin\r")
    found, _ = read(path, Limits(raw_bytes=1000))
    assert [row["comment"] for row in found["NTE"]] == ["fin"]
