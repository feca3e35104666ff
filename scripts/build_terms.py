"""Rebuild the data files of `etanche.recognise.terms` from open lists.

    python scripts/build_terms.py HUNSPELL_DIC DRUGS_JSON

HUNSPELL_DIC is `fr.dic` of Debian's hunspell-fr-comprehensive (Dicollecte, MPL 2.0); DRUGS_JSON is
`edsnlp/resources/drugs.json` of the package edsnlp (Romedi's brands and substances by ATC, BSD-3-Clause, AP-HP).
Rules: a word of the French list is kept when it ends like a disorder or a chemical (the hand-written lists, which say
which of them are, come first when a text is read); a brand that is an ordinary word or a given name is left out; the
same sources always give the same bytes.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import zstandard

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "src"))

from etanche import lexicon  # noqa: E402 - the checkout's own
from etanche.recognise.topics.spelling import fold  # noqa: E402 - the checkout's own

DATA = ROOT / "src" / "etanche" / "recognise" / "terms" / "data"
SHORTEST_BRAND = 4
BEGINNINGS = {"pneumo", "gastro", "dermo", "neuro", "cardio", "hepato", "nephro", "ophta", "rhino", "broncho"}
"""Brands that are also the clipped name of a ward or a specialty."""


def pack(name: str, lines: Iterable[str]) -> None:
    """Write lines of text as one packed file."""
    packed = zstandard.ZstdCompressor(level=22).compress("\n".join(lines).encode())
    (DATA / name).write_bytes(packed)
    print(f"{name}: {len(packed):,} bytes")


def toml(name: str) -> dict[str, Any]:
    """Return one of the hand-written lists."""
    return tomllib.loads((DATA / name).read_text(encoding="utf-8"))


def lemmas(dic: Path) -> Iterator[tuple[str, str]]:
    """Return the words of a Hunspell dictionary with their flags and tags."""
    for line in dic.read_text(encoding="utf-8").splitlines()[1:]:
        word, _, tags = line.partition("/")
        yield word.split()[0], tags


def forms(word: str, tags: str) -> Iterator[str]:
    """Return a lemma, without its -s too, its feminine in -e, and the forms of a verb in -er that end in -e."""
    yield word
    yield word.removesuffix("s")
    if "po:nom" in tags or "po:adj" in tags:
        yield word + "e"
        yield word + word[-1] + "e"
    if word.endswith("er") and "po:v" in tags:
        yield word[:-1]
        yield word[:-1] + "e"


def ordinary(dic: Path) -> None:
    """Write the ordinary words that end like a term."""
    morphology = toml("morphology.toml")
    lists = [*morphology["loose"].values(), *morphology["stems"].values()]
    endings = tuple({ending for endings in lists for ending in endings.split()})
    found = {fold(form) for word, tags in lemmas(dic) if word.isalpha() for form in forms(word, tags)}
    pack("ordinary.txt.zst", sorted(w for w in found if w.endswith(endings) and len(w) > 4))


def atc(dic: Path, drugs: Path) -> None:
    """Write brands and substances with their ATC code."""
    words = {fold(word) for word, _ in lemmas(dic) if word.islower()}
    chemical = set(fold(toml("morphology.toml")["chemical"]["known"]).split())
    codes: dict[str, str] = {}
    for code, names in sorted(json.loads(drugs.read_text(encoding="utf-8")).items()):
        for name in names if len(code) == 7 else ():
            tokens = re.findall(r"[a-z0-9]+", fold(name))
            joined = " ".join(tokens)
            plain = all({token, token.removesuffix("s")} & words and token not in chemical for token in tokens)
            named = joined in BEGINNINGS or joined.upper() in lexicon.first_names()
            if len(joined) >= SHORTEST_BRAND and len(tokens) <= 4 and not plain and not named:
                codes.setdefault(joined, code)
    pack("atc.tsv.zst", (f"{name}\t{code}" for name, code in sorted(codes.items())))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("dictionary", type=Path)
    parser.add_argument("drugs", type=Path)
    given = parser.parse_args()
    ordinary(given.dictionary)
    atc(given.dictionary, given.drugs)
