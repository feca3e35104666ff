"""Rebuild the list of ordinary French words from the Dicollecte dictionary (Debian package hunspell-fr-comprehensive).

    python scripts/build_words.py FOLDER_WITH_fr.dic_AND_fr.aff

Rules:

1. Proper names are left out (first names, surnames, places, marks): the list is what speaks against a name.
2. Every form of a noun, an adjective or a small word is kept; of verbs those that clinical texts use (no simple past,
   no subjunctive imperfect, third persons and infinitives, participles).
3. Forms are folded, sorted and packed: the same dictionary always gives the same bytes.
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

import zstandard

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "src"))

from etanche.lexicon.fold import fold  # noqa: E402 - the checkout's own

OUTPUT = ROOT / "src" / "etanche" / "recognise" / "identities" / "data" / "ordinary.txt.zst"
PROPER = ("po:npr", "po:prn", "po:patr", "po:titr", "se:")
TENSES = ("po:infi", "po:ppre", "po:ppas")
PERSONS = {
    "po:ipre": ("po:3sg", "po:3pl", "po:2pl", "po:1pl"),
    "po:iimp": ("po:3sg", "po:3pl"),
    "po:ifut": ("po:3sg", "po:3pl"),
    "po:cond": ("po:3sg",),
}


class Ending(NamedTuple):
    """One line of a suffix rule: what goes, what comes, which words it is for."""

    strip: str
    add: str
    condition: re.Pattern[str]


def endings(aff: str) -> dict[str, list[Ending]]:
    """Return the suffix rules by flag, without those whose tense is not kept."""
    rules: dict[str, list[Ending]] = defaultdict(list)
    for line in aff.splitlines():
        parts = line.split()
        if len(parts) < 5 or parts[0] != "SFX" or not _kept(parts[5:]):
            continue
        _, flag, strip, add, condition, *_ = parts
        added = add.split("/")[0]
        rules[flag].append(
            Ending("" if strip == "0" else strip, "" if added == "0" else added, re.compile(f"(?:{condition})$"))
        )
    return rules


def _kept(morphology: list[str]) -> bool:
    said = [tag.rstrip("!") for tag in morphology]
    verb = [tag for tag in said if tag.startswith("po:")]
    if not verb or any(tag in TENSES for tag in verb):
        return True
    return any(person in verb for tag in verb for person in PERSONS.get(tag, ()))


def forms(dic: str, rules: dict[str, list[Ending]]) -> set[str]:
    """Return the folded forms of every entry that is no proper name."""
    found: set[str] = set()
    for line in dic.splitlines()[1:]:
        entry, _, morphology = line.partition(" ")
        if any(tag in morphology for tag in PROPER):
            continue
        word, _, flags = entry.partition("/")
        names = {flags[at : at + 2] for at in range(0, len(flags), 2)}
        spelt = {word} if "()" not in names else set()
        for flag in names & rules.keys():
            for rule in rules[flag]:
                if word.endswith(rule.strip) and rule.condition.search(word):
                    spelt.add(word[: len(word) - len(rule.strip)] + rule.add)
        found.update(map(fold, spelt))
    return {word for word in found if word.isalpha() and len(word) > 1}


def main() -> None:
    """Read the dictionary and write the list."""
    folder = Path(sys.argv[1])
    rules = endings((folder / "fr.aff").read_text(encoding="utf-8"))
    words = sorted(forms((folder / "fr.dic").read_text(encoding="utf-8"), rules))
    packed = zstandard.ZstdCompressor(level=22).compress("\n".join(words).encode())
    OUTPUT.write_bytes(packed)
    print(f"{len(words):,} words, {len(packed):,} bytes")


if __name__ == "__main__":
    main()
