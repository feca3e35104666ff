"""Persons' requests: clocks, the register in which nobody is named, drafts of answers, proof; what is refused."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etanche import responding
from etanche.casefile import CaseFolder, Event, KeyOptions
from etanche.config import Config
from etanche.errors import ExitCode, UserError
from etanche.respond import rights as law_of_rights
from etanche.respond import sheet
from etanche.responding import rights
from etanche.responding.asking import FOLDER, person_of

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
PERSON = 'name = "Jeanne Zqdurand"\naddress = ["12 rue des Zqlilas", "56100 LORIENT"]\nsaid = "tout effacer"\n'


def config(now=NOW, language="fr"):
    return Config(language=language, keyring=False, now=lambda: now)


@pytest.fixture
def case(tmp_path):
    lines = "code;name;departement\nLAB01;Laboratoire des Tilleuls;75\nLAB02;Laboratoire du Lagon;974\n"
    lines += "LAB03;Laboratoire des Mirabelles;57\n"
    (tmp_path / "c.csv").write_text(lines, encoding="utf-8")
    request = responding.RespondRequest(
        case=tmp_path / "case", controllers=tmp_path / "c.csv", new=True, keys=KeyOptions(tmp_path / "key")
    )
    responding.respond_case(request, config())
    return tmp_path / "case"


def add(case, kind="access", received=None, to=None, now=NOW, **more):
    asked = rights.Received(
        **{
            "controller": "LAB01",
            "kind": kind,
            "person": PERSON.encode(),
            "shown": "p.toml",
            "received": received,
            **more,
        }
    )
    return rights.add(case, asked, to, config(now))


def answer(case, number="LAB01-0001", outcome="granted", *grounds, to=None, identity="carte d'identité", now=NOW):
    asked = rights.Answered(outcome, grounds, identity)
    return rights.answer(case, number, asked, to or case.parent / "out", config(now), KeyOptions(case.parent / "key"))


def refused(code, act):
    with pytest.raises(UserError) as caught:
        act()
    assert caught.value.code == code
    return caught.value


@pytest.mark.parametrize(
    ("kind", "received", "more", "due"),
    [
        # 28 February 2026 is a Saturday
        ("access", "2026-01-31 10:00", {}, "2026-03-02T23:59:59+01:00"),
        ("erasure", "2026-10-11", {}, "2026-11-12T23:59:59+01:00"),
        ("record", "2026-11-02 10:00", {}, "2026-11-10T23:59:59+01:00"),
        ("record", "2025-12-31 10:00", {"older": True}, "2026-02-28T23:59:59+01:00"),
        # 26 December is a holiday in the Moselle
        ("objection", "2024-11-26", {"departement": "57"}, "2024-12-27T23:59:59+01:00"),
        ("objection", "2024-11-26", {"controller": "LAB03"}, "2024-12-27T23:59:59+01:00"),
        ("objection", "2024-11-26", {}, "2024-12-26T23:59:59+01:00"),
        ("rectification", "2026-10-11", {"controller": "lab02"}, "2026-11-12T23:59:59+04:00"),
        ("damages", "2026-10-11", {}, None),
    ],
)
def test_when_an_answer_is_owed(case, kind, received, more, due):
    entry = add(case, kind, received, **more).entry
    assert entry["due"] == due
    assert (entry["duty"] == "") == (due is None)


def test_a_health_record_is_not_given_before_48_hours(case):
    entry = add(case, "record", "2026-11-22 13:00", identity="au guichet").entry
    assert entry["opens"] == "2026-11-24T13:00:00+01:00"
    assert rights.status(case, config())["requests"][0]["too_early"] is True
    assert answer(case).warnings == ("too_early", "unreviewed")
    assert answer(case, now=NOW + timedelta(days=2)).warnings == ("unreviewed",)
    done = rights.close(case, "LAB01-0001", rights.Closed(receipt="2C1"), config())
    assert done.warnings == ("sent_early",)


def test_a_request_from_receipt_to_proof(case, tmp_path):
    done = add(case, "erasure", "2026-10-26 09:00", tmp_path / "out")
    assert done.entry["number"] == "LAB01-0001"
    assert rights.status(case, config())["counts"] == {"LAB01": {"alarm_80": 1}}
    drafted = answer(case, "lab01-0001", "refused", "legal_obligation", "public_health", identity=None)
    text = drafted.files[0].read_text(encoding="utf-8")
    assert drafted.files[0].parent == tmp_path / "out" / "LAB01" / "rights"
    assert "12 rue des Zqlilas  \n56100 LORIENT" in text
    assert "(RGPD 17(3)(b))" in text
    assert "(RGPD 17(3)(c))" in text
    assert "[à compléter : durée et texte]" in text
    assert "Laboratoire du Lagon" not in text
    assert drafted.files[1].read_bytes().startswith(b"%PDF-")
    assert "durée et texte" in drafted.blanks
    assert rights.status(case, config())["counts"] == {"LAB01": {"alarm_80": 1}}
    closed = rights.close(
        case, "LAB01-0001", rights.Closed("2026-11-23 10:00", None, "2C123", b"%PDF- a scan"), config()
    )
    assert closed.entry["outcome"] == "refused"
    assert rights.status(case, config())["counts"] == {"LAB01": {"done": 1}}
    shown = rights.show(case, "LAB01-0001", config(), KeyOptions(tmp_path / "key"))
    assert [act["act"] for act in shown["acts"]] == ["received", "drafted", "closed"]
    assert shown["acts"][0]["person"]["name"] == "Jeanne Zqdurand"
    assert shown["acts"][2]["receipt"] == "2C123"
    with CaseFolder.open(case, config()) as opened:
        assert "receipts/rights/LAB01-0001" in opened.sealed()
        assert opened.verify().ok


def test_sent_too_late(case):
    add(case, "access", "2026-10-11", identity="au guichet")
    rights.close(case, "LAB01-0001", rights.Closed("2026-11-13", "granted", "2C1"), config())
    assert rights.status(case, config())["requests"][0]["state"] == "done_late"


def test_two_more_months_told_within_the_first(case, tmp_path):
    add(case, "access", "2026-10-26 09:00")
    keys = KeyOptions(tmp_path / "key")
    done = rights.extend(case, "LAB01-0001", "491 840 personnes", None, tmp_path / "out", config(), keys)
    assert done.entry["due"] == "2027-01-26T23:59:59+01:00"
    assert done.entry["duty"] == "answer_request_extended"
    assert "Motifs du report : 491 840 personnes." in done.files[0].read_text(encoding="utf-8")
    refused("rights_no_extension", lambda: rights.extend(case, "LAB01-0001", "x", None, None, config(), keys))
    add(case, "access", "2026-10-11")
    late = refused("rights_extension_late", lambda: rights.extend(case, "LAB01-0002", "x", None, None, config(), keys))
    assert late.exit_code is ExitCode.REFUSED
    early = rights.extend(case, "LAB01-0002", "x", "2026-11-12", None, config(), keys)
    assert early.entry["due"] == "2027-01-11T23:59:59+01:00"
    add(case, "record")
    refused("rights_no_extension", lambda: rights.extend(case, "LAB01-0003", "x", None, None, config(), keys))


def test_calendars_name_numbers_and_controllers_apart(case, tmp_path):
    add(case, "access", "2026-11-20")
    add(case, "access", "2026-11-20", controller="LAB02")
    add(case, "damages", "2026-11-20")
    files = rights.write_agenda(case, tmp_path / "out", config())
    assert [file.parent.parent.name for file in files] == ["LAB01", "LAB02"]
    first, second = (file.read_bytes().decode() for file in files)
    assert "SUMMARY:LAB01-0001" in first
    assert first.count("BEGIN:VEVENT") == 1
    assert first.count("BEGIN:VALARM") == 3
    assert "LAB01" not in second


def test_many_requests_at_once(case):
    add(case)
    lines = (
        "controller;kind;name;received;older;address\n"
        "lab01;erasure;Zqanne Été;2026-11-20;;1 rue|56000 X\n"
        "LAB02;record;Zqpaul;;oui;\n"
        "LAB01;access;Zqlea;;;\n"
    ).encode("cp1252")
    entries = rights.add_all(case, lines, "r.csv", config())
    assert [entry["number"] for entry in entries] == ["LAB01-0002", "LAB02-0001", "LAB01-0003"]
    assert entries[1]["duty"] == "give_old_record"
    shown = rights.show(case, "LAB01-0002", config(), KeyOptions(case.parent / "key"))
    assert shown["acts"][0]["person"]["name"] == "Zqanne Été"
    assert shown["acts"][0]["person"]["address"] == ["1 rue", "56000 X"]
    assert answer(case, "LAB02-0001").files
    held = b"".join(file.read_bytes() for file in case.rglob("*") if file.is_file())
    assert not [name for name in (b"Zqanne", b"Zqpaul", b"Zqlea", b"56000 X") if name in held]


@pytest.mark.parametrize(
    ("lines", "code", "line"),
    [
        ("controller;kind;name\nLAB01;access;A\nLAB01;oblivion;B\n", "rights_line", 3),
        ("controller;kind;name;received\nLAB01;access;A;2999-01-01\n", "rights_line", 2),
        ("controller;kind;name;older\nLAB01;access;A;oui\n", "rights_line", 2),
        ("controller;kind;name;older\nLAB01;record;A;maybe\n", "rights_cell", 2),
        ("controller;kind;name\nLAB01;access; \n", "rights_cell", 2),
        ("controller;kind\n", "decide_column_missing", None),
        ("controller;kind;name;nom\n", "rights_column", None),
        ("controller;kind;name\n", "rights_none", None),
        ("controller;kind;name\nLAB01;access\n", "decide_width", 2),
        ('controller;kind;name\nLAB01;access;"A\n', "rights_no_table", None),
    ],
)
def test_a_wrong_line_enters_nothing(case, lines, code, line):
    before = (case / "custody.jsonl").read_bytes()
    error = refused(code, lambda: rights.add_all(case, lines.encode(), "r.csv", config()))
    assert error.params.get("line") == line
    assert (case / "custody.jsonl").read_bytes() == before


@settings(max_examples=12, deadline=None)
@given(
    name=st.from_regex(r"Zq[a-z]{8}[ '-][A-Zé]{6}", fullmatch=True),
    said=st.from_regex(r"zw[a-z ]{20,40}[éà;\\]{2}", fullmatch=True),
    kind=st.sampled_from(sorted(law_of_rights.kinds())),
)
def test_nobody_is_named_in_the_case(tmp_path_factory, name, said, kind):
    folder = tmp_path_factory.mktemp("rights")
    (folder / "c.csv").write_text("code;name\nLAB01;Un\n", encoding="utf-8")
    request = responding.RespondRequest(
        case=folder / "case", controllers=folder / "c.csv", new=True, keys=KeyOptions(folder / "key")
    )
    responding.respond_case(request, config())
    person = f"name = {json.dumps(name)}\nsaid = {json.dumps(said)}\naddress = {json.dumps([name])}\n"
    asked = rights.Received("LAB01", kind, person.encode(), "p.toml", identity=said)
    assert name not in repr(asked)
    rights.add(folder / "case", asked, folder / "out", config())
    answer(folder / "case", "LAB01-0001", "granted", identity=said)
    rights.close(folder / "case", "LAB01-0001", rights.Closed(receipt=name), config())
    held = b"".join(file.read_bytes() for file in (folder / "case").rglob("*") if file.is_file())
    told = json.dumps(rights.status(folder / "case", config()), ensure_ascii=False)
    for part in (name, name[:8], said[:12], json.dumps(name)[1:-1]):
        assert part.encode() not in held
        assert part not in told


def test_a_number_is_never_given_twice(case):
    add(case)
    with CaseFolder.open(case, config()) as opened:  # sealed, then a crash before the register was written
        opened.seal("register/rights/LAB01-0002/01-received", b"{}")
    assert add(case).entry["number"] == "LAB01-0003"
    assert add(case, controller="LAB02").entry["number"] == "LAB02-0001"


def test_an_act_that_a_crash_cut_is_done_again(case):
    add(case, "access", identity="au guichet")
    with CaseFolder.open(case, config()) as opened:  # sealed, then a crash before the register was written
        opened.seal("register/rights/LAB01-0001/02-drafted", b"{}")
    drafted = answer(case)
    assert [act["act"] for act in drafted.entry["acts"]] == ["received", "drafted"]
    shown = rights.show(case, "LAB01-0001", config(), KeyOptions(case.parent / "key"))
    assert shown["acts"][1]["outcome"] == "granted"


def test_purging_the_data_leaves_what_shows_that_the_law_was_kept(case, tmp_path):
    add(case, "access", identity="au guichet")
    rights.close(case, "LAB01-0001", rights.Closed(None, "granted", "", b"a scan"), config())
    with CaseFolder.open(case, config()) as opened:
        opened.seal("rows/00001", b"rows")
        opened.log(Event.ROWS_SEALED)
        opened.purge(data_only=True)
        assert opened.sealed() == [
            "receipts/rights/LAB01-0001",
            "register/rights/LAB01-0001/01-received",
            "register/rights/LAB01-0001/02-closed",
        ]
    shown = rights.show(case, "LAB01-0001", config(), KeyOptions(tmp_path / "key"))
    assert shown["acts"][0]["person"]["name"] == "Jeanne Zqdurand"


def test_data_are_given_to_nobody_unknown(case):
    add(case, "access")
    error = refused("rights_identity", lambda: answer(case, identity=" "))
    assert error.exit_code is ExitCode.REFUSED
    assert not (case.parent / "out").exists()
    add(case, "damages")
    assert answer(case, "LAB01-0002", "refused", "no_damage_shown", identity=None).files


@pytest.mark.parametrize(
    ("kind", "outcome", "grounds", "code"),
    [
        ("access", "refused", (), "rights_ground"),
        ("access", "partly", ("legal_obligation",), "rights_ground"),
        ("erasure", "granted", ("legal_obligation",), "rights_no_ground"),
        ("erasure", "maybe", (), "rights_outcome"),
    ],
)
def test_what_is_no_answer(case, kind, outcome, grounds, code):
    add(case, kind)
    assert refused(code, lambda: answer(case, "LAB01-0001", outcome, *grounds)).exit_code is ExitCode.USAGE


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"kind": "oblivion"}, "rights_kind"),
        ({"kind": "access", "older": True}, "rights_older"),
        ({"received": "2999-01-01"}, "rights_future"),
        ({"received": "soon"}, "rights_moment"),
        ({"controller": "LAB1"}, "decide_controller"),
        ({"person": b"name ="}, "rights_person"),
        ({"person": b"\xff\xfe"}, "rights_person"),
        ({"person": b"nom = 'x'"}, "rights_person_key"),
        ({"person": b"name = 'x'\naddress = [1]"}, "rights_person_key"),
        ({"person": b"name = 3"}, "rights_person_key"),
        ({"person": b"name = '12 34'"}, "rights_person_name"),
        ({"person": b"email = 'x@y.fr'"}, "rights_person_name"),
    ],
)
def test_what_is_no_request_leaves_nothing(case, more, code):
    before = (case / "custody.jsonl").read_bytes()
    error = refused(code, lambda: add(case, **more))
    assert "x@y.fr" not in str(error.params)
    assert (case / "custody.jsonl").read_bytes() == before


@pytest.mark.parametrize(
    ("closed", "code"),
    [
        (rights.Closed(), "rights_proof"),
        (rights.Closed(receipt="2C1"), "rights_outcome"),
        (rights.Closed("2026-11-01", "granted", "2C1"), "rights_sent_before"),
        (rights.Closed("2999-01-01", "granted", "2C1"), "rights_future"),
    ],
)
def test_what_closes_nothing(case, closed, code):
    add(case, "access", "2026-11-20")
    refused(code, lambda: rights.close(case, "LAB01-0001", closed, config()))
    refused("rights_number", lambda: rights.close(case, "LAB01-0009", closed, config())) if closed.receipt else None


def test_withdrawn_needs_no_proof_and_closed_is_closed(case):
    add(case)
    rights.close(case, "LAB01-0001", rights.Closed(outcome="withdrawn"), config())
    refused("rights_closed", lambda: rights.close(case, "LAB01-0001", rights.Closed(receipt="1"), config()))
    refused("rights_closed", lambda: answer(case))


def test_letters_do_not_go_into_the_case(case):
    refused("respond_within_case", lambda: add(case, to=case / "out"))


def test_a_person_with_lines_and_odd_characters():
    person = person_of(b'birth_date = 1970-03-12\nname = "A\\u202eB"\naddress = """1 rue\n\n56000 X"""\n', "p")
    assert person.name == "A B"
    assert person.address == ("1 rue", "56000 X")
    assert person.birth_date == "1970-03-12"


def test_every_letter_is_there_in_both_languages_and_rests_on_the_same_articles():
    assert set(law_of_rights.kinds()) | {"receipt", "extension"} == set(sheet.names(FOLDER))
    for name in sheet.names(FOLDER):
        assert sheet.template(name, "en", FOLDER).language == "en"
        assert sheet.sources(name, "en", FOLDER) == sheet.sources(name, "fr", FOLDER)
    assert all(sheet.sources(name, "fr", FOLDER) for name in sheet.names(FOLDER))
    cited = {article for name in sheet.names(FOLDER) for article in sheet.sources(name, "fr", FOLDER)}
    assert cited <= sheet.known_articles().keys()
    for ground in law_of_rights.grounds().values():
        assert ground.kinds <= law_of_rights.kinds().keys()
        assert ground.article.startswith("GDPR ")
