"""Type the columns of French open data that people have labelled, étanche and csv-detective in one run.

    python bench/etalab.py                      # both halves, with and without headers, peer included: one table
    python bench/etalab.py --types held         # F1 by type of one half
    python bench/etalab.py --calibration held   # how often a confidence of .9 is right

Data: `train.csv` of etalab's csv_detective_api (MIT): header, some ten values, the type that a person gave
(`human_detected`; "O" for none of the types, blank for none given).  The file is not part of the project; without it
nothing is measured.

Rules:

1. The file is cut in two by its `id` (a resource), so that columns of one table stay together: the half `dev` may be
   read by whoever writes rules, the half `held` is scored only.
2. Three readings of the labels (docs/reference/etalab-mapping.md).  `documented`: a type has the label of étanche's
   kind for it, or `unknown`; a kind has its label, or `unknown` when no type has one.  `strict`: besides, a kind that
   says more than the general ones is wrong where nobody gave a type, a timestamp is no date, and positions count only
   in decimal degrees, one number a cell.  `lenient`: a type takes any of the kinds that may be meant.
3. `all`: every column, blank meaning `unknown`.  `labelled`: those to which a person gave a type or "O".
4. Macro-F1 is the mean of F1 over the labels that the truth has.
5. Only figures are printed, never a header or a cell.
"""

from __future__ import annotations

import argparse
import ast
import csv
import hashlib
import logging
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "etalab-columns" / "train.csv"

LABELS: dict[str, str] = {
    "booleen": "boolean",
    "date": "date",
    "date_fr": "date",
    "datetime_iso": "date",
    "commune": "commune",
    "code_postal": "postcode",
    "code_commune_insee": "insee_commune",
    "adresse": "address",
    "sexe": "sex",
    "departement": "departement",
    "code_departement": "departement",
    "region": "region",
    "code_region": "region",
    "pays": "country",
    "iso_country_code": "country",
    "url": "url",
    "email": "email",
    "tel_fr": "phone",
    "siren": "siren",
    "siret": "siret",
    "latitude_wgs": "latitude",
    "latitude_wgs_fr_metropole": "latitude",
    "latitude_l93": "latitude",
    "latlon_wgs": "latitude",
    "longitude_wgs": "longitude",
    "longitude_wgs_fr_metropole": "longitude",
    "longitude_l93": "longitude",
}
"""The label of each type for which étanche has a kind; any other is `unknown`."""

FAMILIES: dict[str, str] = {
    "landline": "phone",
    "mobile": "phone",
    "birth_date": "date",
    "death_date": "date",
    "sample_date": "date",
    "visit_date": "date",
    "timestamp": "date",
    "birth_place": "commune",
}
"""Kinds that are finer than a type."""

NOT_DEGREES = frozenset({"latitude_l93", "longitude_l93", "latlon_wgs"})
GENERAL = frozenset({"unknown", "number", "amount", "identifier", "constant", "empty", "comment", "result"})

ACCEPTED: dict[str, frozenset[str]] = {
    "year": frozenset({"date", "number"}),
    "jour_de_la_semaine": frozenset({"date"}),
    "twitter": frozenset({"login", "url"}),
    "uai": frozenset({"identifier"}),
    "latlon_wgs": frozenset({"latitude", "longitude", "unknown"}),
    "latitude_l93": frozenset({"latitude", "unknown"}),
    "longitude_l93": frozenset({"longitude", "unknown"}),
    "insee_canton": frozenset({"insee_commune"}),
}
"""What else may be meant by a type; `unknown` stands for every general kind."""

PEER: dict[str, str] = {
    "bool": "booleen",
    "code_commune": "code_commune_insee",
    "datetime_naive": "datetime_iso",
    "datetime_aware": "datetime_iso",
    "datetime_rfc822": "datetime_iso",
    "iso_country_code_alpha2": "iso_country_code",
    "iso_country_code_alpha3": "iso_country_code",
    "iso_country_code_numeric": "iso_country_code",
    "lonlat_wgs": "latlon_wgs",
}
"""csv-detective's own names of today, in those of the labels."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """One column as the file holds it, and the type that a person gave ("" when none)."""

    resource: str
    header: str
    cells: tuple[str, ...]
    type: str

    @property
    def half(self) -> str:
        """Which half of the file its resource is of."""
        odd = int(hashlib.md5(self.resource.encode(), usedforsecurity=False).hexdigest(), 16) % 2
        return "held" if odd else "dev"


def cells_of(text: str) -> tuple[str, ...]:
    """Return the values of a list as the file writes it: as Python does, or without quotes."""
    text = text.strip().strip('"')
    try:
        values = ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return tuple(text.removeprefix("[").removesuffix("]").split(", "))
    return tuple(map(str, values)) if isinstance(values, list) else (str(values),)


def read(path: Path) -> list[Labelled]:
    """Return every column of the file."""
    with path.open(encoding="utf-8", newline="") as lines:
        return [
            Labelled(row["id"], row["columns"], cells_of(row["sample"]), row["human_detected"])
            for row in csv.DictReader(lines)
        ]


def truth(column: Labelled, reading: str) -> str:
    """Return the label that a reading gives a column."""
    if reading == "strict" and column.type in NOT_DEGREES:
        return "unknown"
    return LABELS.get(column.type, "unknown")


def label(kind: str, column: Labelled, reading: str) -> str:
    """Return the label of étanche's kind; in the lenient reading, the truth's wherever the kind may be meant."""
    if reading == "strict":
        family = kind if kind == "timestamp" else FAMILIES.get(kind, kind)
        return "unknown" if kind in GENERAL else family
    family = FAMILIES.get(kind, kind)
    family = family if family in LABELS.values() else "unknown"
    if reading == "lenient" and {family, kind} & ACCEPTED.get(column.type, frozenset()):
        return truth(column, reading)
    return family


def peer_label(word: str, column: Labelled, reading: str) -> str:
    """Return the label of csv-detective's word."""
    said = Labelled("", "", (), PEER.get(word, word))
    family = truth(said, reading)
    wanted = ACCEPTED.get(column.type, frozenset()) if reading == "lenient" else frozenset()
    return truth(column, reading) if family in wanted else family


# --- the two tools -------------------------------------------------------------------------------------------------


def etanche(columns: Sequence[Labelled], header: bool) -> list[tuple[str, float]]:
    """Return étanche's kind and confidence, each column a table of its own."""
    from etanche import recognise
    from etanche.model import Sample

    told = (
        recognise.columns(Sample((column.header if header else "column_1",), header, (column.cells,)))[0]
        for column in columns
    )
    return [(verdict.kind.value, verdict.confidence) for verdict in told]


def csv_detective(columns: Sequence[Labelled], header: bool) -> list[str]:
    """Return csv-detective's word, each column a table of its own."""
    import pandas as pd
    from csv_detective.explore_csv import detect_formats
    from pandas._libs.parsers import STR_NA_VALUES

    logging.disable(logging.INFO)
    words: list[str] = []
    for column in columns:
        name = column.header if header else "column_1"
        cells = [None if cell in STR_NA_VALUES else cell for cell in column.cells]
        table = pd.DataFrame({name: pd.Series(cells, dtype="object")})
        told, _ = detect_formats(table, {"header": [name], "total_lines": len(cells)}, "")
        words.append(told["columns"][name]["format"])
    return words


# --- figures -------------------------------------------------------------------------------------------------------

Pair = tuple[str, str]


def by_label(pairs: Sequence[Pair]) -> dict[str, tuple[int, float, float, float]]:
    """Return by label of the truth: columns, precision, recall, F1."""
    wanted, given = Counter(true for true, _ in pairs), Counter(said for _, said in pairs)
    right = Counter(true for true, said in pairs if true == said)
    return {
        name: (
            count,
            right[name] / given[name] if given[name] else 0.0,
            right[name] / count,
            2 * right[name] / (count + given[name]),
        )
        for name, count in sorted(wanted.items())
    }


def figures(pairs: Sequence[Pair]) -> tuple[float, float]:
    """Return accuracy and macro-F1."""
    scores = by_label(pairs)
    return sum(true == said for true, said in pairs) / len(pairs), sum(f for *_, f in scores.values()) / len(scores)


def reliability(told: Iterable[tuple[float, bool]]) -> tuple[list[tuple[int, float, float]], float]:
    """Return by tenth of confidence: columns, mean confidence, share right; and the expected calibration error."""
    bins: dict[int, list[tuple[float, bool]]] = {}
    for confidence, right in told:
        bins.setdefault(min(int(confidence * 10), 9), []).append((confidence, right))
    rows = []
    for _, members in sorted(bins.items()):
        mean = sum(confidence for confidence, _ in members) / len(members)
        rows.append((len(members), mean, sum(right for _, right in members) / len(members)))
    total = sum(count for count, _, _ in rows)
    return rows, sum(count * abs(mean - share) for count, mean, share in rows) / total if total else 0.0


# --- tables --------------------------------------------------------------------------------------------------------

READINGS = ("documented", "strict", "lenient")


def _scopes(columns: Sequence[Labelled]) -> list[tuple[str, list[int]]]:
    labelled = [place for place, column in enumerate(columns) if column.type]
    return [("all", list(range(len(columns)))), ("labelled", labelled)]


def _line(tool: str, half: str, header: bool, columns: Sequence[Labelled], say: Callable[[int, str], str]) -> str:
    cells = [tool, half, "yes" if header else "no"]
    for _, places in _scopes(columns):
        for reading in READINGS:
            accuracy, macro = figures([(truth(columns[place], reading), say(place, reading)) for place in places])
            cells.append(f"{accuracy:.3f} / {macro:.3f}".replace("0.", "."))
    return "| " + " | ".join(cells) + " |"


def table(columns: Sequence[Labelled], halves: Sequence[str], peer: bool) -> None:
    """Print accuracy and macro-F1 of both tools, by half, reading and scope, with headers and without."""
    scopes = [f"{scope}, {reading}" for scope in ("all", "labelled") for reading in READINGS]
    print("| tool | half | header | " + " | ".join(scopes) + " |")
    print("| --- " * (3 + len(scopes)) + "|")
    names = {"etanche": "étanche"}
    if peer:
        names["csv-detective"] = f"csv-detective {metadata.version('csv-detective')}"
    for header in (True, False):
        for half in halves:
            part = [column for column in columns if column.half == half]
            kinds = etanche(part, header)
            print(_line("étanche", half, header, part, lambda at, how, k=kinds, p=part: label(k[at][0], p[at], how)))
            if peer:
                words = csv_detective(part, header)
                say = lambda at, how, w=words, p=part: peer_label(w[at], p[at], how)  # noqa: E731
                print(_line(names["csv-detective"], half, header, part, say))


def types(columns: Sequence[Labelled], half: str, peer: bool) -> None:
    """Print F1 by label, all columns, documented reading, with headers."""
    part = [column for column in columns if column.half == half]
    wanted = [truth(column, "documented") for column in part]
    ours = by_label(
        [(w, label(k, c, "documented")) for w, (k, _), c in zip(wanted, etanche(part, True), part, strict=True)]
    )
    theirs = {}
    if peer:
        words = csv_detective(part, True)
        theirs = by_label([(w, peer_label(s, c, "documented")) for w, s, c in zip(wanted, words, part, strict=True)])
    print("| label | columns | precision | recall | F1 | csv-detective's F1 |\n| --- | --- | --- | --- | --- | --- |")
    for name, (count, precision, recall, f1) in ours.items():
        other = f"{theirs[name][3]:.3f}" if peer else ""
        print(f"| {name} | {count} | {precision:.3f} | {recall:.3f} | {f1:.3f} | {other} |")


def calibration(columns: Sequence[Labelled], half: str) -> None:
    """Print how often each tenth of confidence is right, all columns, documented reading."""
    part = [column for column in columns if column.half == half]
    for header in (True, False):
        told = [
            (confidence, label(kind, column, "documented") == truth(column, "documented"))
            for column, (kind, confidence) in zip(part, etanche(part, header), strict=True)
        ]
        rows, error = reliability(told)
        print(f"\n{'with' if header else 'without'} header: expected calibration error {error:.3f}\n")
        print("| columns | mean confidence | right |\n| --- | --- | --- |")
        for count, mean, share in rows:
            print(f"| {count} | {mean:.3f} | {share:.3f} |")


def main() -> None:
    """Read the file and print what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--half", choices=("dev", "held", "both"), default="both")
    parser.add_argument("--types", choices=("dev", "held"))
    parser.add_argument("--calibration", choices=("dev", "held"))
    parser.add_argument("--no-peer", action="store_true", help="étanche alone")
    given = parser.parse_args()
    if not given.data.exists():
        sys.exit(f"no such file: {given.data}: nothing is measured")
    columns = read(given.data)
    if given.types:
        types(columns, given.types, not given.no_peer)
    elif given.calibration:
        calibration(columns, given.calibration)
    else:
        table(columns, ("dev", "held") if given.half == "both" else (given.half,), not given.no_peer)


if __name__ == "__main__":
    main()
