"""Search all that was written for each controller for what must not be in it, against the synthetic twin it came from.

    python bench/search.py TWIN OUT [--workers 2]     # TWIN as `replica` made it, OUT as `respond --to` filled it

Shares no code with étanche.  Rules, in the order in which they apply:

1. Every file of a controller is read: the text of each page of a PDF as a reader would extract it, every other file as
   it is.  A file that cannot be read ends the search: what was not searched is not clean.
2. Isolation: no name with first name, address with its postcode, number of 9 digits and more, e-mail address, login or
   password that the leak or the registries hold for other laboratories only.  A value that the laboratory has too is
   its own; of values within one another the longest counts ("MARIE MARTIN" within its own "MARIE MARTIN DUPONT" is
   none); a name that is also a place's or a street's ("LOUISE MICHEL") tells nobody.
3. In the window of a letter, the name is the whole of its line: "JEAN PIERRE" of "MONSIEUR JEAN PIERRE MARTIN" is not
   somebody else.
4. Letters: no clinical word, save one that is a word of somebody's name or address; and none to a third party (its text
   says so) that has a patient's name with first name, save where that person is a third party of the same laboratory
   as well.
5. What is found is counted by kind, and shown for the twin is invented; every row must be 0.
"""

from __future__ import annotations

import argparse
import csv
import re
import sys
import time
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import groupby
from multiprocessing import get_context
from pathlib import Path

import pypdfium2  # type: ignore[import-untyped]

CLINICAL = frozenset(
    """
    VIH HIV SIDA SEROPOSITIF SEROPOSITIVE SEROPOSITIVITE TRITHERAPIE PREP HEPATITE HEPATITES VHB VHC CANCER CANCERS
    TUMEUR TUMORAL CHIMIOTHERAPIE CHIMIO RADIOTHERAPIE LEUCEMIE LYMPHOME METASTASE ENCEINTE GROSSESSE AMENORRHEE IVG
    IMG AVORTEMENT CONTRACEPTION PILULE DIABETE DIABETIQUE INSULINE DEPRESSION DEPRESSIF SCHIZOPHRENIE BIPOLAIRE
    PSYCHIATRIE PSYCHIATRIQUE SUICIDE ALCOOL ALCOOLISME TOXICOMANIE METHADONE SUBUTEX DROGUE CANNABIS SYPHILIS
    CHLAMYDIA GONOCOQUE IST MST TRISOMIE MUCOVISCIDOSE DREPANOCYTOSE MALADIE MALADIES TRAITEMENT TRAITEMENTS
    MEDICAMENT MEDICAMENTS ANTICOAGULANT DIAGNOSTIC PATHOLOGIE SEROLOGIE SEROLOGIES GLYCEMIE HEMOGLOBINE CREATININE
    PSA TSH NFS BETA HCG EPILEPSIE ALZHEIMER PARKINSON INSUFFISANCE DIALYSE GREFFE ALD GROUPE SANGUIN RHESUS
    """.split()  # noqa: SIM905 - to be read as words
)
THIRD = "Votre nom ou vos coordonnées nous avaient été communiqués"
REFERENCE = re.compile(r"LAB\d+-\d{6,9}$")
COUPLES = (
    ("NOM", "PRENOM"),
    ("NOM_NAISSANCE", "PRENOM"),
    ("NOM_CONJOINT", "PRENOM_CONJOINT"),
    ("NOM_ASSURE", "PRENOM_ASSURE"),
    ("NOM_MEDECIN", "PRENOM_MEDECIN"),
)
THIRDS = COUPLES[2:]
HOMES = (("ADRESSE", "CODE_POSTAL"), ("ADRESSE_MEDECIN", "CP_MEDECIN"))
PLACES = ("ADRESSE", "COMPLEMENT", "VILLE", "LIEU_NAISSANCE", "ADRESSE_MEDECIN", "VILLE_MEDECIN")
WORDS = (*PLACES, *dict.fromkeys(column for couple in COUPLES for column in couple))
TITLES = frozenset(
    [
        "MADAME",
        "MONSIEUR",
        "MME",
        "M",
        "MLLE",
        "MR",
        "DR",
        "TITULAIRES",
        "DE",
        "L",
        "AUTORITE",
        "PARENTALE",
        "REPRESENTANT",
        "LEGAL",
    ]
)
REFERENCED = re.compile("Référence|Reference|Your reference")
TOWN = re.compile(r"\d{5} ")
NUMBERS = ("NUM_SECU", "NIR", "TEL_FIXE", "TEL_PORTABLE", "IBAN", "NUM_MUTUELLE")
TOKENS = ("EMAIL", "LOGIN", "MOT_DE_PASSE")
LONGEST = 12
"""Words of the longest name or address."""


@dataclass(slots=True)
class Known:
    """Whose values are whose: a bit for each laboratory."""

    laboratories: list[str]
    words: dict[str, int] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)
    tokens: dict[str, int] = field(default_factory=dict)
    patients: set[str] = field(default_factory=set)
    thirds: dict[str, int] = field(default_factory=dict)
    places: set[str] = field(default_factory=set)
    """Runs of two to four words of any place: what a name may be besides."""
    allowed: set[str] = field(default_factory=set)
    """Clinical words that are words of somebody's name or address."""

    def learn(self, row: dict[str, str], bit: int) -> None:
        """Add what a row says of people."""
        self._learn_names(row, bit)
        self._learn_places(row, bit)
        for column in NUMBERS:
            if len(digits := re.sub(r"\D", "", row.get(column) or "")) > 8:
                self.numbers[digits] = self.numbers.get(digits, 0) | bit
        for column in TOKENS:
            value = (row.get(column) or "").lower()
            if len(value) > 7 and re.search(r"[\d@.]", value):
                self.tokens[value] = self.tokens.get(value, 0) | bit

    def _learn_names(self, row: dict[str, str], bit: int) -> None:
        for couple in COUPLES:
            for name in both(*(row.get(column) or "" for column in couple)):
                self.words[name] = self.words.get(name, 0) | bit
                if couple in THIRDS:
                    self.thirds[name] = self.thirds.get(name, 0) | bit
                else:
                    self.patients.add(name)
        for column in ("PERSONNE_CONFIANCE", "PRELEVEUR"):
            words = untitled(row.get(column) or "")
            for name in {" ".join(words), " ".join([*words[1:], *words[:1]])} if len(words) > 1 else ():
                self.words[name] = self.words.get(name, 0) | bit
                self.thirds[name] = self.thirds.get(name, 0) | bit

    def _learn_places(self, row: dict[str, str], bit: int) -> None:
        for home in HOMES:
            address, postcode = (plain(row.get(column) or "") for column in home)
            if address and postcode:
                self.words[f"{address} {postcode}"] = self.words.get(f"{address} {postcode}", 0) | bit
        for column in PLACES:
            self.places.update(runs(plain(row.get(column) or "")))
        for column in WORDS:
            self.allowed.update(CLINICAL.intersection(plain(row.get(column) or "").split()))


@lru_cache(1 << 18)
def runs(text: str) -> tuple[str, ...]:
    """Return the runs of two to four words of a text."""
    words = text.split()
    return tuple(" ".join(words[at : at + some]) for some in (2, 3, 4) for at in range(len(words) - some + 1))


def untitled(name: str) -> list[str]:
    """Return the words of a name without the titles before it ("M BAREK" behind a first name is a name)."""
    words = plain(name).split()
    return words[next((at for at, word in enumerate(words) if word not in TITLES), 0) :]


def both(last: str, first: str) -> tuple[str, ...]:
    """Return a name in both orders."""
    last, first = plain(last), plain(first)
    return (f"{last} {first}", f"{first} {last}") if last and first else ()


@lru_cache(1 << 18)
def plain(text: str) -> str:
    """Return a text in capitals without accents, its words apart by one blank."""
    folded = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return " ".join(re.findall(r"[A-Z0-9]+", folded.upper()))


def known_of(twin: Path) -> Known:
    """Return what the leak and the registries hold of people."""
    controllers = list(rows(twin / "controllers.csv"))
    known = Known([each["code"] for each in controllers])
    bit = {code: 1 << place for place, code in enumerate(known.laboratories)}
    for row in rows(twin / "leak.txt"):
        known.learn(row, bit.get(row["CODE_LABO"], 0))
    for registry in sorted((twin / "registries").glob("*.csv")):
        for row in rows(registry):
            known.learn(row, bit[registry.stem])
    for place in known.places:
        known.words.pop(place, None)
        known.patients.discard(place)
    # What a controllers file says is each controller's own to write.
    for controller in controllers:
        for value in controller.values():
            known.words.pop(plain(value), None)
            known.numbers.pop(re.sub(r"\D", "", value), None)
    return known


def rows(path: Path) -> Iterator[dict[str, str]]:
    """Yield the rows of a table of the twin."""
    encoding = "cp1252" if path.name == "leak.txt" else "utf-8"
    with path.open(encoding=encoding, newline="") as file:
        yield from csv.DictReader(file, delimiter=";")


@lru_cache(1 << 16)
def foreign(line: str, own: int) -> tuple[tuple[str, str], ...]:
    """Return the values in a text that others have and the laboratory of bit `own` has not, with their kinds."""
    found = []
    words = plain(line).split()
    place = 0
    while place < len(words):
        for length in range(min(LONGEST, len(words) - place), 1, -1):
            owners = KNOWN.words.get(value := " ".join(words[place : place + length]))
            if owners:
                if not owners & own:
                    found.append(("name or address", value))
                place += length - 1
                break
        place += 1
    digits = (re.sub(r"\D", "", run) for run in re.findall(r"\d(?:[ .\u202f\u00a0]?\d){8,}", line))
    found += [("number", each) for each in digits if strange(KNOWN.numbers, each, own)]
    tokens = (token.strip(".:'") for token in re.findall(r"[^\s,;<>\"()|`*]{8,}", line.lower()))
    found += [("e-mail, login, password", each) for each in tokens if strange(KNOWN.tokens, each, own)]
    return tuple(found)


def strange(values: dict[str, int], value: str, own: int) -> bool:
    """Tell whether others have a value and the laboratory of bit `own` has not."""
    owners = values.get(value, 0)
    return bool(owners) and not owners & own


def search(job: tuple[str, Path]) -> tuple[Counter[str], Counter[tuple[str, str]]]:
    """Return what was read of a file, and what was found in it that must not be there."""
    laboratory, path = job
    own = 1 << KNOWN.laboratories.index(laboratory)
    read: Counter[str] = Counter(files=1)
    found: Counter[tuple[str, str]] = Counter()
    if path.suffix == ".pdf":
        with pypdfium2.PdfDocument(path) as document:
            pages = [page.get_textpage().get_text_range() for page in document]
        read["pages"] += len(pages)
        read["pages without text"] += sum(not page.strip() for page in pages)
        if "letters" in path.parts:
            for _, letter in groupby(pages, key=reference):
                read["letters"] += 1
                of_letter("".join(letter), own, read, found)
            return read, found
        text = "\n".join(pages)
    else:
        text = path.read_text(encoding="utf-8", errors="strict")
    # A document's lines may break within a value.
    found.update((f"isolation, documents: {kind}", value) for kind, value in foreign(" ".join(text.split()), own))
    return read, found


def reference(page: str) -> str:
    """Return the letter that a page says at its foot that it is of."""
    last = page.strip().rsplit(maxsplit=1)[-1]
    return last if REFERENCE.fullmatch(last) else sys.exit("a page of a letter says no reference at its foot")


def of_letter(text: str, own: int, read: Counter[str], found: Counter[tuple[str, str]]) -> None:
    """Search a letter."""
    lines = text.splitlines()
    third = THIRD in " ".join(lines)
    read["letters to third parties"] += third
    sender = next(at for at, line in enumerate(lines) if TOWN.match(line)) + 1
    window = next(at for at, line in enumerate(lines) if REFERENCED.match(line))
    name, *rest = lines[sender:window]
    for line in (*lines[:sender], " ".join(rest), *lines[window:]):
        found.update((f"isolation, letters: {kind}", value) for kind, value in foreign(line, own))
        if third:
            found.update(("patient named to a third party", each) for each in named(line, own))
    found.update(("clinical word", word) for line in lines for word in clinical(line) if word not in KNOWN.allowed)
    person = " ".join(untitled(name))
    if strange(KNOWN.words, person, own):
        found["isolation, letters: name in the window", person] += 1
    if third and person in KNOWN.patients and not KNOWN.thirds.get(person, 0) & own:
        found["patient named to a third party", person] += 1


@lru_cache(1 << 16)
def clinical(line: str) -> tuple[str, ...]:
    """Return the clinical words of a line."""
    # The health insurance is called "assurance maladie", which says nothing of anyone.
    return tuple(CLINICAL.intersection(plain(line).replace("ASSURANCE MALADIE", "").split()))


@lru_cache(1 << 16)
def named(line: str, own: int) -> tuple[str, ...]:
    """Return the patients whom a line of a letter to a third party names."""
    words = plain(line).split()
    found: list[str] = []
    place = 0
    while place < len(words):
        for length in range(min(LONGEST, len(words) - place), 1, -1):
            value = " ".join(words[place : place + length])
            if (third := KNOWN.thirds.get(value, 0) & own) or value in KNOWN.patients:
                found += [] if third else [value]
                place += length - 1
                break
        place += 1
    return tuple(found)


def jobs_of(out: Path, laboratories: Iterable[str]) -> Iterator[tuple[str, Path]]:
    """Yield every file of each controller."""
    for laboratory in laboratories:
        for path in sorted((out / laboratory).rglob("*")):
            if path.is_file():
                yield laboratory, path


def main() -> None:
    """Print the table."""
    global KNOWN  # noqa: PLW0603 - handed to the processes by the fork, once
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("twin", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    start = time.perf_counter()
    KNOWN = known_of(given.twin)
    read: Counter[str] = Counter()
    found: Counter[tuple[str, str]] = Counter()
    with ProcessPoolExecutor(given.workers, mp_context=get_context("fork")) as pool:
        for some, more in pool.map(search, jobs_of(given.out, KNOWN.laboratories), chunksize=4):
            read.update(some)
            found.update(more)
    print(", ".join(f"{count:,} {what}" for what, count in sorted(read.items())), end="; ")
    print(f"searched for {sum(map(len, (KNOWN.words, KNOWN.numbers, KNOWN.tokens))):,} values of people", end=" ")
    print(f"in {time.perf_counter() - start:,.0f} s\n\n| | found | distinct |\n| --- | ---: | ---: |")
    kinds = defaultdict(list)
    for (kind, value), times in found.items():
        kinds[kind].append((times, value))
    for kind, values in sorted(kinds.items()):
        print(f"| {kind} | {sum(times for times, _ in values):,} | {len(values):,} |")
        print("\n".join(f"|   {value} | {times:,} | |" for times, value in sorted(values, reverse=True)[:20]))
    if not kinds:
        print("| anything | 0 | 0 |")
    sys.exit(1 if found else 0)


KNOWN = Known([])

if __name__ == "__main__":
    main()
