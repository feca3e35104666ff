"""Type the 28 columns of a file of 500,000 rows, étanche and its peers in one run; and read comments by the second.

    python bench/columns.py                       # three layouts with a header, then the first without; peers beside
    python bench/columns.py --rows 50000 --no-peers
    python bench/columns.py --comments 300000     # the comments alone

Rules:

1. The file is the like of the one in the issue's table: CP1252, semicolons, 28 columns of 28 kinds, the people of a
   row agreeing with one another (the NIR has the sex and the month of birth), one cell in a hundred dirty.  Layouts
   differ in the spelling of the headers, in the order and in the seed.
2. Units, processes and judging are those of `bench/triage.py`: the unit is a DuckDB text scan of a UTF-8 copy of the
   same file in the same run, étanche is its whole command, a kind is right by its exact name; without a header a date
   may stay a date and the like (`HAZY`), which counts as silent, neither right nor wrong.
3. A peer sees the copy with its header; without one, with `column_1`…
4. Comments are distinct; those of the replica, in a process of their own.
"""

# ruff: noqa: E501 - tables of cases read best a line a case

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import triage
from triage import Line, in_a_child, measure_etanche, measure_peers, table

Row = dict[str, str]
DIRT = ("?", "NC", "inconnu", "X", "-")
HAZY: Mapping[str, frozenset[str]] = {
    "birth_place": frozenset({"commune"}),
    "sample_date": frozenset({"date"}),
    "birth_name": frozenset({"surname"}),
    "finess": frozenset({"identifier", "siren"}),
    "amc": frozenset({"identifier", "number"}),
    "login": frozenset({"identifier"}),
    "password": frozenset({"identifier", "token"}),
    "pregnancy": frozenset({"boolean"}),
    "insurer": frozenset({"comment"}),
    "laboratory": frozenset({"comment"}),
}
"""Without a header: kinds that are no mistake, only less."""

HEADERS: dict[str, tuple[str, str, str]] = {
    "nir": ("NUM_SECU", "socialSecurityNumber", "NIRPAT"),
    "surname": ("NOM", "lastName", "NOMPAT"),
    "birth_name": ("NOM_JF", "birthName", "NOMNAIS"),
    "first_name": ("PRENOM", "firstName", "PRENPAT"),
    "sex": ("SEXE", "gender", "SEXEPAT"),
    "birth_date": ("DDN", "birthDate", "DTNAISS"),
    "birth_place": ("LIEU_NAISSANCE", "birthPlace", "LIEUNAIS"),
    "address": ("ADRESSE", "addressLine", "ADRPAT"),
    "postcode": ("CP", "zipCode", "CPPAT"),
    "commune": ("VILLE", "city", "VILLEPAT"),
    "insee_commune": ("CODE_INSEE", "inseeCode", "CODINSEE"),
    "landline": ("TEL_FIXE", "homePhone", "TELDOM"),
    "mobile": ("PORTABLE", "mobilePhone", "TELPORT"),
    "email": ("MEL", "emailAddress", "MAILPAT"),
    "rpps": ("RPPS", "rppsNumber", "NUMRPPS"),
    "finess": ("FINESS", "finessNumber", "NOFINESS"),
    "laboratory": ("LABORATOIRE", "labName", "NOMLABO"),
    "insurer": ("MUTUELLE", "insurerName", "LIBMUT"),
    "amc": ("NUM_MUTUELLE", "policyNumber", "NUMMUT"),
    "blood_group": ("GROUPE_SANGUIN", "bloodGroup", "GRSANG"),
    "pregnancy": ("GROSSESSE", "pregnant", "GROSSESSE"),
    "medicine": ("TRAITEMENT", "medication", "TTT"),
    "cim10": ("CIM10", "icd10Code", "CODECIM"),
    "sample_date": ("DATE_PRELEVEMENT", "sampleDate", "DTPREL"),
    "comment": ("COMMENTAIRE", "comments", "COMM"),
    "login": ("LOGIN", "userName", "LOGIN"),
    "password": ("MDP", "password", "MDP"),
    "iban": ("IBAN", "iban", "RIB"),
}
"""By kind, what three makers of software call it."""

MEDICINES = ("DOLIPRANE 1000", "LEVOTHYROX 75", "KARDEGIC 75", "TAHOR 10", "METFORMINE 500", "RAMIPRIL 5", "ELIQUIS 5")
DISEASES = ("E11.9", "I10", "C50.9", "J45.0", "F32.1", "B20", "N18.5", "M54.5", "G40.9", "I21.0", "K35.8", "E78.0")
GROUPS = ("A+", "O+", "O-", "AB+", "B-", "A-", "B+")
INSURERS = ("MGEN", "HARMONIE MUTUELLE", "AG2R LA MONDIALE", "MUTUELLE GENERALE", "AXA", "SWISS LIFE", "MAAF SANTE")
LABORATORIES = ("LABORATOIRE DU PORT", "LBM DES LILAS", "BIOLITTORAL", "LABORATOIRE CENTRAL", "SELAS BIO OUEST")
STREETS = ("rue des Lilas", "avenue de la Gare", "impasse du Port", "bd Jean Moulin", "allée des Ajoncs", "rue Pasteur")


def luhn(digits: str) -> str:
    """Return the digits with the key that makes them pass."""
    from etanche.identifiers import celltext

    return next(digits + last for last in "0123456789" if celltext.luhn(digits + last))


@dataclass(slots=True)
class People:
    """What rows are drawn from: names as often as France bears them, places, doctors, laboratories, comments."""

    surnames: list[str]
    first: dict[str, list[str]]
    places: list[tuple[str, str, str]]
    doctors: list[str]
    numbers: list[str]
    comments: list[str]


def people(rng: random.Random, comments: int) -> People:
    """Draw the pools."""
    from etanche import lexicon

    names = lexicon.surname_frequencies()
    weights = names.counts.sum(axis=1, dtype=int).tolist()
    first = {}
    for code, sex in (("1", "M"), ("2", "F")):
        known = lexicon.first_name_frequencies(sex)
        first[code] = rng.choices(known.names, known.counts.sum(axis=1, dtype=int).tolist(), k=20_000)
    towns = lexicon.communes()
    places = [place for place in zip(towns.postcode, towns.name, towns.insee, strict=True) if place[2][:2] < "96"]
    return People(
        surnames=rng.choices(names.names, weights, k=60_000),
        first=first,
        places=rng.sample(places, 3_000),
        doctors=[luhn(f"10{rng.randrange(10**8):08}") for _ in range(3_000)],
        numbers=[luhn(f"{rng.choice(('29', '35', '56', '22'))}00{rng.randrange(10**4):04}") for _ in range(30)],
        comments=distinct_comments(comments, rng.randrange(10**6)),
    )


def distinct_comments(count: int, seed: int) -> list[str]:
    """Return that many distinct comments: the replica's, a number behind those that come again."""
    import numpy as np

    from etanche.replica.comments import build

    pool = [text for text in build(np.random.default_rng(seed), count).texts.to_pylist() if text]
    found = dict.fromkeys(pool)
    place = 0
    while len(found) < count:
        found[f"{pool[place % len(pool)]} {place // len(pool) + 1}"] = None
        place += 1
    return list(found)[:count]


def person(rng: random.Random, known: People) -> Row:
    """Return the cells of one row by kind."""
    from etanche.identifiers.nir import key

    pick, number = rng.choice, rng.randrange
    sex, year, month, day = pick("12"), number(1925, 2021), number(1, 13), number(1, 29)
    postcode, commune, insee = pick(known.places)
    _, born_at, born_code = pick(known.places)
    digits = f"{sex}{year % 100:02}{month:02}{born_code}{number(1, 1000):03}"
    surname, first = pick(known.surnames), pick(known.first[sex])
    mail = f"{first}.{surname}{number(99)}@example.org".lower().replace(" ", "-").encode("ascii", "ignore").decode()
    account = f"{number(10**22):023}"
    some = rng.random()
    return {
        "nir": f"{digits}{key(digits):02}", "surname": surname, "first_name": first, "sex": "MF"[sex == "2"],
        "birth_name": (surname if number(2) else pick(known.surnames)) if sex == "2" else "",
        "birth_date": f"{day:02}/{month:02}/{year}", "birth_place": born_at,
        "address": f"{number(1, 180)} {pick(STREETS)}", "postcode": postcode, "commune": commune, "insee_commune": insee,
        "landline": f"02{number(10**8):08}" if some < 0.55 else "", "mobile": f"0{pick('67')}{number(10**8):08}" if some > 0.6 else "",
        "email": mail if some < 0.15 else "", "rpps": pick(known.doctors), "finess": pick(known.numbers),
        "laboratory": pick(LABORATORIES), "insurer": pick(INSURERS) if some < 0.6 else "", "amc": f"{pick(('994', '753'))}{number(10**5):05}" if some < 0.6 else "",
        "blood_group": pick(GROUPS) if some > 0.8 else "", "pregnancy": pick(("O", "N")) if sex == "2" and some < 0.1 else "",
        "medicine": pick(MEDICINES) if some < 0.3 else "", "cim10": pick(DISEASES) if some > 0.7 else "",
        "sample_date": f"{number(1, 29):02}/{number(1, 13):02}/{number(2015, 2021)}", "comment": pick(known.comments) if some < 0.3 else "",
        "login": f"{first[:1]}{surname}{number(999)}".lower().replace(" ", "") if some < 0.2 else "",
        "password": f"{pick(('Soleil', 'azerty', 'Bzh', 'Loulou', 'Marie'))}{number(10**4)}" if some < 0.2 else "",
        "iban": f"FR{98 - int(account + '152700') % 97:02}{account}" if some > 0.9 else "",
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Made:
    """A file that was made: where, whether it has a header, and the kind of each column in order."""

    folder: Path
    header: bool
    names: tuple[str, ...]
    kinds: tuple[str, ...]
    rows: int

    @property
    def truth(self) -> dict[str, str]:
        """The kind by the name that a census gives the column."""
        names = self.names if self.header else tuple(f"column_{place}" for place in range(1, len(self.kinds) + 1))
        return dict(zip(names, self.kinds, strict=True))


def make(folder: Path, rows: int, layout: int, *, header: bool) -> Made:
    """Write one file; `layout` chooses headers, order and seed."""
    rng = random.Random(2021 + layout)
    kinds = list(HEADERS)
    if layout:
        rng.shuffle(kinds)
    known = people(rng, max(200, rows // 8))
    names = tuple(HEADERS[kind][layout % 3] for kind in kinds)
    folder.mkdir()
    with (folder / "leak.txt").open("w", encoding="cp1252", errors="replace", newline="") as out:
        if header:
            out.write(";".join(names) + "\r\n")
        for _ in range(rows):
            row = person(rng, known)
            cells = [row[kind] for kind in kinds]
            if rng.random() < 0.01 * len(kinds):
                place = rng.randrange(len(kinds))
                cells[place] = cells[place] and rng.choice(DIRT)
            out.write(";".join(cells) + "\r\n")
    return Made(folder, header, names, tuple(kinds), rows)


def copy_with_header(made: Made, copy: Path) -> int:
    """Write the file as UTF-8, a header first whatever the file has; return its bytes."""
    with (made.folder / "leak.txt").open(encoding="cp1252", newline="") as source, copy.open("w", newline="") as target:
        if not made.header:
            target.write(";".join(made.truth) + "\r\n")
        while piece := source.read(1 << 22):
            target.write(piece)
    return copy.stat().st_size


def judge(census: Mapping[str, object], made: Made) -> tuple[int, list[str]]:
    """Return how many columns étanche typed right, and which wrong, by kind."""
    columns = census["columns"]
    assert isinstance(columns, list)
    right, wrong = 0, []
    for kind, column in zip(made.kinds, columns, strict=True):
        said = column["kind"]
        if said == kind:
            right += 1
        elif said != "unknown" and (made.header or said not in HAZY.get(kind, frozenset())):
            wrong.append(f"{kind} as {said}")
    return right, wrong


def measure(made: Made, work: Path, memory: Path, arguments: argparse.Namespace) -> str:
    """Return the table of one file."""
    copy = memory / "copy.csv"
    size = copy_with_header(made, copy)
    scans = [json.loads(in_a_child("scan", str(copy), ";").output) for _ in range(arguments.runs + 1)][1:]
    if any(scan["rows"] != made.rows for scan in scans):
        sys.exit("the scan did not give every row: no unit")
    unit = statistics.median(scan["seconds"] for scan in scans)
    lines = [Line("DuckDB text scan (the unit)", unit, None, remark=f"{size / 2**20:.0f} MiB")]
    work.mkdir()
    results, _ = measure_etanche(made.folder, work, arguments.runs)
    right, wrong = judge(json.loads(results[0].output), made)
    seconds = statistics.median(result.seconds for result in results)
    peak = max(result.peak for result in results)
    name = f"étanche {metadata.version('etanche')}, whole triage"
    lines.append(Line(name, seconds, peak, right, len(wrong), ", ".join(wrong) or "every row, persons counted"))
    if arguments.peers:
        lines += measure_peers(copy, made.truth, made.rows)
    return table(lines, len(made.kinds))


def read_comments(count: str) -> object:
    """Scan distinct comments; return how many a second."""
    from etanche.recognise import texts

    comments = distinct_comments(int(count), 7)
    texts.scan(comments[:100])
    start = time.perf_counter()
    found = texts.scan(comments)
    seconds = time.perf_counter() - start
    return {"comments": len(comments), "seconds": seconds, "mentions": sum(map(len, found))}


TASKS: dict[str, Callable[[str], object]] = {"comments": read_comments}


def comments_line(count: int, runs: int) -> str:
    """Return the line on comments, the median of several processes."""
    command = [sys.executable, __file__, "--task", "comments", str(count)]
    results = [json.loads(triage.run(command).output) for _ in range(runs)]
    seconds = statistics.median(result["seconds"] for result in results)
    return (
        f"Comments: {count / seconds:,.0f} a second ({count:,} distinct ones in {seconds:.2f} s, "
        f"{results[0]['mentions']:,} mentions)"
    )


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """Return what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=500_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--layouts", type=int, default=3)
    parser.add_argument("--comments", type=int, help="measure the comments alone, so many of them")
    parser.add_argument("--no-peers", dest="peers", action="store_false")
    return parser.parse_args(argv)


def main(argv: Sequence[str]) -> None:
    """Measure and print."""
    if argv[:1] == ["--task"]:
        print(json.dumps(TASKS[argv[1]](argv[2])))
        return
    arguments = parse(argv)
    if arguments.comments is not None:
        print(comments_line(arguments.comments, arguments.runs))
        return
    tmpfs = Path("/dev/shm")
    cases = [(layout, True) for layout in range(arguments.layouts)] + [
        (layout, False) for layout in range(arguments.layouts)
    ]
    for layout, header in cases:
        with (
            tempfile.TemporaryDirectory(dir=tmpfs if tmpfs.is_dir() else None) as memory,
            tempfile.TemporaryDirectory() as disk,
        ):
            made = make(Path(disk) / "made", arguments.rows, layout, header=header)
            spelt = f"headers as {made.names[0]}, {made.names[1]}" if header else "no header"
            print(f"\nLayout {layout + 1}, {spelt}: {arguments.rows:,} rows × {len(made.kinds)} columns\n", flush=True)
            print(measure(made, Path(disk) / "work", Path(memory), arguments), flush=True)
    print("\n" + comments_line(300_000, arguments.runs))


if __name__ == "__main__":
    main(sys.argv[1:])
