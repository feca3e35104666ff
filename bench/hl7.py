"""HL7 v2: messages a second and messages read right, étanche beside python-hl7 and hl7apy in one run.

    python bench/hl7.py [--messages 20000] [--real DIR]

Rates: made messages of the French shape (admissions and results), one file.  étanche does all it does for an extract
(survey, every table, every cell named); "split" is its splitter alone, which is what the peers' parsing compares with.
Right: for each message of the real files, every value of every field is found where HL7 puts it (`re-split` of the
text is the truth); a message that a library refuses, or of which it changes a value, is wrong.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from etanche.ingest.entries import file_entry
from etanche.ingest.limits import DEFAULT, Meter
from etanche.ingest.opening import open_paths
from etanche.ingest.parsers.hl7v2 import separators_of
from etanche.ingest.parsers.segments import walk
from etanche.ingest.readers.hl7v2 import starts

# This file has the name of a peer, which must not be found instead of it.
sys.path[:] = [place for place in sys.path if Path(place or ".").resolve() != Path(__file__).resolve().parent]

NAMES = ("MARTIN", "LEFÈVRE", "DURAND", "GARCIA", "ROUX", "NOËL", "PETIT", "MOREAU")
FIRST = ("Élodie", "Paul", "Anne-Marie", "Zoé", "Jérôme", "Luc")


def made(messages: int) -> list[str]:
    """Return messages of five to nine segments."""
    chance = random.Random(1)
    found = []
    for k in range(messages):
        name, first = chance.choice(NAMES), chance.choice(FIRST)
        nir = int(f"2{k % 100:02}0329{k:06}")
        born = f"19{chance.randrange(30, 99)}{chance.randrange(1, 13):02}{chance.randrange(1, 29):02}"
        segments = [
            f"MSH|^~\\&|LIS|LABO|DPI|CHU-X|20240306111154||ORU^R01^ORU_R01|{k}|P|2.5^FRA^2.11|||||FRA|UNICODE UTF-8|FR",
            (
                f"PID|1||{k:06}^^^CHU-X&000897406&N^PI"
                f"~{nir}{97 - nir % 97:02}^^^ASIP-SANTE-INS-NIR&1.2.250.1.213.1.4.8&ISO^INS"
                f"||{name}^{first}^{first}^^^^L||{born}|F|||{k % 200} rue du Port^^BREST^^29200^FRA^H~^^^^^^BDL^^29019"
                f"||^PRN^PH^^^^^^^^^02{k % 100000000:08}"
            ),
            (
                "PV1|1|I|^^^CHU-X&000897406&M^O||||"
                "10000023084^AGNES^Isabelle^^^^^^ASIP-SANTE-PS&1.2.250.1.71.4.2.1&ISO^D^^^RPPS"
            ),
            f"OBR|1|A{k}|B{k}|58410-2^NFS^LN|||20240306080000|||||||||10000000001^HOUSE^Greg",
        ]
        segments += [
            f"OBX|{j + 1}|NM|718-{j}^Hémoglobine^LN||{chance.random() * 20:.1f}|g/dL|12-16|N|||F|||20240306"
            for j in range(chance.randrange(1, 6))
        ]
        found.append("\r".join(segments))
    return found


def by_etanche(path: Path) -> int:
    """Return how many rows of PID étanche reads, with everything else."""
    count = 0
    for table in open_paths([path]):
        rows = sum(part.rows for part in table.parts())
        count += rows if table.table == "MSH" else 0
    return count


def by_splitter(path: Path) -> int:
    """Return how many messages the splitter alone gives, all fields split."""
    entry = file_entry(path, str(path), Meter(DEFAULT))
    separators = separators_of("|^~\\&|")
    count = 0
    for segment in walk(entry, DEFAULT, starts(entry.head())):
        count += segment.kind == b"MSH"
        for value in segment.raw.decode().split(separators.field):
            if separators.component in value:
                value.split(separators.component)
    return count


def by_python_hl7(path: Path) -> int:
    """Return how many messages python-hl7 parses."""
    import hl7

    text = path.read_text(encoding="utf-8").replace("\n", "\r")
    return sum(len(hl7.parse("MSH" + part)) > 0 for part in text.split("MSH")[1:])


def by_hl7apy(path: Path) -> int:
    """Return how many messages hl7apy parses."""
    from hl7apy.parser import parse_message

    text = path.read_text(encoding="utf-8").replace("\n", "\r")
    return sum(parse_message("MSH" + part, validation_level=2) is not None for part in text.split("MSH")[1:])


def rate(work: Callable[[Path], int], path: Path, messages: int) -> float:
    """Return messages a second."""
    start = time.perf_counter()
    done = work(path)
    if done != messages:
        sys.exit(f"{work.__name__}: {done} messages of {messages}")
    return messages / (time.perf_counter() - start)


def values(text: str) -> list[tuple[str, int, str]]:
    """Return the truth of a message: (segment, field, text) of every filled field."""
    found = []
    for line in text.replace("\r", "\n").split("\n"):
        if not line.strip():
            continue
        kind, *fields = line.split("|")
        first = 2 if kind == "MSH" else 1
        found += [(kind, number, field) for number, field in enumerate(fields, start=first) if field]
    return found


def right_hl7(text: str) -> bool:
    """Tell whether python-hl7 gives every field as it is written."""
    import hl7

    parsed = hl7.parse(text.replace("\n", "\r").strip("\r") + "\r")
    got = [
        (str(segment[0]), number, str(field))
        for segment in parsed
        for number, field in enumerate(segment)
        if number and str(field) and not (str(segment[0]) == "MSH" and number == 1)
    ]
    return got == values(text)


def right_hl7apy(text: str) -> bool:
    """Tell whether hl7apy gives every field as it is written."""
    from hl7apy.parser import parse_message

    lines = [line for line in text.splitlines() if line.strip()]
    parsed = parse_message("\r".join(lines), validation_level=2, find_groups=False)
    got = [line.rstrip("|") for line in parsed.to_er7().split("\r") if line]
    return got == [line.rstrip("|") for line in lines]


CODES = frozenset(
    [
        "PI",
        "AN",
        "VN",
        "INS",
        "L",
        "D",
        "M",
        "H",
        "BDL",
        "N",
        "O",
        "PH",
        "CP",
        "FX",
        "NET",
        "PRN",
        "WPN",
        "RPPS",
        "ADELI",
        "FINEG",
        "ISO",
        "X.400",
        "Internet",
    ]
)
"""Codes that say what a value is, which the name of its column says instead."""


def right_etanche(path: Path) -> bool:
    """Tell whether étanche has one row a segment and every leaf of every field in a cell of its segment's table."""
    tables: dict[str, list[set[str]]] = {}
    for table in open_paths([path]):
        if len(table.table) != 3:
            continue
        sample = table.sample(10**6)
        sum(part.rows for part in table.parts())
        tables[table.table] = [set(row) for row in zip(*sample.columns, strict=True)]
    text = path.read_text(encoding="utf-8")
    at = dict.fromkeys(tables, 0)
    for line in text.replace("\r", "\n").split("\n"):
        if not line.strip():
            continue
        kind = line[:3]
        cells = tables[kind][at[kind]]
        at[kind] += 1
        document = line.startswith("OBX") and "|ED|" in line
        for _, _, field in values(line):
            if field == "^~\\&" or (document and "Base64" in field):
                continue
            leaves = {p for r in field.split("~") for c in r.split("^") for p in c.split("&")} - CODES - {""}
            if field not in cells and not leaves <= cells:
                return False
    return all(at[kind] == len(rows) for kind, rows in tables.items())


def main() -> None:
    """Print the two tables."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--messages", type=int, default=20_000)
    arguments.add_argument("--real", type=Path, help="a folder of real messages (*.er7, *.hl7)")
    asked = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "made.hl7"
        messages = made(asked.messages)
        path.write_text("\r".join(messages) + "\r", encoding="utf-8", newline="")
        few = Path(folder) / "few.hl7"
        some = max(1, asked.messages // 20)
        few.write_text("\r".join(messages[:some]) + "\r", encoding="utf-8", newline="")
        size = path.stat().st_size / 1e6
        rates = {
            "étanche, splitter alone": rate(by_splitter, path, asked.messages),
            "étanche, all tables": rate(by_etanche, path, asked.messages),
            "python-hl7": rate(by_python_hl7, few, some),
            "hl7apy": rate(by_hl7apy, few, min(some, some)),
        }
    print(f"{asked.messages} messages, {size:.1f} MB (peers: {some} of them)\n")
    print(f"{'':26}{'messages/s':>12}{'× python-hl7':>14}{'× hl7apy':>10}")
    for name, value in rates.items():
        print(f"{name:26}{value:12,.0f}{value / rates['python-hl7']:14.1f}{value / rates['hl7apy']:10.1f}")
    if asked.real:
        judged(asked.real)


def judged(folder: Path) -> None:
    """Print how many real messages each reads right."""
    files = sorted(path for path in folder.rglob("*") if path.suffix.lower() in {".er7", ".hl7"})
    right = {"étanche": 0, "python-hl7": 0, "hl7apy": 0}
    for path in files:
        text = path.read_text(encoding="utf-8")
        right["étanche"] += right_etanche(path)
        for name, judge in (("python-hl7", right_hl7), ("hl7apy", right_hl7apy)):
            try:
                right[name] += judge(text)
            except Exception as error:  # noqa: BLE001 - whatever a peer raises, it did not read the message
                print(f"{name}: {path.name}: {type(error).__name__}", file=sys.stderr)
    print(f"\nread right, of {len(files)} real files:")
    for name, count in right.items():
        print(f"{name:26}{count:12}")


if __name__ == "__main__":
    main()
