"""The replica: its truth recounted by a plain counter that shares no code with it, its layouts, its folder."""

from __future__ import annotations

import csv
import errno
import hashlib
import io
import json
import re
from collections import Counter, defaultdict
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from etanche.errors import ExitCode, UserError
from etanche.replica import ReplicaOptions, folder, write
from etanche.words import Words

LAYOUTS = {
    "as leaked": ReplicaOptions(rows=1500),
    "tab, utf-8 with mark, english": ReplicaOptions(
        rows=400, seed=7, delimiter="\t", encoding="utf-8", bom=True, columns="english", date_layout="%Y-%m-%d"
    ),
    "comma, utf-16, camel, shuffled": ReplicaOptions(
        rows=400, seed=8, delimiter=",", encoding="utf-16", columns="camel", shuffle=True, line_end="\n"
    ),
    "bar, latin-1, no header": ReplicaOptions(
        rows=400, seed=9, delimiter="|", encoding="latin-1", header=False, date_layout="%Y%m%d"
    ),
    "quoted": ReplicaOptions(rows=900, seed=10, quoted=True, columns="snake"),
}


class Told:
    """A replica read back with the csv module."""

    def __init__(self, where: Path, options: ReplicaOptions) -> None:
        self.where, self.options = where, options
        self.truth: dict[str, Any] = json.loads((where / "truth.json").read_text(encoding="utf-8"))
        codec = {"utf-8": "utf-8-sig"}.get(options.encoding, options.encoding)
        self.text = (where / "leak.txt").read_bytes().decode(codec)
        quoting = csv.QUOTE_MINIMAL if options.quoted else csv.QUOTE_NONE
        rows = list(csv.reader(io.StringIO(self.text, newline=""), delimiter=options.delimiter, quoting=quoting))
        self.header = rows.pop(0) if options.header else [f"column_{i + 1}" for i in range(len(rows[0]))]
        self.rows = rows
        self.at = {column["legacy"]: i for i, column in enumerate(self.truth["columns"])}
        self.persons = [line["person"] for line in read_table(where / "truth-persons.csv")]

    def column(self, name: str) -> list[str]:
        return [row[self.at[name]] for row in self.rows]


def read_table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


@pytest.fixture(scope="module", params=list(LAYOUTS))
def told(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Told:
    where = tmp_path_factory.mktemp("replica") / "twin"
    write(where, LAYOUTS[request.param])
    return Told(where, LAYOUTS[request.param])


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Told:
    where = tmp_path_factory.mktemp("replica") / "plain"
    write(where, ReplicaOptions(rows=2500, seed=3))
    return Told(where, ReplicaOptions(rows=2500, seed=3))


def luhn(digits: str) -> bool:
    doubled = [int(d) * (1 + place % 2) for place, d in enumerate(reversed(digits))]
    return sum(n - 9 if n > 9 else n for n in doubled) % 10 == 0


def is_valid(kind: str, cell: str, layout: str) -> bool:
    """Shape and key, told anew."""
    if kind == "nir":
        if not re.fullmatch(r"[12]\d{2}(0[1-9]|1[0-2])(\d\d|2[AB])\d{8}", cell):
            return False
        return int(cell[13:]) == 97 - int(cell[:13].replace("2A", "19").replace("2B", "18")) % 97
    if kind.endswith("_date"):
        try:
            datetime.strptime(cell, layout)  # noqa: DTZ007
        except ValueError:
            return False
        return True
    shapes = {
        "landline": r"0[1-59]\d{8}",
        "mobile": r"0[67]\d{8}",
        "email": r"[a-z0-9.]+@([a-z]+\.)+[a-z]{2,}",
        "rpps": r"1\d{10}",
        "finess": r"\d{9}",
        "iban": r"FR\d{25}",
        "cip": r"34009\d{8}",
        "postcode": r"\d{5}",
        "insee_commune": r"\d[\dAB]\d{3}",
        "amc": r"\d{8}",
        "nabm": r"\d{4}",
        "timestamp": r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d",
        "blood_group": r"(A|B|AB|O)[+-]",
    }
    fits = re.fullmatch(shapes.get(kind, r".+"), cell, re.DOTALL) is not None
    return fits and (kind not in {"rpps", "finess"} or luhn(cell))


def recount(told: Told, columns: list[dict[str, Any]]) -> dict[str, dict[str, int]]:
    by_kind: dict[str, list[int]] = defaultdict(list)
    for column in columns:
        if column["kind"] != "empty":
            by_kind[column["kind"]].append(told.truth["columns"].index(column))
    counts = {}
    for kind, places in by_kind.items():
        cells = [[row[i] for i in places if row[i]] for row in told.rows]
        valid = [any(is_valid(kind, cell, told.options.date_layout) for cell in row) for row in cells]
        distinct = {cell for row in cells for cell in row}
        counts[kind] = {"rows": sum(map(bool, cells)), "valid": sum(valid), "distinct": len(distinct)}
    return counts


def test_lines_and_columns_are_those_of_the_file(told: Told) -> None:
    truth = told.truth
    assert truth["rows"] == len(told.rows) == told.options.rows
    assert truth["lines"] == told.text.count("\n")
    assert told.header == [column["name"] for column in truth["columns"]]
    assert {len(row) for row in told.rows} == {len(truth["columns"])}
    assert told.text.endswith(told.options.line_end)
    assert not any(cell != cell.strip() for row in told.rows for cell in row)


def test_counts_by_column_kind_and_role(told: Told) -> None:
    for i, column in enumerate(told.truth["columns"]):
        filled = [row[i] for row in told.rows if row[i]]
        valid = sum(is_valid(column["kind"], cell, told.options.date_layout) for cell in filled)
        found = (len(filled), valid, len(set(filled)))
        assert found == (column["filled"], column["valid"], column["distinct"]), column["name"]
    assert recount(told, told.truth["columns"]) == told.truth["counts"]
    for role, counts in told.truth["counts_by_role"].items():
        own = [column for column in told.truth["columns"] if column["role"] == role]
        assert recount(told, own) == counts, role


def test_distributions(told: Told) -> None:
    truth, layout = told.truth, told.options.date_layout
    for key, column in (("sexes", "SEXE"), ("titles", "TITRE"), ("laboratories", "NOM_LABO")):
        assert Counter(cell for cell in told.column(column) if cell) == truth[key]
    sampled = [datetime.strptime(cell, layout).date() for cell in told.column("DATE_PRELEVEMENT")]  # noqa: DTZ007
    assert Counter(f"{day:%Y-%m}" for day in sampled) == truth["sample_months"]
    assert truth["reference_date"] == max(sampled).isoformat()
    assert truth["dates"]["sample_date"] == {"min": min(sampled).isoformat(), "max": max(sampled).isoformat()}
    created = [cell[:10] for cell in told.column("DATE_CREATION")]
    assert truth["dates"]["timestamp"] == {"min": min(created), "max": max(created)}
    births = [
        datetime.strptime(cell, layout).date()  # noqa: DTZ007
        for name in ("DATE_NAISSANCE", "DATE_NAISSANCE_ASSURE")
        for cell in told.column(name)
        if is_valid("birth_date", cell, layout)
    ]
    assert truth["dates"]["birth_date"] == {"min": min(births).isoformat(), "max": max(births).isoformat()}
    for role, column in (("patient", "CODE_POSTAL"), ("prescriber", "CP_MEDECIN")):
        codes = Counter(
            cell[:3] if cell[:2] == "97" else ("2A" if cell < "20200" else "2B") if cell[:2] == "20" else cell[:2]
            for cell in told.column(column)
            if cell
        )
        assert codes == truth["departements"][role]


def test_persons(told: Told) -> None:
    truth, who = told.truth, told.persons
    assert len(who) == len(told.rows)
    assert len(set(who)) == truth["persons"] == truth["roles"]["patient"] == sum(truth["age_bands"].values())

    def holders(*columns: str) -> int:
        cells = zip(who, *(told.column(name) for name in columns), strict=True)
        return len({person for person, *values in cells if any(values)})

    assert holders("NUM_SECU") == truth["categories"]["nir"]
    assert holders("LOGIN", "MOT_DE_PASSE") == truth["categories"]["credentials"]
    assert holders("IBAN") == truth["categories"]["financial"]
    assert holders("NOM_CONJOINT") == truth["roles"]["spouse"]
    assert len({cell for cell in told.column("RPPS_MEDECIN") if cell}) == truth["roles"]["prescriber"]
    by_person: dict[str, set[str]] = defaultdict(set)
    for person, lab in zip(who, told.column("NOM_LABO"), strict=True):
        by_person[person].add(lab)
    assert sum(len(labs) > 1 for labs in by_person.values()) == truth["persons_in_several_laboratories"]


def test_minors(told: Told) -> None:
    """No day and month is changed about for most persons: the earliest valid birth tells the age but for a few."""
    layout, reference = told.options.date_layout, date.fromisoformat(told.truth["reference_date"])
    births: dict[str, list[date]] = defaultdict(list)
    for person, cell in zip(told.persons, told.column("DATE_NAISSANCE"), strict=True):
        if is_valid("birth_date", cell, layout):
            births[person].append(datetime.strptime(cell, layout).date())  # noqa: DTZ007
    adult = date(reference.year - 18, reference.month, min(reference.day, 28))
    minors = sum(Counter(days).most_common(1)[0][0] > adult for days in births.values())
    assert abs(minors - told.truth["minors"]) <= max(2, told.truth["minors"] // 50)
    assert told.truth["age_bands"]["unknown"] == len(set(told.persons)) - len(births)


def test_pregnancy_is_one_figure_however_it_is_read(told: Told) -> None:
    cells = Counter(told.column("GROSSESSE"))
    assert told.truth["topic_rows"]["pregnancy"] == {"affirmed": cells["O"], "negated": cells["N"]}
    pregnant = {person for person, cell in zip(told.persons, told.column("GROSSESSE"), strict=True) if cell == "O"}
    assert len(pregnant) == told.truth["topics"]["pregnancy"]["affirmed"]
    texts = zip(told.column("GROSSESSE"), told.column("COMMENTAIRE1"), told.column("COMMENTAIRE2"), strict=True)
    for cell, *comments in texts:
        if cell == "O":
            assert re.search("enceinte|enciente|gross?esse", " ".join(comments).lower())


@pytest.mark.parametrize(
    "kinds",
    [
        ("surname", "NOM"),
        ("first_name", "PRENOM"),
        ("landline", "TEL_FIXE"),
        ("email", "EMAIL"),
        ("postcode", "CODE_POSTAL"),
        ("birth_date", "DATE_NAISSANCE"),
    ],
)
def test_others_are_named_only_beside_the_patient(told: Told, kinds: tuple[str, str]) -> None:
    kind, column = kinds
    filled = sum(bool(cell) for cell in told.column(column))
    assert told.truth["counts"][kind]["rows"] == told.truth["counts_by_role"]["patient"][kind]["rows"] == filled


def test_quoted_comments_hold_what_they_promise(tmp_path: Path) -> None:
    options = ReplicaOptions(rows=5000, quoted=True)
    write(tmp_path, options)
    told = Told(tmp_path, options)
    comments = told.column("COMMENTAIRE1") + told.column("COMMENTAIRE2")
    for sign in ('"', ";", "\r\n"):
        assert any(sign in cell for cell in comments)
    assert told.truth["lines"] > told.truth["rows"] + 1


def test_the_layout_changes_nothing_but_the_layout(tmp_path: Path) -> None:
    options = {
        "one": ReplicaOptions(rows=150),
        "two": ReplicaOptions(rows=150, encoding="utf-16", delimiter="|", columns="snake", shuffle=True, line_end="\n"),
    }
    one, two = (
        Told(tmp_path / name, option) for name, option in options.items() if write(tmp_path / name, option) is None
    )
    for name in one.at:
        assert one.column(name) == two.column(name)
    for key in ("counts", "topics", "sexes", "age_bands", "persons_by_laboratory"):
        assert one.truth[key] == two.truth[key]


def test_a_letter_that_the_encoding_lacks_is_spelt_plainly(tmp_path: Path) -> None:
    options = ReplicaOptions(rows=4000, encoding="latin-1")
    write(tmp_path, options)
    told = Told(tmp_path, options)
    assert told.truth["titles"]["Soeur"] == 2
    assert "Sœur" not in told.truth["titles"]
    assert told.column("TITRE").count("Soeur") == 2


def digest(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(tmp_path: Path) -> None:
    for name, seed in (("a", 5), ("b", 5), ("c", 6)):
        write(tmp_path / name, ReplicaOptions(rows=120, seed=seed))
    one, same, other = (digest(tmp_path / name) for name in "abc")
    assert one == same
    assert one["leak.txt"] != other["leak.txt"]


@pytest.mark.parametrize("rows", [1, 2, 7, 40])
def test_few_rows(tmp_path: Path, rows: int) -> None:
    options = ReplicaOptions(rows=rows, seed=rows)
    write(tmp_path, options)
    told = Told(tmp_path, options)
    assert len(told.rows) == rows
    assert sum(told.truth["laboratories"].values()) == rows


def test_the_folder_holds_what_the_specification_names(plain: Told) -> None:
    names = {path.name for path in plain.where.iterdir()}
    assert names == {
        "leak.txt", "registries", "exports", "laboratories.csv", "controllers.csv", "truth.json", "truth-persons.csv",
        "truth-registries.csv",
    }  # fmt: skip
    assert len(read_table(plain.where / "laboratories.csv")) == 900
    controllers = read_table(plain.where / "controllers.csv")
    assert len(controllers) == 28
    assert len({line["departement"] for line in controllers}) == 6
    by_name = {line["name"]: int(line["rows"]) for line in controllers if line["rows"] != "0"}
    assert by_name == plain.truth["laboratories"]


def test_registries_hold_the_patients_and_others(plain: Told) -> None:
    labs: dict[str, set[str]] = defaultdict(set)
    for person, lab in zip(plain.persons, plain.column("CODE_LABO"), strict=True):
        labs[lab].add(person)
    keys = read_table(plain.where / "truth-registries.csv")
    for lab, told in plain.truth["registries"].items():
        registry = read_table(plain.where / "registries" / f"{lab}.csv")
        own = {line["id"]: line for line in keys if line["laboratory"] == lab}
        assert {line["ID_PATIENT"] for line in registry} == own.keys()
        assert len(registry) == told["persons"]
        assert {line["person"] for line in own.values() if line["in_leak"] == "yes"} >= labs[lab]
        assert all(is_valid("nir", line["NIR"], "") and line["NOM"] and line["PRENOM"] for line in registry)
    assert any(line["in_leak"] == "no" for line in keys)
    assert {line["person"] for line in keys if line["in_leak"] == "no"}.isdisjoint(plain.persons)


def test_one_export_holds_nine_rows_in_ten(plain: Told) -> None:
    leaked = set(plain.column("NUM_DOSSIER"))
    for name, told in plain.truth["exports"].items():
        text = (plain.where / "exports" / name).read_text(encoding="cp1252")
        lines = list(csv.DictReader(io.StringIO(text), delimiter=";", quoting=csv.QUOTE_NONE))
        assert len(lines) == told["rows"]
        assert {line["NUM_DOSSIER"] for line in lines} <= leaked
    largest = plain.truth["exports"][plain.truth["migration_export"]]
    assert largest["rows"] == round(0.9 * len(leaked))


def test_a_folder_that_holds_something_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(UserError) as caught:
        write(tmp_path, ReplicaOptions(rows=5))
    assert (caught.value.code, caught.value.exit_code) == ("replica_not_empty", ExitCode.REFUSED)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize("existing", [True, False])
def test_a_full_disk_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, existing: bool) -> None:
    def full(*args: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    target = tmp_path / "twin"
    if existing:
        target.mkdir()
    monkeypatch.setattr(folder, "_write_registries", full)
    with pytest.raises(UserError) as caught:
        write(target, ReplicaOptions(rows=20))
    assert caught.value.code == "replica_no_space"
    assert target.exists() == existing
    assert list(target.iterdir() if existing else []) == []


def test_a_failure_nobody_foresaw_leaves_nothing_either(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*args: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(folder, "_write_exports", stop)
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path / "twin", ReplicaOptions(rows=20))
    assert not (tmp_path / "twin").exists()


def test_what_a_killed_run_left_is_cleared(tmp_path: Path) -> None:
    (tmp_path / ".partial").mkdir()
    (tmp_path / ".partial" / "leak.txt").write_text("half")
    write(tmp_path, ReplicaOptions(rows=5))
    assert (tmp_path / "truth.json").exists()
    assert not (tmp_path / ".partial").exists()


def test_a_file_in_the_place_of_the_folder_is_the_users_to_mend(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(UserError) as caught:
        write(tmp_path / "file", ReplicaOptions(rows=5))
    assert caught.value.code == "replica_cannot_write"
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.parametrize(
    "wrong",
    [
        {"rows": 0},
        {"seed": -1},
        {"delimiter": "x"},
        {"columns": "runic"},
        {"encoding": "no-such"},
        {"encoding": "base64"},
        {"date_layout": "%d/%m/%y"},
        {"date_layout": "%d/%d/%Y"},
        {"date_layout": "%d/%m-%Y"},
        {"line_end": "\r"},
        {"bom": True},
    ],
)
def test_options_that_cannot_be(wrong: dict[str, Any]) -> None:
    with pytest.raises(UserError) as caught:
        ReplicaOptions(**wrong)
    assert (caught.value.code, caught.value.exit_code) == ("replica_option", ExitCode.USAGE)
    for language in ("en", "fr"):
        assert Words(language)(f"errors.{caught.value.code}", **caught.value.params)


def test_progress_begins_at_nothing_and_ends_at_all(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    write(tmp_path, ReplicaOptions(rows=60), lambda done, total: seen.append((done, total)))
    done = [step for step, _ in seen]
    assert done[0] == 0
    assert done == sorted(done)
    assert seen[-1][0] == seen[-1][1] > 60
