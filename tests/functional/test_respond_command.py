"""`etanche respond` as a user types it: over a case without a file, its status, and what is refused."""

from __future__ import annotations

import json
import re
import stat
from datetime import UTC, datetime, timedelta

import pytest

from commandline import Place

HEADER = "code;name;departement;aware;aware_reason;attack_known;insurer;policy\n"
LINES = (
    "LAB01;Laboratoire des Tilleuls;75;2026-01-02 16:00;journal;2026-01-02 09:00;Assureur;P1\n"
    "LAB02;Laboratoire du Lagon;974;unknown;;;;\n"
)


@pytest.fixture
def at(tmp_path):
    place = Place(tmp_path / "place")
    (place.work / "c.csv").write_text(HEADER + LINES, encoding="utf-8")
    return place


def respond(at, *more, controllers="c.csv"):
    return at.run("respond", "--case", "case", "--controllers", controllers, "--key-file", "key", *more)


def log(at):
    return [json.loads(line) for line in (at.work / "case" / "custody.jsonl").read_text().splitlines()]


def test_a_claim_without_a_file(at):
    done = respond(at, "--new", "--basis", "screenshot", "--persons", "100-5000", "--json")
    assert done.code == 0, done.err
    said = json.loads(done.out)
    assert said["claim"] == {"basis": "screenshot", "persons": {"least": 100, "most": 5000}}
    first, second = said["controllers"]
    duty = next(each for each in first["duties"] if each["duty"] == "notify_authority")
    assert duty["due"] == "2026-01-05T16:00:00+01:00"
    assert duty["state"] == "late"
    assert duty["alarms"]["50"] == "2026-01-04T04:00:00+01:00"
    assert {"starts", "readings", "missing"} <= duty.keys()
    assert "aware" in second["missing"]
    parts = sorted(str(file.relative_to(at.work / "case")) for file in (at.work / "case" / "respond").rglob("*.*"))
    assert parts == [f"respond/LAB0{n}/deadlines.{kind}" for n in (1, 2) for kind in ("ics", "json")]
    assert at.run("custody", "--case", "case").code == 0
    events = [entry["event"] for entry in log(at)]
    assert events.index("responded") < events.index("result_written")
    assert not any("Tilleuls" in json.dumps(entry) for entry in log(at))


def test_a_case_that_is_there_is_not_made_anew(at):
    assert respond(at, "--new").code == 0
    done = respond(at, "--new")
    assert done.code == 5
    assert "without --new" in done.fault


def test_a_case_without_a_file_gets_its_leak(at):
    assert respond(at, "--new").code == 0
    (at.work / "leak.txt").write_text("nom;prenom;datenaissance\nMARTIN;Anne;01/02/1980\nPETIT;Luc;03/04/1975\n")
    (at.work / "list.csv").write_text("nom;prenom;datenaissance\nMARTIN;Anne;01/02/1980\n")
    key = ("--case", "case", "--key-file", "key")
    done = at.run("link", "--registry", "list.csv", "--own", "--name", "LAB01", *key)
    assert done.code == 3
    assert "--resume" in done.fault
    (at.work / "why").write_text("Le risque est élevé.")
    decided = ("--controller", "LAB01", "--article", "34", "--outcome", "inform", "--by", "Anne Martin, directrice")
    assert at.run("decide", "--case", "case", *decided, "--reasons", "why").code == 0
    done = at.run("triage", "leak.txt", *key)
    assert done.code == 5
    assert "--resume" in done.fault
    assert "--new" not in done.fault
    assert at.run("triage", "leak.txt", *key, "--resume").code == 0
    assert json.loads((at.work / "case" / "decision-LAB01-34.json").read_text(encoding="utf-8"))["outcome"] == "inform"


def test_what_was_told_before_it_was_known_and_who_has_no_address(at):
    lines = "code;name;departement;aware;cnil_filed;commune\nA1;Un;75;2026-01-02 16:00;2026-01-01 09:00;\n"
    (at.work / "d.csv").write_text(lines + "A2;Deux;75;2026-01-02 16:00;2026-01-03 09:00;Paris\n", encoding="utf-8")
    done = respond(at, "--new", controllers="d.csv")
    assert done.code == 0, done.err
    assert "A1: cnil_filed lies before aware" in done.err
    assert "A2: cnil_filed" not in done.err
    first, second = json.loads((at.work / "case" / "respond.json").read_text(encoding="utf-8"))["controllers"]
    assert "address" in first["missing"]
    assert "address" not in second["missing"]


def test_status_says_what_stands(at):
    assert respond(at, "--new").code == 0
    before = log(at)
    done = at.run("--lang", "fr", "respond", "status", "--case", "case")
    assert done.code == 0, done.err
    assert "en retard" in done.out
    assert "LAB02 : il manque aware" in done.out
    assert done.out.rstrip().splitlines()[-1] == "3 en retard ; rien d'autre ne court."
    said = json.loads(at.run("respond", "status", "--case", "case", "--json").out)
    assert [entry["code"] for entry in said["controllers"]] == ["LAB01", "LAB02"]
    assert log(at) == before


def test_many_controllers_fit_one_screen_the_most_urgent_first(at):
    """A line each, whole at any width, in the order in which something must be done; the rest when asked for."""
    now = datetime.now(UTC)
    aware = {f"LAB{n:02}": (now - timedelta(hours=5 * n)).strftime("%Y-%m-%d %H:%M") for n in range(1, 25)}
    lines = [f"{code};Laboratoire {code};75;{moment};journal;;;" for code, moment in aware.items()]
    (at.work / "m.csv").write_text("\n".join([HEADER.strip(), *lines, "ZOE;Zoé;75;;;;;"]) + "\n", encoding="utf-8")
    for language in ("en", "fr"):
        done = at.run(
            "--lang", language, "respond", "--case", language, "--controllers", "m.csv", "--new", "--key-file", "key"
        )
        assert done.code == 0, done.err
        shown = done.out.splitlines()
        codes = [line.split()[0] for line in shown[1:26]]
        assert codes == [*reversed(aware), "ZOE"]
        assert len(shown) <= 25 + 8
        assert max(len(line) for line in shown[:26]) <= 80
        said = json.loads((at.work / language / "respond.json").read_text(encoding="utf-8"))["controllers"][-1]
        assert shown[25].split()[-2:] == [str(len(said["missing"])), str(len(said["blank"]))]
        assert len(said["missing"]) > 2
        # One has no aware; the others lack what other clocks need, which is not that.
        (told,) = [line for line in shown if "aware" in line]
        assert re.search(r"\b1\b", told)
        alone = at.run("--lang", language, "respond", "status", "--case", language, "--only", "lab07")
        assert alone.code == 0, alone.err
        assert "LAB07  Laboratoire LAB07" in alone.out
        assert "LAB08" not in alone.out
    done = at.run("respond", "status", "--case", "en", "--only", "LAB99")
    assert done.code == 2
    assert "LAB01" in done.only_fault


def test_parts_elsewhere_and_a_changed_start(at):
    assert respond(at, "--new", "--to", "out").code == 0
    part = at.work / "out" / "LAB01" / "deadlines.json"
    assert stat.S_IMODE(part.stat().st_mode) == 0o600
    assert "Lagon" not in part.read_text(encoding="utf-8")
    known = LINES.replace("unknown", "2026-01-03")
    (at.work / "c.csv").write_text(HEADER + known, encoding="utf-8")
    assert respond(at, "--to", "out").code == 0
    assert [entry["params"]["changed"] for entry in log(at) if entry["event"] == "responded"] == ["", ""]
    (at.work / "c.csv").write_text(HEADER + known.replace("2026-01-02 16:00", "2026-01-04 16:00"), encoding="utf-8")
    assert respond(at, "--to", "out").code == 0
    assert log(at)[-2]["params"]["changed"] == "LAB01"


@pytest.mark.parametrize(
    ("more", "code", "word"),
    [
        (("--new", "--persons", "many"), 2, "--persons"),
        (("--new", "--basis", "rumour"), 2, "--basis"),
        (("--new", "--with", "nis3"), 2, "nis3"),
        (("--new", "--to", "case/out"), 5, "outside"),
        ((), 3, "no case"),
    ],
)
def test_what_is_refused_leaves_nothing(at, more, code, word):
    done = respond(at, *more)
    assert (done.code, done.out) == (code, "")
    assert word in done.only_fault
    assert not (at.work / "case").exists()


def test_a_wrong_line_leaves_nothing(at):
    (at.work / "c.csv").write_text(HEADER + "LAB01;Tilleuls;75;2999-01-01;;;;\n", encoding="utf-8")
    done = respond(at, "--new")
    assert done.code == 2
    assert "line 2: aware" in done.only_fault
    assert not (at.work / "case").exists()
    assert at.run("respond", "status", "--case", "case").code == 3


def test_a_result_changed_by_hand_is_refused(at):
    assert respond(at, "--new").code == 0
    result = at.work / "case" / "respond.json"
    result.write_text(result.read_text().replace("2026-01-05", "2026-01-06"))
    assert at.run("respond", "status", "--case", "case").code == 5


def test_the_last_day_is_told_in_hours_and_minutes(at):
    started = datetime.now(UTC) - timedelta(hours=71, minutes=10, seconds=30)
    (at.work / "c.csv").write_text(
        f"code;name;aware\nLAB01;x;{started.isoformat(timespec='minutes')}\n", encoding="utf-8"
    )
    assert respond(at, "--new").code == 0
    told = at.run("--lang", "fr", "respond", "status", "--case", "case").out
    assert "écoulé à 95 %" in told
    assert re.search(r"^0 en retard ; prochaine échéance : LAB01, Notifier .*, 0 h 4[5-9]\.$", told, re.MULTILINE)
