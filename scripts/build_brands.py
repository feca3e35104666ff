"""Rebuild `etanche/recognise/data/brands.tsv.zst`: which class of medicine (ATC) each brand of the official list is.

    python scripts/build_brands.py FOLDER_OF_SOURCES

The folder holds the public medicine database (BDPM: `CIS_bdpm`, `CIS_COMPO`).  A brand is what its substances are, by
`etanche/recognise/data/medicines.toml`; one of several classes is the commonest, before all those that give a disease
away.  Names that the dictionary knows by itself are left out; the same sources always give the same bytes.
"""

from __future__ import annotations

import argparse
import lzma
import re
import sys
from collections import Counter, defaultdict
from pathlib import Path

import zstandard

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "src"))

from etanche import lexicon  # noqa: E402 - the checkout's own
from etanche.recognise.topics.medicines import classes, written  # noqa: E402

DATA = ROOT / "src" / "etanche" / "recognise" / "data" / "brands.tsv.zst"
_BRAND = re.compile(r"^[A-Z][A-Z \-'.&]*[A-Z]")


def _rows(folder: Path, name: str) -> list[list[str]]:
    text = lzma.decompress((folder / name).read_bytes()).decode("utf-8", errors="replace")
    return [line.split("\t") for line in text.splitlines()]


def brands(folder: Path) -> dict[str, str]:
    """Return the class of each one-word brand of the list whose substances are known."""
    substances: dict[str, list[str]] = defaultdict(list)
    for row in _rows(folder, "CIS_COMPO_bdpm.txt.xz"):
        words = re.findall(r"[a-z]+", lexicon.fold(row[3]).lower())
        substances[row[0]] += [written()[word] for word in words if word in written()]
    votes: dict[str, Counter[str]] = defaultdict(Counter)
    for row in _rows(folder, "CIS_bdpm.txt.xz"):
        brand = _BRAND.match(lexicon.fold(row[1]).split(",")[0])
        if brand:
            votes[brand.group().split()[0]].update(substances[row[0]])
    found = {}
    for name, counted in votes.items():
        if counted and name in lexicon.medicine_names() and name.lower() not in written():
            found[name.lower()] = max(sorted(counted), key=lambda atc: (bool(classes()[atc].topics), counted[atc]))
    return found


def main() -> None:
    """Rebuild the file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sources", type=Path)
    found = brands(parser.parse_args().sources)
    text = "\n".join(f"{name}\t{atc}" for name, atc in sorted(found.items()))
    packed = zstandard.ZstdCompressor(level=22).compress(text.encode())
    DATA.write_bytes(packed)
    print(f"{len(found):,} brands, {len(packed):,} bytes")


if __name__ == "__main__":
    main()
