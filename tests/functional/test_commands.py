"""The commands as a user types them: what each says, leaves, logs and returns."""

import gzip
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from importlib import resources

import jsonschema
import pytest

from commandline import ETANCHE

HEADER = "NOM;PRENOM;DATE_NAISSANCE;EMAIL;NUM_DOSSIER"
ROWS = [f"DURAND{n};Camille;{n % 28 + 1:02}/03/19{60 + n % 30};camille{n}@example.org;{1000 + n}" for n in range(60)]
COMMANDS = (
    "replica", "triage", "persons", "link", "review", "find", "handover", "respond", "letters", "decide", "severity",
    "exposure", "rights", "dossier", "extract", "quarantine", "report", "custody", "hold", "release", "purge",
    "lexicon", "doctor",
)  # fmt: skip


def text(rows, header=HEADER):
    return ("\r\n".join([header, *rows]) + "\r\n").encode()


@pytest.fixture
def small(place):
    """Return a place with a small leak in it."""
    (place.work / "small.csv").write_bytes(text(ROWS))
    return place


def log(place, case="case"):
    lines = (place.work / case / "custody.jsonl").read_text().splitlines()
    return [(entry["event"], entry["params"]) for entry in map(json.loads, lines)]


def logged(place, event, case="case"):
    return [params for name, params in log(place, case) if name == event]


def column(document, name):
    return next(each for each in document["columns"] if each["name"] == name)


# -- help ----------------------------------------------------------------------------------------------------------


def test_help_names_every_command(place):
    done = place.run("--help")
    assert done.code == 0
    assert all(re.search(rf"^  {command} ", done.out, re.MULTILINE) for command in COMMANDS)
    assert tuple(re.findall(r"^  (\w+) ", done.out.partition("Commands:")[2], re.MULTILINE)) == COMMANDS
    assert place.run().out == done.out
    assert place.run("--version").out.startswith("etanche ")
    module = [sys.executable, "-m", "etanche", "--version"]
    assert subprocess.run(module, capture_output=True, text=True, check=True).stdout == place.run("--version").out


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_a_command(place, command):
    done = place.run(command, "--help")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(f"Usage: etanche {command}")


def test_help_loads_no_engine():
    script = (
        "import sys, etanche.cli; sys.argv = ['etanche', '--help']\ntry: etanche.cli.main()\nexcept SystemExit: pass\n"
    )
    script += "assert not {'duckdb', 'ibis', 'numpy', 'pyarrow'} & set(sys.modules), 'loaded'"
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, check=False).returncode == 0


# -- triage --------------------------------------------------------------------------------------------------------


def test_json_is_all_there_is_on_standard_output(triaged):
    out = triaged.said[0].decode()
    document = json.loads(out)
    assert out.count("\n") == 1
    schema = json.loads(resources.files("etanche.report").joinpath("census.schema.json").read_text())
    jsonschema.validate(document, schema)
    assert document == json.loads((triaged.work / "case" / "census.json").read_text())
    assert document["lines"] == 1001
    assert document["rows"] == 1000


def test_what_is_said_once(triaged):
    err = triaged.said[1].decode()
    assert err.count("never bought") == 1
    assert err.count("case.key") == 1


def test_provenance_stated(triaged):
    (stated,) = logged(triaged, "acquired")
    assert stated == {
        "from_whom": "CERT",
        "until": "2099-12-31",
        "how": "not stated",
        "when": "not stated",
        "ground": "not stated",
    }
    document = json.loads((triaged.work / "case" / "census.json").read_text())
    assert document["acquisition"] == stated
    (read,) = logged(triaged, "input_read")
    assert read["sha256"] == document["sources"][0]["sha256"]


@pytest.mark.parametrize("stdin", ["null", "pipe", "closed"])
def test_nothing_waits_when_nobody_is_there(small, stdin):
    reading, writing = os.pipe()
    streams = {"null": subprocess.DEVNULL, "pipe": reading, "closed": subprocess.DEVNULL}
    more = {"preexec_fn": lambda: os.close(0)} if stdin == "closed" else {}
    done = small.run("triage", "small.csv", "--case", "case", stdin=streams[stdin], **more)
    os.close(reading)
    os.close(writing)
    assert done.code == 0, done.err
    assert set(logged(small, "acquired")[0].values()) == {"not stated"}
    assert (small.work / "case.key").stat().st_mode & 0o777 == 0o600


def test_questions_on_a_terminal(small):
    answers = [
        ("Who gave it", "the CERT"),
        ("How was it", "by [bold]mail"),
        ("When?", ""),
        ("On what ground", "controller"),
        ("Until which day", "tomorrow"),
        ("Until which day", "31/12/2098"),
    ]
    passphrase = [("Passphrase", "correct horse"), ("same passphrase again", "correct horse")]
    done = small.on_terminal("triage", "small.csv", "--case", "case", answers=[*passphrase, *answers])
    assert done.code == 0, done.out
    assert "correct horse" not in done.out
    assert logged(small, "acquired") == [
        {
            "from_whom": "the CERT",
            "how": "by [bold]mail",
            "when": "not stated",
            "ground": "controller",
            "until": "2098-12-31",
        }
    ]
    assert logged(small, "created")[0]["key"] == "passphrase"
    assert small.run("quarantine", "--case", "case").code == 5
    wrong = small.run("quarantine", "--case", "case", env={"ETANCHE_PASSPHRASE": "wrong"})
    assert wrong.code == 5
    assert "passphrase" in wrong.only_fault
    assert small.run("quarantine", "--case", "case", env={"ETANCHE_PASSPHRASE": "correct horse"}).code == 0
    typed = small.on_terminal("quarantine", "--case", "case", answers=[("Passphrase", "correct horse")])
    assert typed.code == 0


def test_a_terminal_that_hangs_up(small):
    done = small.on_terminal("triage", "small.csv", "--case", "case", answers=[("Passphrase", "\x04")])
    assert done.code == 1
    assert "Interrupted" in done.out
    assert not (small.work / "case").exists()


def test_control_c(small):
    done = small.on_terminal("triage", "small.csv", "--case", "case", answers=[("Passphrase", "\x03")])
    assert done.code == 1
    assert "Interrupted" in done.out
    assert "Traceback" not in done.out


def test_an_interruption_is_said_and_logged(place, leak):
    process = place.start("triage", leak, "--case", "case")
    sealed = place.work / "case" / "sealed" / "rows" / "00001.age"
    while process.poll() is None and not sealed.exists():
        time.sleep(0.002)
    process.send_signal(signal.SIGINT)
    done = place.end(process)
    assert (done.code, done.out) == (1, "")
    assert "--resume" in done.fault
    assert logged(place, "failed") == [{"code": "KeyboardInterrupt"}]
    assert not (place.work / "case" / "census.json").exists()


def test_an_existing_case_is_refused(case, leak):
    before = (case.work / "case" / "custody.jsonl").read_bytes()
    done = case.run("triage", leak, "--case", "case")
    assert done.code == 5
    assert "--resume" in done.only_fault
    assert "--new" in done.only_fault
    assert (case.work / "case" / "custody.jsonl").read_bytes() == before


def test_new(case):
    (case.work / "small.csv").write_bytes(text(ROWS))
    key = (case.work / "case.key").read_bytes()
    done = case.run("triage", "small.csv", "--case", "case", "--new", "--json")
    assert done.code == 0, done.err
    assert json.loads(done.out)["rows"] == 60
    assert (case.work / "case.key").read_bytes() != key
    assert (case.work / "case" / "custody-0001.jsonl").exists()
    assert "previous" in logged(case, "created")[0]


def test_new_with_the_key_file_of_the_old_case(case):
    (case.work / "small.csv").write_bytes(text(ROWS))
    assert case.run("triage", "small.csv", "--case", "case", "--new", "--key-file", "case.key").code == 0
    assert case.run("quarantine", "--case", "case").code == 0


@pytest.mark.parametrize("fault", ["missing.csv", "small.csv --map nothing.toml", "small.csv --key-file small.csv"])
def test_new_destroys_nothing_before_the_rest_is_sure(case, fault):
    (case.work / "small.csv").write_bytes(text(ROWS))
    before = (case.work / "case" / "custody.jsonl").read_bytes()
    assert case.run("triage", *fault.split(), "--case", "case", "--new").code in {2, 3, 5}
    assert (case.work / "case" / "custody.jsonl").read_bytes() == before
    assert case.run("quarantine", "--case", "case").code == 0


@pytest.mark.parametrize("form", ["toml", "csv"])
def test_corrections(case, leak, form):
    maps = {
        "toml": '[VERSION]\nkind = "device"\n\n[columns-is-no-table]\nkind = "nir"\n',
        "csv": "column;kind;role\nVERSION;device;\nNOM_MEDECIN;;patient\n#1;ucd;none\n",
    }
    if form == "toml":
        (case.work / "map").write_text(maps["toml"])
        assert case.run("triage", "--case", "case", "--resume", "--map", "map").code == 2
        maps["toml"] = (
            '[VERSION]\nkind = "device"\n\n[NOM_MEDECIN]\nrole = "patient"\n["#1"]\nkind = "ucd"\nrole = "none"\n'
        )
    (case.work / "map").write_text(maps[form])
    done = case.run("triage", "--case", "case", "--resume", "--map", "map", "--json")
    assert done.code == 0, done.err
    document = json.loads(done.out)
    assert column(document, "VERSION")["kind"] == "device"
    assert column(document, "NOM_MEDECIN")["role"] == "patient"
    assert column(document, "NUM_DOSSIER")["kind"] == "ucd"
    assert [params["column"] for params in logged(case, "corrected")] == ["VERSION", "NOM_MEDECIN", "#1"]
    assert document["rows"] == 1000


def test_corrections_at_first(small):
    (small.work / "map.toml").write_text('[columns.NUM_DOSSIER]\nkind = "identifier"\n[columns.NOM]\nrole = "spouse"\n')
    done = small.run("triage", "small.csv", "--case", "case", "--map", "map.toml", "--json")
    assert done.code == 0, done.err
    document = json.loads(done.out)
    assert column(document, "NUM_DOSSIER")["kind"] == "identifier"
    assert column(document, "NOM")["role"] == "spouse"
    assert len(logged(small, "corrected")) == 2


def test_resume_reads_the_case_and_not_the_files_and_says_so(case):
    (case.work / "small.csv").write_bytes(text(ROWS))
    done = case.run("triage", "small.csv", "--case", "case", "--resume", "--json", "--how", "mail")
    assert json.loads(done.out)["rows"] == 1000
    assert "not read again" in done.err
    assert "bought" not in done.err
    first, second = logged(case, "acquired")
    assert second == {**first, "how": "mail"}, "what was stated before stays"


def test_the_language(small):
    english = small.run("triage", "small.csv", "--case", "en")
    locale = small.run("triage", "small.csv", "--case", "fr", env={"LC_ALL": "fr_FR.UTF-8"})
    assert "lignes" in locale.out
    assert "lignes" not in english.out
    asked = small.run("--lang", "fr", "triage", "--case", "en", "--resume")
    assert asked.out.replace(" ", "").splitlines()[:3] == locale.out.replace(" ", "").splitlines()[:3]
    assert 'lang="fr"' in (small.work / "fr" / "report.html").read_text()
    assert small.run("report", "--case", "fr", "--lang", "en").code == 0
    assert 'lang="en"' in (small.work / "fr" / "report.html").read_text()


def test_a_screen_without_accents(small):
    done = small.run("triage", "small.csv", "--case", "case", env={"LC_ALL": "fr_FR", "PYTHONIOENCODING": "ascii"})
    assert done.code == 0, done.err
    assert "Traceback" not in done.err


# -- several files, archives ---------------------------------------------------------------------------------------


def test_files_of_one_shape_are_joined(small):
    (small.work / "more").mkdir()
    (small.work / "more" / "b.csv").write_bytes(text(ROWS[:10]))
    done = small.run("triage", "small.csv", "more", "--case", "case", "--json")
    assert done.code == 0, done.err
    document = json.loads(done.out)
    assert (document["rows"], document["lines"], len(document["sources"])) == (70, 72, 2)
    assert len(logged(small, "input_read")) == 2


def test_one_table_of_several_by_name(small):
    (small.work / "other.csv").write_bytes(text(["1;2"] * 9, "A;B"))
    one = small.run("triage", "small.csv", "other.csv", "--case", "case", "--table", "small.csv", "--json")
    assert json.loads(one.out)["rows"] == 60
    none = small.run("triage", "small.csv", "other.csv", "--case", "none", "--table", "third.csv")
    assert none.code == 2
    assert "other.csv" in none.only_fault
    assert not (small.work / "none").exists()


def test_a_file_named_twice_is_read_once(small):
    (small.work / "link.csv").symlink_to("small.csv")
    done = small.run("triage", "small.csv", "./small.csv", "link.csv", "--case", "case", "--json")
    assert json.loads(done.out)["rows"] == 60


@pytest.mark.parametrize(("path", "where"), [(".", "case"), (".", "."), ("../work", "deep/case")])
def test_a_case_is_not_made_in_what_it_reads(small, path, where):
    done = small.run("triage", path, "--case", where)
    assert done.code == 5
    assert "--case" in done.only_fault
    assert [file.name for file in small.work.iterdir()] == ["small.csv"]


def test_a_case_is_not_made_in_a_case(case):
    (case.work / "small.csv").write_bytes(text(ROWS))
    done = case.run("triage", "small.csv", "--case", "case/sealed/inner")
    assert done.code == 5
    assert done.only_fault
    assert case.run("custody", "--case", "case").code == 0


def test_zip_and_gzip(small):
    with zipfile.ZipFile(small.work / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("in/leak.csv", text(ROWS))
        archive.writestr("in/leak.csv.gz", gzip.compress(text(ROWS[:5])))
    done = small.run("triage", "a.zip", "--case", "case", "--json")
    assert done.code == 0, done.err
    document = json.loads(done.out)
    assert document["rows"] == 65
    assert [source["member"] for source in document["sources"]] == ["in/leak.csv", "in/leak.csv.gz"] or len(
        document["sources"]
    ) == 2


def test_what_in_a_folder_cannot_be_read_is_said(small):
    folder = small.work / "folder"
    folder.mkdir()
    shutil.copy(small.work / "small.csv", folder)
    (folder / "scan.pdf").write_bytes(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    done = small.run("triage", "folder", "--case", "case", "--json")
    assert done.code == 4, "not all was read"
    assert "scan.pdf" in done.err
    assert any("scan.pdf" in json.dumps(note) for note in json.loads(done.out)["notes"])


# -- what was set aside --------------------------------------------------------------------------------------------


def test_quarantine(small):
    torn = ["LECLERCQ;Jeanne;too;many;cells;for;this;table", "LEBRUN;cut"]
    (small.work / "torn.csv").write_bytes(text([*ROWS[:30], torn[0], *ROWS[30:], torn[1]]))
    done = small.run("triage", "torn.csv", "--case", "case")
    assert done.code == 4
    masked = small.run("quarantine", "--case", "case")
    clear = small.run("quarantine", "--case", "case", "--clear")
    assert masked.code == clear.code == 0
    assert [line.split("\t")[3] for line in clear.out.splitlines()] == torn
    assert [line.split("\t")[0] for line in clear.out.splitlines()] == ["32", "63"]
    assert not re.search("LECLERCQ|Jeanne|LEBRUN|cut", masked.out + masked.err)
    assert masked.out.splitlines()[0].split("\t")[3] == re.sub(r"[A-Za-z]", "x", torn[0])
    assert logged(small, "shown") == [{"what": "quarantine", "clear": 0}, {"what": "quarantine", "clear": 1}]


# -- custody, hold, purge, report, doctor, replica -------------------------------------------------------------------


def test_hold_release_purge(case):
    hold = ("--reason", "court order", "--by", "dpo")
    assert case.run("release", "--case", "case", *hold).code == 5
    assert case.run("hold", "--case", "case", "--reason", " ", "--by", "dpo").code == 2
    assert case.run("hold", "--case", "case", *hold).code == 0
    for command in (("purge",), ("purge", "--data"), ("triage", "x.csv", "--new")):
        done = case.run(*command, "--case", "case")
        assert done.code in {3, 5}
    assert case.run("purge", "--case", "case").code == 5
    assert "court order" in case.run("purge", "--case", "case").only_fault
    assert list(case.work.rglob("*.age"))
    assert case.run("release", "--case", "case", *hold).code == 0
    done = case.run("purge", "--case", "case", "--data")
    assert done.code == 0
    assert not list(case.work.rglob("*.age"))
    head = re.search(r"head ([0-9a-f]{64})", done.out)[1]
    checked = case.run("custody", "--case", "case", "--head", head)
    assert checked.code == 0
    assert [event for event, _ in log(case)][-4:] == ["held", "released", "purge_begun", "data_purged"]
    assert case.run("triage", "--case", "case", "--resume").code == 5


def test_new_is_refused_under_hold(case):
    (case.work / "small.csv").write_bytes(text(ROWS))
    assert case.run("hold", "--case", "case", "--reason", "r", "--by", "b").code == 0
    assert case.run("triage", "small.csv", "--case", "case", "--new").code == 5
    assert case.run("quarantine", "--case", "case").code == 0


@pytest.mark.parametrize("changed", ["census.json", "report.html", "sealed/rows/00001.age", "custody.jsonl"])
def test_custody_sees_a_change(case, changed):
    report = (case.work / "case" / "report.html").read_text()
    head = re.search(r"Head of the custody log <code>([0-9a-f]{64})<", report)[1]
    assert case.run("custody", "--case", "case", "--head", head).code == 0
    assert case.run("custody", "--case", "case", "--head", "1" * 64).code == 1
    file = case.work / "case" / changed
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    done = case.run("custody", "--case", "case", "--head", head)
    assert done.code == (5 if changed == "custody.jsonl" else 1)
    assert changed.split("/", 1)[-1].removesuffix(".age") in done.out + done.err
    if changed == "census.json":
        assert case.run("report", "--case", "case").code == 5


def test_a_wrong_key(case, small):
    assert small.run("triage", "small.csv", "--case", "other", "--key-file", "other.key").code == 0
    other = small.work / "other.key"
    done = case.run("quarantine", "--case", "case", "--key-file", other)
    assert done.code == 5
    assert case.run("triage", "--case", "case", "--resume", "--key-file", other).code == 5
    (case.work / "case.key").unlink()
    missing = case.run("quarantine", "--case", "case")
    assert missing.code == 5
    assert "case.key" in missing.only_fault


def without_points(page):
    """Return a report without its table of severity, whose points count nobody."""
    return re.sub(r"<table><caption>Severity by ENISA.*?</table>", "", page, flags=re.DOTALL)


def test_shareable_shows_no_small_count(case):
    done = case.run("report", "--case", "case", "--shareable")
    assert done.code == 0
    assert "report-shareable.html" in done.out
    page = (case.work / "case" / "report-shareable.html").read_text()
    full = (case.work / "case" / "report.html").read_text()
    small = re.compile(r"<td[^>]*>\s*[1-4]\s*</td>")
    assert small.search(without_points(full))
    assert not small.search(without_points(page))
    document = json.loads((case.work / "case" / "census.json").read_text())
    assert any(0 < count < 5 for count in document["titles"].values())


def test_report_before_a_census(small):
    done = small.run("report", "--case", "case")
    assert done.code == 3
    assert done.only_fault


def test_doctor(place):
    done = place.run("doctor")
    assert done.code == 0
    assert "duckdb" in done.out
    findings = json.loads(place.run("doctor", "--json").out)
    assert {"name", "present", "version", "adds"} <= findings[0].keys()
    assert place.run("doctor", env={"LC_ALL": "fr_FR.UTF-8"}).out != done.out


def test_replica_is_never_written_over(place):
    assert place.run("replica", "twin", "--rows", "20").code == 0
    before = {path: path.stat().st_mtime_ns for path in (place.work / "twin").rglob("*")}
    again = place.run("replica", "twin", "--rows", "20")
    assert again.code == 5
    assert again.only_fault
    assert {path: path.stat().st_mtime_ns for path in (place.work / "twin").rglob("*")} == before


def test_a_pipeline(small):
    """`etanche triage … | head -1`: the reader has its line, the case is whole, nobody sees a traceback."""
    command = f"{ETANCHE} triage small.csv --case case | head -1"
    done = subprocess.run(
        ["/bin/sh", "-c", command],
        cwd=small.work,
        env=small.environment(),
        capture_output=True,
        check=True,
        timeout=200,
    )
    assert len(done.stdout.splitlines()) == 1
    assert b"Traceback" not in done.stderr
    assert b"BrokenPipe" not in done.stderr
    assert small.run("custody", "--case", "case").code == 0
    assert (small.work / "case" / "report.html").exists()
