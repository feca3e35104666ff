"""Nothing of one controller is in the part of another, whatever their lines hold; a part depends on its line alone."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from unittest.mock import patch

import jsonschema
from hypothesis import given, settings
from hypothesis import strategies as st

from etanche import responding
from etanche.casefile import CaseFolder, KeyOptions
from etanche.config import Config
from etanche.respond import columns
from etanche.respond.choices import choices

SCHEMA = Path(__file__).resolve().parents[3] / "shared" / "data" / "edpb" / "edpb.schema.json"
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
TEXTS = tuple(column.name for column in columns() if column.kind == "text")
MOMENTS = tuple(column.name for column in columns() if column.kind == "past")
CHOICES = tuple(column.name for column in columns() if column.kind == "choice")


@st.composite
def controllers(draw):
    """Lines whose texts all hold a mark of their own controller."""
    lines = []
    for number in range(draw(st.integers(2, 4))):
        mark = f"zq{number}{chr(97 + number) * 6}"
        line = {"code": f"LAB{number}", "departement": draw(st.sampled_from(["75", "57", "971", "974", ""]))}
        spice = draw(st.sampled_from(["", ";", '"', ",", "é", " x", " [a](b) #read", "*|`<"]))
        blank = draw(st.sets(st.sampled_from(TEXTS), max_size=len(TEXTS)))
        line |= {name: f"{mark} {name}{spice}" for name in TEXTS if name == "name" or name not in blank}
        for name in MOMENTS:
            at = NOW - timedelta(minutes=draw(st.integers(0, 10_000)))
            line[name] = draw(st.sampled_from(["", "unknown", at.isoformat(timespec="minutes")]))
        line |= {name: draw(st.sampled_from(["", *(each.code for each in choices(name))])) for name in CHOICES}
        lines.append((mark, line))
    return lines


def written(lines):
    stream = io.StringIO()
    writer = csv.DictWriter(stream, ["code", "departement", *TEXTS, *MOMENTS, *CHOICES], restval="")
    writer.writeheader()
    writer.writerows(line for _, line in lines)
    return stream.getvalue()


def responded(folder, lines):
    (folder / "controllers.csv").write_text(written(lines), encoding="utf-8")
    request = responding.RespondRequest(
        case=folder / "case",
        controllers=folder / "controllers.csv",
        to=folder / "out",
        new=not CaseFolder.exists(folder / "case"),
        languages=("en",),
        keys=KeyOptions(folder / "key"),
    )
    # A page is made of its text and nothing else (tests/unit/test_respond_documents.py looks at pages).
    with patch("etanche.respond.page_of", lambda text, _language, _now: text.encode()):
        responding.respond_case(request, Config(keyring=False, now=lambda: NOW))
    return {line["code"]: files_of(folder / "out" / line["code"]) for _, line in lines}


def files_of(folder):
    found = {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}
    for name in found.keys() & {"notification.json", "notification-complementary.json"}:
        said = json.loads(found[name])
        # Of the file that holds all lines, its hash and nothing else.
        assert (
            said["versions"].pop("controllers")
            == sha256((folder.parents[1] / "controllers.csv").read_bytes()).hexdigest()
        )
        found[name] = json.dumps(said, ensure_ascii=False).encode()
    return found


@settings(max_examples=15, deadline=None)
@given(lines=controllers())
def test_no_part_holds_another_controller(tmp_path_factory, lines):
    folder = tmp_path_factory.mktemp("isolated")
    parts = responded(folder, lines)
    for own, line in lines:
        together = b"".join(parts[line["code"]].values()).replace(b"\r\n ", b"")
        assert own.encode() in together
        assert not [other for other, _ in lines if other != own and other.encode() in together]
    alone = responded(folder, lines[:1])
    first = lines[0][1]["code"]
    assert alone[first] == parts[first]
    assert json.loads(parts[first]["deadlines.json"])["code"] == first
    if SCHEMA.is_file():  # the schema is another's, and no part of the project
        schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
        for part in parts.values():
            fields = next(data for name, data in part.items() if name.endswith("-edpb.json"))
            jsonschema.validate(json.loads(fields), {**schema, "required": []})
