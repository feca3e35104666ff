"""Rebuild the data files of `etanche.lexicon` from the official open files.

    python scripts/build_lexicon.py FOLDER_OF_SOURCES [--packages FOLDER]

The folder holds INSEE's surnames and first names, La Poste's postcodes and the public medicine database (BDPM); that of
packages `etalab-decoupage-administratif-6.0.0.tgz` (npm pack @etalab/decoupage-administratif@6.0.0) and
`zxcvbn-4.5.0-py2.py3-none-any.whl` (pip download --no-deps zxcvbn==4.5.0), whose lists are left as they are without it.
Rules: names are kept from a number of bearers up (below it a name is rare enough to single somebody out, and of no
use to recognition); text is sorted and packed (zstd: ten times as fast to open as xz); the same sources always give
the same bytes.
"""

from __future__ import annotations

import argparse
import ast
import csv
import gzip
import io
import json
import lzma
import re
import sys
import tarfile
import tomllib
import zipfile
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import zstandard

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "src"))

from etanche.lexicon.fold import fold  # noqa: E402 - the checkout's own

DATA = ROOT / "src" / "etanche" / "lexicon" / "data"

SURNAME_BEARERS = 50
"""Bearers born 1891-2000 from which a surname is recognised."""
SURNAME_COUNTED = 200
"""Bearers from which its counts by decade are kept, for the replica."""
FIRST_NAME_BEARERS = 30
FIRST_NAME_COUNTED = 300
FIRST_YEAR, LAST_YEAR, STEP = 1900, 2022, 5


def pack(name: str, data: bytes) -> None:
    """Write one file, packed."""
    packed = zstandard.ZstdCompressor(level=22).compress(data)
    (DATA / name).write_bytes(packed)
    print(f"{name}: {len(packed):,} bytes")


def pack_lines(name: str, lines: Iterable[str]) -> None:
    """Write lines of text as one packed file."""
    pack(name, "\n".join(lines).encode())


def pack_counts(name: str, counts: list[list[int]]) -> None:
    """Write counts (names x periods) as little-endian uint16, bytes of equal weight together: they pack better."""
    array = np.array(counts, dtype="<u4")
    if array.max() > np.iinfo("<u2").max:
        array = np.minimum(array, np.iinfo("<u2").max)
    flat = np.ascontiguousarray(array.astype("<u2").T)
    pack(name, (flat & 0xFF).astype("u1").tobytes() + (flat >> 8).astype("u1").tobytes())


def surnames(folder: Path) -> None:
    """INSEE, fichier des noms de famille: NOM and births by decade 1891-1900 … 1991-2000."""
    with zipfile.ZipFile(folder / "insee_noms_1891-2000.txt.zip") as archive:
        text = archive.read("noms2008nat_txt.txt").decode("latin-1")
    rows = [line.split("\t") for line in text.splitlines()[1:]]
    counted = {name: [int(n) for n in counts] for name, *counts in rows if name != "AUTRES NOMS"}
    pack_lines("surnames.txt.zst", sorted({fold(name) for name, n in counted.items() if sum(n) >= SURNAME_BEARERS}))
    frequent = sorted(name for name, n in counted.items() if sum(n) >= SURNAME_COUNTED)
    pack_lines("surname-names.txt.zst", frequent)
    pack_counts("surname-counts.u16.zst", [counted[name] for name in frequent])


def first_names(folder: Path) -> None:
    """INSEE, fichier des prénoms: sex (1, 2), first name, year of birth, births."""
    bins = (LAST_YEAR - FIRST_YEAR) // STEP + 1
    counts: dict[str, dict[str, list[int]]] = {
        "M": defaultdict(lambda: [0] * bins),
        "F": defaultdict(lambda: [0] * bins),
    }
    total: dict[str, int] = defaultdict(int)
    with zipfile.ZipFile(folder / "insee_prenoms_1900-2022.csv.zip") as archive:
        text = archive.read("nat2022.csv").decode("utf-8")
    for sex, name, year, births in csv.reader(io.StringIO(text), delimiter=";"):
        if sex not in {"1", "2"} or name.startswith("_") or len(name) < 2:
            continue
        total[fold(name)] += int(births)
        if year != "XXXX":
            counts["M" if sex == "1" else "F"][name][(int(year) - FIRST_YEAR) // STEP] += int(births)
    pack_lines("first-names.txt.zst", sorted(name for name, n in total.items() if n >= FIRST_NAME_BEARERS))
    for sex, by_name in counts.items():
        frequent = sorted(name for name, n in by_name.items() if sum(n) >= FIRST_NAME_COUNTED)
        pack_lines(f"first-name-names-{sex}.txt.zst", frequent)
        # Births in tens: Marie passes 65,535 in five years, and the replica needs shares, not counts.
        pack_counts(f"first-name-counts-{sex}.u16.zst", [[-(-n // 10) for n in by_name[name]] for name in frequent])


def communes(folder: Path) -> None:
    """La Poste, base officielle des codes postaux: one line per commune, postcode and old commune within it."""
    with gzip.open(folder / "laposte_hexasmal.csv.gz", "rt", encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file, delimiter=";"))[1:]
    places: dict[tuple[str, str, str], tuple[str, str]] = {}
    others: set[tuple[str, str]] = set()
    for insee, name, postcode, old, delivery, latitude, longitude in rows:
        places.setdefault((insee, fold(name), postcode), (latitude, longitude))
        others |= {(postcode, fold(alias)) for alias in (old, delivery) if alias and fold(alias) != fold(name)}
    lines = sorted(
        f"{insee}\t{name}\t{postcode}\t{_degrees(latitude)}\t{_degrees(longitude)}"
        for (insee, name, postcode), (latitude, longitude) in places.items()
    )
    pack_lines("communes.tsv.zst", lines)
    pack_lines("commune-aliases.tsv.zst", sorted(f"{postcode}\t{alias}" for postcode, alias in others))


def _degrees(text: str) -> str:
    return f"{float(text):.3f}" if text else ""


_HOMEOPATHY = re.compile(r"HOM[EOÉ]+OPATHI|DEGRE DE DILUTION|\b\d+ ?(CH|DH)\b")
_BRAND = re.compile(r"^[A-Z][A-Z \-'.&]*[A-Z]")
_SUBSTANCE_WORD = re.compile(r"^[A-Z]{5,}$")


def medicines(folder: Path) -> None:
    """ANSM, base de données publique des médicaments: names (CIS), substances (COMPO), presentations (CIP)."""

    def rows(name: str) -> list[list[str]]:
        text = lzma.decompress((folder / name).read_bytes()).decode("utf-8", errors="replace")
        return [line.split("\t") for line in text.splitlines()]

    rules = tomllib.loads((Path(__file__).parent / "medicine_stopwords.toml").read_text(encoding="utf-8"))
    stop = {fold(word) for word in rules["words"]}
    names: set[str] = set()
    homeopathic: set[str] = set()
    for row in rows("CIS_bdpm.txt.xz"):
        label = fold(row[1])
        if _HOMEOPATHY.search(label) or "homéo" in row[5]:
            homeopathic.add(row[0])
        elif brand := _BRAND.match(label.split(",")[0]):
            words = brand.group().split()
            names |= {words[0], " ".join(words[:2])}
    for row in rows("CIS_COMPO_bdpm.txt.xz"):
        substance = re.sub(r"\(.*?\)", " ", fold(row[3])).strip()
        if row[0] in homeopathic or _HOMEOPATHY.search(substance):
            continue
        words = substance.split()
        names |= {" ".join(words), words[0] if words and _SUBSTANCE_WORD.match(words[0]) else ""}
    plain = {
        name for name in names if _plain(name) and name not in stop and name.split()[0] not in rules["never_first"]
    }
    # A longer name adds nothing where its first word is enough ("AMOXICILLINE ARROW"), and none ends in "de".
    kept = {
        name
        for name in plain
        if " " not in name or (name.split()[0] not in plain and name.split()[-1] not in {"DE", "D", "DU", "A", "ET"})
    }
    pack_lines("medicines.txt.zst", sorted(kept))
    cips = sorted({row[6] for row in rows("CIS_CIP_bdpm.txt.xz") if re.fullmatch(r"\d{13}", row[6])})
    pack_lines("cip.txt.zst", cips)


def _plain(name: str) -> bool:
    """Tell whether a name can be looked for in text: four letters or more, letters and spaces, four words at most."""
    return len(name) >= 4 and name.replace(" ", "").isalpha() and len(name.split()) <= 4


def former_communes(sources: Path, packages: Path) -> None:
    """INSEE's code officiel géographique of 2026 (by etalab): communes that La Poste's file has no more, or not yet."""
    with gzip.open(sources / "laposte_hexasmal.csv.gz", "rt", encoding="utf-8", newline="") as file:
        today = {row[0] for row in csv.reader(file, delimiter=";")}
    with tarfile.open(packages / "etalab-decoupage-administratif-6.0.0.tgz") as package:
        member = package.extractfile("package/data/communes.json")
        entries = json.load(member) if member else []
    found: dict[str, str] = {}
    for entry in entries:
        for code in (entry["code"], *entry.get("anciensCodes", ())):
            found.setdefault(code, fold(entry["nom"]))
    pack_lines("communes-other.tsv.zst", sorted(f"{code}\t{name}" for code, name in found.items() if code not in today))


COMMON_PASSWORDS = 10_000


def common_passwords(packages: Path) -> None:
    """Dropbox, zxcvbn: the most frequent passwords of public leaks, the most frequent first."""
    with zipfile.ZipFile(packages / "zxcvbn-4.5.0-py2.py3-none-any.whl") as package:
        module = ast.parse(package.read("zxcvbn/frequency_lists.py"))
    lists = next(node.value for node in module.body if isinstance(node, ast.Assign))
    assert isinstance(lists, ast.Dict)
    words = dict(zip((ast.unparse(key) for key in lists.keys if key), lists.values, strict=True))["'passwords'"]
    text = next(
        entry.value for entry in ast.walk(words) if isinstance(entry, ast.Constant) and len(str(entry.value)) > 99
    )
    frequent = str(text).split(",")
    pack_lines("passwords.txt.zst", sorted(set(frequent[:COMMON_PASSWORDS])))


def main() -> None:
    """Rebuild every file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sources", type=Path)
    parser.add_argument("--packages", type=Path)
    asked = parser.parse_args()
    folder = asked.sources
    DATA.mkdir(parents=True, exist_ok=True)
    surnames(folder)
    first_names(folder)
    communes(folder)
    medicines(folder)
    if asked.packages:
        former_communes(folder, asked.packages)
        common_passwords(asked.packages)
    print(f"total: {sum(path.stat().st_size for path in DATA.iterdir()):,} bytes")


if __name__ == "__main__":
    main()
