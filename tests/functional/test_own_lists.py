"""`etanche lexicon` as a user types it: what is shown, what is added, what a triage makes of it."""

from __future__ import annotations

import hashlib
import json

import pytest

HEADER = "NOM;PRENOM;DATE_NAISSANCE;MOT_DE_PASSE;COMMENTAIRE"
ROWS = [
    f"DURAND{n};Camille;{n % 28 + 1:02}/03/19{60 + n % 30};quimperle29-{n:03}!q;{'zorglub connu' if n < 7 else 'ras'}"
    for n in range(60)
]
TOPICS = """
[[entry]]
topics = ["hiv"]
terms = ["zorglub"]
"""


@pytest.fixture
def small(place):
    """Return a place with a small leak in it."""
    (place.work / "small.csv").write_text("\n".join([HEADER, *ROWS]) + "\n", encoding="utf-8")
    return place


def shown(place):
    done = place.run("lexicon", env={"COLUMNS": "220"})
    assert (done.code, done.err) == (0, "")
    return done.out


def log(place, event):
    lines = (place.work / "case" / "custody.jsonl").read_text().splitlines()
    return [entry["params"] for entry in map(json.loads, lines) if entry["event"] == event]


def triaged(place, *more):
    done = place.run("triage", "small.csv", "--case", "case", "--key-file", "key", "--json", *more)
    assert done.code == 0, done.err
    return json.loads(done.out)


def test_every_list_is_shown_with_its_size(place):
    out = shown(place)
    for name in ("surnames", "first_names", "communes", "medicines", "other_communes", "passwords"):
        assert name in out
    assert "158172" in out
    assert "Licence Ouverte 2.0" in out


def test_a_list_is_added_used_and_removed(small):
    (small.work / "house.txt").write_text("# of the house\nquimperle29\n\nLabo2020\n", encoding="utf-8")
    before = triaged(small)
    assert "common" not in before["passwords"]["weak"]
    done = small.run("lexicon", "add", "house.txt", "--as", "passwords")
    assert (done.code, done.out) == (0, "")
    assert done.err == "The list house (passwords, 2 entries) is kept; every triage uses it from now on.\n"
    assert "your own: passwords" in shown(small)
    (small.work / "house.txt").unlink()
    after = triaged(small, "--new")
    assert log(small, "list_used") == [{
        "name": "house",
        "kind": "passwords",
        "sha256": hashlib.sha256(b"# of the house\nquimperle29\n\nLabo2020\n").hexdigest(),
    }]  # fmt: skip
    assert after["rows"] == before["rows"]
    assert small.run("lexicon", "remove", "house").code == 0
    assert "your own" not in shown(small)
    triaged(small, "--new")
    assert log(small, "list_used") == []


def test_own_topics_are_heard(small):
    (small.work / "house.toml").write_text(TOPICS, encoding="utf-8")
    assert "hiv" not in triaged(small)["topics"]
    assert small.run("lexicon", "add", "house.toml", "--as", "topics").code == 0
    assert triaged(small, "--new")["topics"]["hiv"]["affirmed"] == 7
    assert [params["kind"] for params in log(small, "list_used")] == ["topics"]


def test_a_folder_of_ones_choice(small):
    (small.work / "names.txt").write_bytes("Zzyzx\nÉvréwyn\n".encode("cp1252"))
    chosen = {"ETANCHE_LEXICONS": str(small.work / "lists")}
    assert small.run("lexicon", "add", "names.txt", "--as", "surnames", "--name", "mine", env=chosen).code == 0
    kept = small.work / "lists" / "surnames" / "mine.txt"
    assert kept.read_bytes() == "Zzyzx\nÉvréwyn\n".encode("cp1252")
    assert kept.stat().st_mode & 0o777 == 0o600
    assert "mine" in small.run("lexicon", env=chosen).out
    assert "your own" not in shown(small)


@pytest.mark.parametrize(
    ("content", "kind", "said"),
    [
        (b"MARTIN\n----\n", "surnames", "bad.txt, line 2: no entry"),
        (b"MARTIN\n" + b"x" * 101 + b"\n", "surnames", "bad.txt, line 2: no entry"),
        (b"# nothing\n", "surnames", "bad.txt: holds no entry"),
        (b"MARTIN\0\n", "surnames", "bad.txt: no text"),
        (b"MARTIN\n", "dogs", "dogs: no such kind of list"),
        (b"[[entry]\n", "topics", "bad.txt"),
        (b"[[entry]]\ntopics = ['dogs']\nterms = ['dog']\n", "topics", "bad.txt"),
    ],
)
def test_what_is_no_list_is_refused_in_one_line(place, content, kind, said):
    (place.work / "bad.txt").write_bytes(content)
    done = place.run("lexicon", "add", "bad.txt", "--as", kind)
    assert done.code != 0
    assert said in done.only_fault
    assert "MARTIN" not in done.err
    assert "your own" not in shown(place)


def test_names_that_no_list_has(place):
    (place.work / "names.txt").write_text("Zzyzx\n")
    assert place.run("lexicon", "add", "names.txt", "--as", "surnames", "--name", "../up").code == 2
    assert place.run("lexicon", "add", "none.txt", "--as", "surnames").only_fault.startswith("etanche: none.txt")
    assert place.run("lexicon", "remove", "names").code == 2
    assert place.run("lexicon", "remove", "../names").code == 2
    assert place.run("lexicon", "add", "names.txt", "--as", "surnames").code == 0
    assert place.run("lexicon", "add", "names.txt", "--as", "communes").code == 2


def test_a_list_spoilt_since_stops_the_triage(small):
    (small.work / "names.txt").write_text("Zzyzx\n")
    assert small.run("lexicon", "add", "names.txt", "--as", "surnames").code == 0
    kept = next(small.root.glob("**/surnames/names.txt"))
    kept.write_text("----\n")
    done = small.run("triage", "small.csv", "--case", "case", "--key-file", "key")
    assert done.code == 2
    assert "names.txt, line 1" in done.fault
    assert not (small.work / "case").exists()
