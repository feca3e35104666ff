"""What cells say by closed lists, by words and by the lexicon of names, places and medicines.

Rules, in the order in which they apply:

1. Closed lists (sexes, titles, flags, regions, départements, countries, codes of places) before words.
2. Words that give a kind away (streets, insurers, laboratories) before names.
3. Names of people and places overlap: the largest share must be large and lead, over many different values.
"""

from __future__ import annotations

from collections.abc import Iterator

from etanche.identifiers import sex
from etanche.model import Kind
from etanche.recognise import places
from etanche.recognise import questions as ask
from etanche.recognise.guesses import Guess
from etanche.recognise.profile import Profile

_SEX_PAIRS = (
    {"M", "F"}, {"H", "F"}, {"HOMME", "FEMME"}, {"MALE", "FEMALE"}, {"MASCULIN", "FÉMININ"}, {"MASCULIN", "FEMININ"},
)  # fmt: skip
_SEX_WORDS = {"I", "U", "X"}.union(*_SEX_PAIRS)


def listed(profile: Profile) -> Iterator[Guess]:
    """Return what closed lists say: sexes, titles, flags, places by name or code."""
    share = profile.share
    values = {text.upper().strip(".") for text in profile.values}
    if any(pair <= values for pair in _SEX_PAIRS) and share(_sex_word) >= (1 if profile.filled < 200 else 0.9):
        yield Guess(Kind.SEX, 0.93, share(sex.fits), "list")
    titles = share(ask.titled)
    if (
        titles >= 0.9
        and profile.distinct <= 30
        and values & {"MME", "MLLE", "MONSIEUR", "MADAME", "MR", "MRS", "DR", "DOCTEUR"}
    ):
        yield Guess(Kind.TITLE, 0.94, titles, "list")
    flags = share(ask.flag) == 1 and "M" not in values
    if flags and (profile.distinct == 2 or values <= {"OUI", "NON", "TRUE", "FALSE", "VRAI", "FAUX"}):
        yield Guess(Kind.BOOLEAN, 0.8, 1.0, "list")
    for kind, question in (
        (Kind.REGION, places.region_folded),
        (Kind.DEPARTEMENT, places.departement_folded),
        (Kind.COUNTRY, places.country_folded),
    ):
        found = share(question, folded=True)
        if found >= 0.85:
            town = profile.distinct < 3 and share(places.commune_folded, folded=True) >= found
            yield Guess(Kind.COMMUNE if town else kind, 0.85 if profile.distinct > 2 else 0.7, found, "list")
    yield from _coded(profile)
    if share(ask.integer) >= 0.8 or share(_five) >= 0.9:
        yield from _places(profile)


def _coded(profile: Profile) -> Iterator[Guess]:
    """Countries and départements by code: enough different ones that chance would have missed the list."""
    share = profile.share
    if share(_capitals) >= 0.95 and (profile.distinct >= 5 or (profile.distinct >= 3 and "FR" in profile.values)):
        found = share(places.country_code)
        if found >= 0.95:
            yield Guess(Kind.COUNTRY, 0.7, found, "list")
    if profile.distinct >= 8 and share(_two_or_three) >= 0.95 and any(map(_corsican_or_padded, profile.values)):
        found = share(places.departement_code)
        if found >= 0.98 and max(profile.values) > "31":
            yield Guess(Kind.DEPARTEMENT, 0.65, found, "list")


def _capitals(text: str) -> bool:
    return len(text) in {2, 3} and text.isascii() and text.isalpha() and text.isupper()


def _two_or_three(text: str) -> bool:
    return len(text) in {2, 3}


def _corsican_or_padded(text: str) -> bool:
    return text.upper() in {"2A", "2B"} or (len(text) == 2 and text[0] == "0")


def _sex_word(text: str) -> bool:
    return text.upper().strip(".") in _SEX_WORDS


def _five(text: str) -> bool:
    return len(text) == 5 and text[-3:].isdigit()


def _places(profile: Profile) -> Iterator[Guess]:
    if profile.share(_five) < 0.85 or profile.distinct < 5:
        return
    postcodes, communes = profile.share(places.postcode_known), profile.share(places.insee_known)
    if max(postcodes, communes) >= 0.8:
        kind = Kind.POSTCODE if postcodes >= communes else Kind.INSEE_COMMUNE
        sure = profile.enough or (profile.distinct >= 8 and max(postcodes, communes) >= 0.95)
        yield Guess(kind, 0.9 if sure else 0.75, max(postcodes, communes), "lexicon")


def worded(profile: Profile) -> Iterator[Guess]:
    """Return what words and the lexicon say."""
    share = profile.share
    if share(ask.has_letters) < 0.8:
        return
    if (streets := share(ask.street)) >= 0.6:
        yield Guess(Kind.ADDRESS, 0.93, streets, "words")
    for kind, question, least, confidence in (
        (Kind.PREGNANCY, ask.pregnancy, 0.8, 0.8),
        (Kind.INSURER, ask.insurer, 0.5, 0.85),
        (Kind.LABORATORY, ask.laboratory, 0.7, 0.8),
        (Kind.ADDRESS, ask.address_part, 0.6, 0.75),
    ):
        found = share(question)
        if found >= least and profile.distinct >= 3:
            yield Guess(kind, confidence, found, "words")
    yield from _named(profile)


def _one_town(profile: Profile) -> Iterator[Guess]:
    """A few communes again and again: names of several words that are on the list are nothing else."""
    known = profile.share(places.commune_folded, folded=True)
    if known == 1 and profile.filled > 1 and profile.share(_three_words, folded=True) >= 0.5:
        yield Guess(Kind.COMMUNE, 0.75, known, "lexicon")


def _three_words(word: str) -> bool:
    return word.count(" ") >= 2


def _arrondissement(word: str) -> bool:
    """Tell whether a commune stands with its arrondissement or a CEDEX: a bare number would be a canton's."""
    return not word[-1:].isdigit() and places.commune_folded(word)


def _named(profile: Profile) -> Iterator[Guess]:
    """Names of people and places, by the lexicon; they overlap, so the largest share must be large and lead."""
    share = profile.share
    if profile.distinct < 5:
        yield from _one_town(profile)
        return
    medicines = share(ask.medicine_folded, folded=True)
    if share(ask.name_like) < 0.75:
        if (numbered := share(_arrondissement, folded=True)) >= 0.9:
            yield Guess(Kind.COMMUNE, 0.75, numbered, "lexicon")
        if medicines >= 0.7:
            yield Guess(Kind.MEDICINE, 0.85, medicines, "lexicon")
        return
    surnames, first = share(ask.surname_folded, folded=True), share(ask.first_name_folded, folded=True)
    communes = share(places.commune_folded, folded=True)
    if medicines >= 0.7 and medicines > max(surnames, first, communes):
        yield Guess(Kind.MEDICINE, 0.88, medicines, "lexicon")
    # Weekdays and months are names of people too.
    if share(places.calendar_folded, folded=True) >= 0.5:
        return
    # A number of different names that no short list reaches by chance.
    sure = 0.92 if profile.distinct >= 40 else 0.7 if profile.distinct >= 24 else 0.55
    if profile.distinct < 12 and max(surnames, first, communes) < 0.9:
        return
    both = share(ask.full_name_folded, folded=True)
    if both >= 0.5 and share(ask.two_words) >= 0.7 and communes < 0.7:
        yield Guess(Kind.FULL_NAME, min(sure, 0.85), both, "lexicon")
    if communes >= 0.8 and communes >= max(surnames, first):
        yield Guess(Kind.COMMUNE, sure, communes, "lexicon")
    if first >= 0.75 and first >= surnames - 0.02:
        yield Guess(Kind.FIRST_NAME, sure, first, "lexicon")
    if surnames >= 0.6 and surnames > first + 0.05 and surnames > communes:
        yield Guess(Kind.SURNAME, sure, surnames, "lexicon")
