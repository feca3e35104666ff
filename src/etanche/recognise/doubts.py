"""What speaks against a guess: columns that are not what they look like.

Rules, in the order in which they apply:

1. A guess from the cells alone is put to its kind's doubt; one that is doubted is dropped, and the next guess is heard.
   A header that says the kind answers every doubt.
2. Numbers that count or come by chance spread over all digits; those that somebody deals out do not: no telephone
   number begins with 00, births fall in all months, and codes of a classification are on its list.
3. A short list whose words come again and again (colours, trades, cheeses) is no list of names of people or places,
   even where all its words are names too; the columns beside it may say better (`agreement`).
4. One value says nothing of a shape that chance gives easily.
"""

from __future__ import annotations

from collections.abc import Callable

from etanche.identifiers import atc, celltext, cim10, nir
from etanche.model import Kind
from etanche.recognise import questions as ask
from etanche.recognise.profile import Profile

_ENOUGH = 24
_NINE = frozenset("0123456789")
_LISTED = 0.9
"""Share of codes that exist, from which a column is of a classification: by chance, 79 % exist in the CIM-10."""
_DOTTED = 0.65
"""The same where a dot stands before the subdivision, as few other codes have it."""


def _dotted(text: str) -> bool:
    return text[3:4] == "."


def _no_diseases(profile: Profile) -> bool:
    return profile.share(cim10.listed) < (_DOTTED if profile.share(_dotted) >= 0.5 else _LISTED)


def _no_medicines(profile: Profile) -> bool:
    return profile.share(atc.listed) < _LISTED


def _bare_number(text: str) -> bool:
    return len(text) == 10 and ask.integer(text) and text[0] == "0"


def _unassigned(text: str) -> bool:
    """Tell whether ten digits begin as no private telephone does: 00, or 08 (services)."""
    return _bare_number(text) and text[1] in "08"


def _zero_padded(profile: Profile) -> bool:
    """Tell whether numbers of ten digits are amounts with zeros before them: all second digits come alike."""
    values = [text for text in profile.values if _bare_number(text)]
    if len(values) < _ENOUGH:
        return False
    return sum(map(_unassigned, values)) / len(values) >= 0.1


def _no_births(profile: Profile) -> bool:
    """Tell whether numbers without a right key lack the spread of years and months that births have."""
    if profile.share(ask.right_nir) >= 0.5:
        return False
    born = [celltext.compact(text)[1:5] for text in profile.values if nir.fits(text)]
    if len(born) < 3:
        return True
    years, months = {text[:2] for text in born}, {text[2:] for text in born}
    # n births over 80 years and 12 months leave about 80(1 - e^(-n/80)) years and nearly all months.
    return len(years) < min(25, 0.45 * len(born)) or len(months) < min(9, 0.4 * len(born))


def _no_zero_group(profile: Profile) -> bool:
    """Tell whether there is no O among the groups, which four in ten of the French are."""
    return not any(text[:1] in "Oo0" for text in profile.values)


def _versions(profile: Profile) -> bool:
    """Tell whether addresses are versions of four numbers: all begin below ten, as no network's do together."""
    return all("." not in text or text.partition(".")[0] in _NINE for text in profile.values)


def _small_letters(text: str) -> bool:
    return text[:1].islower()


def _common_words(profile: Profile) -> bool:
    """Tell whether few words come again and again, or all begin with a small letter and are few."""
    few = profile.distinct < _ENOUGH
    return few and (profile.distinct < 0.4 * profile.filled or profile.share(_small_letters) > 0.8)


def _nine_digits(text: str) -> bool:
    return len(text) == 9 and ask.integer(text) and text[0] in "67"


def first_digit_lost(profile: Profile) -> float:
    """Return the share of mobile numbers whose leading zero a spreadsheet took; 0 where they could be a counter."""
    numbers = [text for text in profile.values if _nine_digits(text)]
    if len(numbers) < _ENOUGH or len({text[:2] for text in numbers}) < 6:
        return 0.0
    return profile.share(_nine_digits)


_DOUBTS: dict[Kind, Callable[[Profile], bool]] = {
    Kind.NIR: _no_births,
    Kind.PHONE: _zero_padded,
    Kind.LANDLINE: _zero_padded,
    Kind.MOBILE: _zero_padded,
    Kind.ATC: _no_medicines,
    Kind.CIM10: _no_diseases,
    Kind.BLOOD_GROUP: _no_zero_group,
    Kind.IP: _versions,
    **dict.fromkeys((Kind.SURNAME, Kind.FIRST_NAME, Kind.FULL_NAME, Kind.COMMUNE), _common_words),
}


def doubted(kind: Kind, profile: Profile) -> bool:
    """Tell whether something speaks against a guess of this kind."""
    doubt = _DOUBTS.get(kind)
    return doubt is not None and doubt(profile)
