"""Places of care in a text: hospitals and laboratories by their names.

Rules, in the order in which they apply:

1. After the word ("hôpital", "CHU", "clinique", "laboratoire") the name that follows is the finding, without the word.
2. The names that everybody knows count by themselves: of several words anywhere, of one word after "à", "de", "site".
3. Before "hospital" and "medical center" the name is what stands in capitals, those words included.
4. The kind is `LABORATORY`, the code says `hospital` or `laboratory`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from etanche.model import Finding, Kind
from etanche.recognise.identities.toponyms import LETTER, TOKEN, listed, mixed_case, name_end, pattern_of
from etanche.recognise.identities.words import WORDS

_I = re.IGNORECASE
_BEFORE = re.compile(rf"({LETTER}+(?:-{LETTER}+)*)\.?[ ]+(?:[LlDd]['’])?$")


@cache
def _care() -> re.Pattern[str]:
    small = r"(?:[\s:«\"]+(?:de|du|des|la|le|les|d['’]|l['’])(?![^\W\d_])|[ld]['’])*"
    places, laboratories = pattern_of("hospitals"), pattern_of("laboratories")
    return re.compile(
        rf"(?<!{LETTER})(?=[hcpgeilmfsbHCPGEILMFSB])(?:(?P<hospital>{places})"
        rf"|(?P<laboratory>{laboratories}))(?!{LETTER}){small}"
        r"\s*[:«\"]?\s*(?:[ld]['’])?(?=(?-i:[A-ZÉÈ]))",
        _I,
    )


@cache
def _known() -> re.Pattern[str]:
    names = pattern_of("known_hospitals").replace("-", "[ -]")
    return re.compile(rf"(?<!{LETTER})(?<!-)(?-i:(?=[A-ZÉÈ])){names}(?!{LETTER})", _I)


@cache
def _foreign() -> re.Pattern[str]:
    return re.compile(
        rf"(?<!{LETTER})(?-i:(?=[A-ZÉ]))(?:(?-i:[A-ZÉ]){LETTER}+[ ]){{1,3}}?"
        rf"{pattern_of('hospitals_after')}(?!{LETTER})",
        _I,
    )


def cares(text: str) -> Iterator[Finding]:
    """Yield the names of hospitals and laboratories."""
    for found in _care().finditer(text):
        end = name_end(text, found.end(), 4, address=False)
        first = TOKEN.match(text, found.end())
        if end > found.end() and first is not None and not _plain(first.group(), text, first.start()):
            yield Finding(Kind.LABORATORY, found.end(), end, 0.8, found.lastgroup or "")
    for found in _known().finditer(text):
        if _stands_alone(text, found):
            yield Finding(Kind.LABORATORY, *found.span(), 0.7, "hospital")
    for found in _foreign().finditer(text):
        yield Finding(Kind.LABORATORY, *found.span(), 0.7, "hospital")


def _stands_alone(text: str, found: re.Match[str]) -> bool:
    """Tell whether a known name is the hospital's where it stands, not a person's or a way's."""
    before = _BEFORE.search(text, max(0, found.start() - 30), found.start())
    word = WORDS[before[1]] if before else None
    if not found.group()[0].isupper() or (
        word is not None and (word.lists & {"titles", "roles"} or word.family in "IFB")
    ):
        return False
    several = re.search(r"[ -]", found.group()) is not None
    return several or (word is not None and word.folded in listed("hospital_cues"))


def _plain(written: str, text: str, at: int) -> bool:
    """Tell whether a word that should be a name is an ordinary word: "CLINIQUE NORMALE"."""
    word = WORDS[written.rstrip(".")]
    if word.shape == "A" and not mixed_case(text, at):
        return word.ordinary or "abbreviations" in word.lists
    return bool(word.lists & {"titles", "abbreviations"}) and len(word.folded) > 1
