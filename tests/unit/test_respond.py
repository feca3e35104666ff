"""Moments, holidays, the controllers file, states and calendar files."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etanche.errors import ExitCode, UserError
from etanche.respond import Controller, Entry, State, agenda, columns, deadlines, law, packs, read, state_at
from etanche.respond.agenda import folded
from etanche.respond.counting import Duration
from etanche.respond.holidays import calendar, easter
from etanche.respond.law import Limit
from etanche.respond.moments import Moment, parse
from etanche.words import LANGUAGES, section

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
ROOT = Path(__file__).parents[2]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def table(*lines: str) -> bytes:
    return "\n".join(lines).encode()


def one(header: str, cells: str) -> Controller:
    return read(table(f"code;name;{header}", f"LAB01;Tilleuls;{cells}"), "c.csv", NOW)[0]


def owed(header: str, cells: str, packs_on: frozenset[str] = frozenset()):
    controller = one(header, cells)
    return {each.duty.code: each for each in deadlines(controller, law(controller.jurisdiction, packs_on))}


def fault(*lines: str) -> UserError:
    with pytest.raises(UserError) as caught:
        read(table(*lines), "c.csv", NOW)
    return caught.value


@pytest.mark.parametrize(
    ("text", "earliest", "latest"),
    [
        ("2026-11-20 16:00", "2026-11-20T16:00+01:00", "2026-11-20T16:00+01:00"),
        ("20/11/2026 16h05", "2026-11-20T16:05+01:00", "2026-11-20T16:05+01:00"),
        ("2026-11-20T16:00Z", "2026-11-20T16:00+00:00", "2026-11-20T16:00+00:00"),
        ("2026-11-20T16:00-04:00", "2026-11-20T16:00-04:00", "2026-11-20T16:00-04:00"),
        ("2026-11-20", "2026-11-20T00:00+01:00", "2026-11-20T23:59:59+01:00"),
        ("18/11/2026 .. 2026-11-20 08:00", "2026-11-18T00:00+01:00", "2026-11-20T08:00+01:00"),
        # the hour that there is twice, and the one that there is not
        ("2026-10-25 02:30", "2026-10-25T02:30+02:00", "2026-10-25T02:30+01:00"),
        ("2026-03-29 02:30", "2026-03-29T02:30+02:00", "2026-03-29T02:30+02:00"),
    ],
)
def test_moments(text, earliest, latest):
    assert parse(text, PARIS) == Moment(at(earliest), at(latest))


@pytest.mark.parametrize("text", ["", "unknown", "Inconnu", "?"])
def test_an_unknown_moment(text):
    assert parse(text, PARIS) is None


@pytest.mark.parametrize("text", ["yesterday", "2026-02-30", "16:00", "2026-11-20 25:00", "2026-11-20 .. 2026-11-18"])
def test_no_moment(text):
    with pytest.raises(ValueError):  # noqa: PT011 - which of them is no matter
        parse(text, PARIS)


def test_easter_of_some_years():
    """Dates of the ecclesiastical tables: the earliest, the latest, and those between."""
    known = {1818: (3, 22), 1943: (4, 25), 2008: (3, 23), 2024: (3, 31), 2026: (4, 5), 2038: (4, 25)}
    assert {year: (easter(year).month, easter(year).day) for year in known} == known


@pytest.mark.parametrize(
    ("departement", "day", "surely", "perhaps"),
    [
        ("75", date(2026, 12, 26), False, False),
        ("57", date(2028, 12, 26), True, True),
        ("67", date(2026, 4, 3), False, True),
        ("68", date(2026, 4, 6), True, True),
        ("971", date(2026, 5, 27), True, True),
        ("972", date(2026, 5, 27), False, False),
        ("972", date(2026, 5, 22), True, True),
        ("973", date(2026, 6, 10), True, True),
        ("974", date(2027, 12, 20), True, True),
        ("976", date(2026, 4, 27), True, True),
        ("988", date(2026, 9, 24), False, True),
    ],
)
def test_holidays_of_a_place(departement, day, surely, perhaps):
    place = calendar("france", departement)
    assert (place.holiday(day) is not None, place.holiday(day, customs=True) is not None) == (surely, perhaps)


def test_clocks_of_overseas():
    assert one("departement", "974").calendar.zone.key == "Indian/Reunion"
    assert one("postcode", "97200").calendar.zone.key == "America/Martinique"
    assert one("departement;time_zone", "75;Pacific/Noumea").calendar.zone.key == "Pacific/Noumea"
    assert one("departement", "1").calendar.departement == "01"


def test_a_limit_holds_from_its_day():
    duty = law("france").duty("notify_authority")
    later = replace(duty, limits=(*duty.limits, Limit(date(2028, 1, 1), "PT96H")))
    assert later.duration(date(2027, 12, 31)) == Duration(hours=72)
    assert later.duration(date(2028, 1, 1)) == Duration(hours=96)
    assert later.duration(date(2018, 5, 24)) is None


def test_a_record_is_not_given_before_two_days():
    duty = law("france").duty("give_record")
    assert duty.opens(NOW) == NOW + timedelta(hours=48)
    assert law("france").duty("answer_request").opens(NOW) == NOW


def test_every_code_of_the_law_has_words():
    every = law("france", frozenset(packs())).duties
    known = {column.name for column in columns()}
    for language in LANGUAGES:
        words = section(language, "respond")
        assert {duty.code for duty in every} == words["duty"].keys()
        assert {duty.condition for duty in every} == words["condition"].keys()
        assert set(State) == words["state"].keys()
        assert known == words["column"].keys()
    own = [duty for duty in every if duty.starts != "request" and duty.who != "vendor"]
    assert {f"{duty.proof}_filed" for duty in own} | {duty.starts for duty in own} <= known
    assert {name for duty in own for name in duty.needs} <= known


def test_the_page_lists_the_columns():
    page = (ROOT / "docs" / "how-to" / "respond.md").read_text(encoding="utf-8")
    said = section("en", "respond")["column"]
    assert re.findall(r"^\| `([a-z0-9_]+)` \| (.*) \|$", page.split("## The controllers file")[1], re.MULTILINE) == [
        (column.name, said[column.name]) for column in columns()
    ]


def test_packs_are_off_unless_asked_for():
    assert not any(duty.pack for duty in law("france").duties)
    assert "cra_notification" not in owed("processor_aware", "2026-11-20 16:00")
    known = owed("processor_aware", "2026-11-20 16:00", frozenset({"cra"}))
    assert known["cra_notification"].due == at("2026-11-23T16:00+01:00")
    duty = owed("aware", "2026-11-20 16:00", frozenset({"nis2"}))["nis2_early_warning"]
    assert duty.due == at("2026-11-21T16:00+01:00")
    assert not duty.duty.sure


def test_a_spreadsheet_of_windows_is_read():
    data = "code;name;commune\r\nLAB01;Laboratoire de la Forêt;Besançon\r\n".encode("cp1252")
    assert read(data, "c.csv", NOW)[0].name == "Laboratoire de la Forêt"


@pytest.mark.parametrize(
    ("lines", "code", "params"),
    [
        (["code;name", "A1;x", "a1;y"], "controllers_twice", {"first": 2, "second": 3}),
        (["code;name;siren", "A;x;732829320", "B;y;732 829 320"], "controllers_siren_twice", {"first": 2, "second": 3}),
        (["code;name;siren", "A;x;732829321"], "controllers_value", {"line": 2, "column": "siren"}),
        (["code;name;aware", "", "A;x;2026-11-24 09:00"], "controllers_future", {"line": 3, "column": "aware"}),
        (["code;name;aware", "A;x;soon"], "controllers_value", {"line": 2, "column": "aware"}),
        (["code;name;awre", "A;x;"], "controllers_column_near", {"number": 3, "near": "aware"}),
        (["code;name;qqqqq", "A;x;"], "controllers_column_unknown", {"number": 3}),
        (["code;name;name", "A;x;y"], "controllers_column_twice", {"first": 2, "second": 3}),
        (["name", "x"], "controllers_column_missing", {"column": "code"}),
        (["code;name", "A;"], "controllers_cell_empty", {"line": 2, "column": "name"}),
        (["code;name", "../A;x"], "controllers_value", {"column": "code"}),
        (["code;name", "CON;x"], "controllers_value", {"column": "code"}),
        (["code;name", "A;x;y"], "controllers_width", {"line": 2, "cells": 3, "columns": 2}),
        (["code;name"], "controllers_none", {}),
        ([""], "controllers_none", {}),
        (["code;name", 'A;"x'], "controllers_no_table", {}),
        (["code;name;time_zone", "A;x;Europe/Nowhere"], "controllers_value", {"column": "time_zone"}),
        (["code;name;time_zone", "A;x;../../etc/passwd"], "controllers_value", {"column": "time_zone"}),
        (["code;name;jurisdiction", "A;x;atlantis"], "controllers_value", {"column": "jurisdiction"}),
    ],
)
def test_a_wrong_file_is_refused(lines, code, params):
    error = fault(*lines)
    assert error.code == code
    assert error.params.items() >= params.items()
    assert error.exit_code is (ExitCode.UNREADABLE if code == "controllers_no_table" else ExitCode.USAGE)


def test_an_error_never_holds_a_cell():
    error = fault("code;name;dpo_email", "A;x;marie.curie")
    assert "curie" not in " ".join(map(str, error.params.values()))


def test_a_range_starts_at_its_earliest():
    duty = owed("aware", "2026-11-20 08:00 .. 2026-11-20 18:00")["notify_authority"]
    assert duty.due == at("2026-11-23T08:00+01:00")
    assert {each.code: each.due for each in duty.readings}["latest_moment"] == at("2026-11-23T18:00+01:00")


def test_who_was_told_by_the_processor_was_aware_then():
    told = owed("processor;processor_aware;processor_filed", "Editeur;2026-11-18 09:00;2026-11-20 16:00")
    duty = told["notify_authority"]
    assert (duty.basis, duty.due) == ("processor_filed", at("2026-11-23T16:00+01:00"))
    imputed = next(each for each in duty.readings if each.code == "processor_aware")
    assert (imputed.due, imputed.contested) == (at("2026-11-21T09:00+01:00"), True)
    assert told["processor_tells_controller"].state(NOW) is State.DONE


def test_what_is_not_known_is_missing():
    duties = owed("aware;insurer", "unknown;?")
    assert duties["notify_authority"].missing == ("aware", "aware_reason")
    assert duties["complaint"].missing == ("attack_known", "insurer", "policy")
    assert duties["notify_authority"].state(NOW) is State.NOT_STARTED


def test_what_was_filed_late_asks_why():
    duty = owed("aware;cnil_filed", "2026-11-16 10:00;2026-11-20 10:00")["notify_authority"]
    assert duty.state(NOW) is State.DONE_LATE
    assert {"delay_reason", "cnil_receipt"} <= set(duty.missing)
    assert owed("aware;cnil_filed", "2026-11-16 10:00;2026-11-18 10:00")["notify_authority"].state(NOW) is State.DONE


def test_the_complaint_was_no_duty_in_2021():
    assert "complaint" not in owed("attack_known;aware", "2021-02-23 10:00;2021-02-24 10:00")
    assert "complaint" in owed("attack_known", "2026-11-20 10:00")


@pytest.mark.parametrize(
    ("passed", "state"),
    [
        (35.9, State.RUNNING),
        (36, State.ALARM_50),
        (57.6, State.ALARM_80),
        (68.4, State.ALARM_95),
        (72, State.ALARM_95),
        (72.1, State.LATE),
    ],
)
def test_alarms(passed, state):
    start = at("2026-11-20T16:00+01:00")
    due = start + timedelta(hours=72)
    assert state_at("hours_eu", start, due, None, False, start + timedelta(hours=passed)) is state


@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=300))
def test_a_calendar_line_is_folded_and_whole(text):
    lines = folded(text).split(b"\r\n")
    assert lines.pop() == b""
    assert all(len(line) <= 75 for line in lines)
    assert b"".join([lines[0], *(line[1:] for line in lines[1:])]).decode() == text


def test_a_calendar_entry():
    due = at("2026-11-23T16:00+01:00")
    entry = Entry("a@etanche", "Till\x1beuls, Lab; x", "one\ntwo", due, (due - timedelta(hours=36),))
    lines = agenda([entry], NOW).decode().split("\r\n")
    assert "SUMMARY:Tilleuls\\, Lab\\; x" in lines
    assert "DESCRIPTION:one\\ntwo" in lines
    assert "DTSTART:20261123T150000Z" in lines
    assert "TRIGGER;VALUE=DATE-TIME:20261122T030000Z" in lines
