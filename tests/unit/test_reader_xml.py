"""XML: what repeats is records, whatever the vocabulary, the encoding or the damage."""

from __future__ import annotations

from pathlib import Path

import pytest
from tree_tables import Read, read

from etanche.errors import UserError
from etanche.ingest.bids import Head
from etanche.ingest.readers import xml_text
from etanche.model import QuarantineReason as Why

NAME = "leak.xml"


def only(tables: dict[str, Read]) -> Read:
    assert len(tables) == 1, list(tables)
    return next(iter(tables.values()))


def test_attributes_children_groups_and_cdata(tmp_path: Path) -> None:
    text = (
        '<?xml version="1.0"?><h:patients xmlns:h="urn:x" xmlns:xsi="urn:i"><!-- c --><h:patient id="01">'
        "<h:nom>Lef&#232;vre</h:nom><h:tel>1</h:tel><h:tel>2</h:tel><h:adr><h:cp>29200</h:cp></h:adr></h:patient>"
        '<h:patient id="2"><h:nom><![CDATA[R&D <b>]]></h:nom><h:adr type="x">A &amp; B</h:adr></h:patient></h:patients>'
    )
    table = only(read(tmp_path, text, NAME))
    assert table.rows == [
        {"id": "01", "nom": "Lefèvre", "tel": "1; 2", "adr.cp": "29200", "adr.type": "", "adr": ""},
        {"id": "2", "nom": "R&D <b>", "tel": "", "adr.cp": "", "adr.type": "x", "adr": "A & B"},
    ]


def test_repeated_groups_are_tables_that_point_back(tmp_path: Path) -> None:
    visits = "".join(f"<visite><date>{k}</date></visite>" for k in range(6))
    text = f"<r><p><nom>A</nom><visites>{visits}</visites></p><p><nom>B</nom></p></r>"
    tables = read(tmp_path, text, NAME)
    assert [row["nom"] for row in tables["p"].rows] == ["A", "B"]
    assert tables["p.visites.visite"].rows[5]["date"] == "5"


@pytest.mark.parametrize(
    ("declared", "written"),
    [("ISO-8859-1", "latin-1"), ("UTF-8", "cp1252"), ("ISO-8859-1", "utf-8"), ("UTF-16", "utf-16"), ("x-odd", "utf-8")],
)
def test_encodings_declared_or_lying(tmp_path: Path, declared: str, written: str) -> None:
    text = f'<?xml version="1.0" encoding="{declared}"?><r><p><nom>Hélène</nom></p><p><nom>Lefèvre</nom></p></r>'
    assert [row["nom"] for row in only(read(tmp_path, text.encode(written), NAME)).rows] == ["Hélène", "Lefèvre"]


@pytest.mark.parametrize(
    "dtd",
    [
        '<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">',
        '<!ENTITY c SYSTEM "file:///etc/hostname">',
        '<!ENTITY c SYSTEM "http://127.0.0.1:9/x">',
    ],
)
def test_entities_made_to_explode_or_fetch_are_refused(tmp_path: Path, dtd: str) -> None:
    with pytest.raises(UserError, match="ingest_xml_entities"):
        read(tmp_path, f"<!DOCTYPE r [{dtd}]><r><p>&c;</p><p>&c;</p></r>", NAME)


def test_a_declared_entity_is_not_expanded(tmp_path: Path) -> None:
    text = '<!DOCTYPE r [<!ENTITY labo "Labo X">]><r><p><n>&labo; !</n></p><p><n>2</n></p></r>'
    assert only(read(tmp_path, text, NAME)).rows[0]["n"] == "&labo; !"


def test_what_no_parser_takes_is_repaired(tmp_path: Path) -> None:
    text = "<r><p><n>A&nbsp;&eacute; R&D</n></p><p><n>\x01x &#2; &#233;</n></p></r>"
    assert [row["n"] for row in only(read(tmp_path, text, NAME)).rows] == ["A\xa0é R&D", " x   é"]


def test_a_broken_record_does_not_take_others_along(tmp_path: Path) -> None:
    records = [f"<p><n>{k}</n></p>" for k in range(20)]
    records[7] = "<p><n>7</p>"
    table = only(read(tmp_path, "<r>" + "\n".join(records) + "</r>", NAME))
    assert [row["n"] for row in table.rows] == [str(k) for k in range(20) if k != 7]
    assert [item.reason for item in table.aside] == [Why.UNDECODABLE]
    assert table.aside[0].raw.strip() == b"<p><n>7</p>"


def test_damage_at_every_step_sets_no_byte_aside_twice(tmp_path: Path) -> None:
    text = '<r><p a="1"><b>1</b></p>' + '<p a="' * 500
    table = only(read(tmp_path, text, "x.xml"))
    assert len(table.rows) == 1
    assert sum(len(item.raw) for item in table.aside) <= len(text)


def test_large_documents_are_streamed_alike(tmp_path: Path) -> None:
    body = "".join(f'<p id="{k}"><n>N{k}</n><a><cp>{k:05}</cp></a></p>\n' for k in range(20_000))
    tables = read(tmp_path, f'<r><meta v="1"/>{body}</r>', NAME)
    assert tables["p"].rows[19_999] == {"id": "19999", "n": "N19999", "a.cp": "19999"}
    assert tables[""].rows == [{"meta.v": "1"}]


def test_depth_is_bounded(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="ingest_no_record"):
        read(tmp_path, "<a>" * 300_000, NAME)


@pytest.mark.parametrize(
    ("data", "score"),
    [
        (b"<?xml version='1.0'?><a/>", 0.75),
        (b"<patients><patient/></patients>", 0.75),
        (b"<!DOCTYPE html><html></html>", 0),
        (b"<html><table></table></html>", 0),
        (b"<jean@example.fr> wrote\n", 0),
    ],
)
def test_bids(data: bytes, score: float) -> None:
    assert xml_text.bid(Head("leak.txt", data)).score == score
