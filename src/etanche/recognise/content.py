"""What a column's cells say by themselves, header aside.

Rules, in the order in which they apply:

1. Kinds with a key first: chance gives a right NIR key to 1 % of numbers, a Luhn key to 10 %.
2. Then kinds with an unmistakable shape (e-mail, address on the web, file name, date), then telephone numbers.
3. Then closed lists and the lexicon; a lexicon speaks only over many different values.
4. Last the general kinds: amount, number, identifier, comment, constant.  `unknown` when nothing fits.
5. Confidence says how often such a guess is right; under .6 it is a general kind or a hint.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from etanche.identifiers import (
    atc,
    bic,
    card,
    cim10,
    cip,
    dates,
    device,
    email,
    finess,
    iban,
    ip,
    loinc,
    password_hash,
    phone,
    rpps,
    sex,
    siren,
    siret,
    ucd,
    url,
)
from etanche.model import Kind
from etanche.recognise import places, positions
from etanche.recognise import questions as ask
from etanche.recognise.doubts import doubted, first_digit_lost
from etanche.recognise.profile import Profile


@dataclass(frozen=True, slots=True)
class Guess:
    """What the cells say: a kind, how likely, the share of filled cells that say it."""

    kind: Kind
    confidence: float
    share: float
    code: str
    """Code of the reason."""
    layout: str = ""


GENERAL = frozenset({
    Kind.UNKNOWN, Kind.NUMBER, Kind.IDENTIFIER, Kind.DATE, Kind.COMMENT, Kind.CONSTANT, Kind.AMOUNT, Kind.BOOLEAN,
    Kind.RESULT, Kind.TOKEN,
})  # fmt: skip
"""Kinds that say little: a header or a more particular guess outweighs them."""


def guess(profile: Profile) -> Guess:
    """Return what the cells say by themselves."""
    if not profile.filled:
        return Guess(Kind.EMPTY, 0.99, 0.0, "empty")
    for family in (_keyed, _shaped, _dated, _dialled, _located, _listed, _worded, _general):
        found = next((one for one in family(profile) if not doubted(one.kind, profile)), None)
        if found is not None:
            return _weighed(found, profile)
    return Guess(Kind.UNKNOWN, 0.3, 0.0, "nothing_fits")


def _weighed(found: Guess, profile: Profile) -> Guess:
    """Lower the confidence of a guess that rests on a handful of values."""
    few = {Kind.CONSTANT, Kind.EMPTY}
    if profile.filled >= 12 or found.kind in few:
        return found
    return Guess(
        found.kind, round(found.confidence * (0.7 + profile.filled / 40), 3), found.share, found.code, found.layout
    )


def _keyed(profile: Profile) -> Iterator[Guess]:
    share = profile.share
    if (oid := share(ask.ins_with_oid)) >= 0.6:
        yield Guess(Kind.INS, 0.97, oid, "key_right")
    right, keyed = share(ask.right_nir), share(ask.keyed_nir)
    if right >= 0.5:
        yield Guess(Kind.NIR, 0.98, right, "key_right")
    plausible = share(ask.plausible_nir)
    if keyed >= 0.85 and plausible >= 0.8:
        yield Guess(Kind.NIR, 0.75, keyed, "shape_key_wrong")
    if plausible >= 0.88:
        yield Guess(Kind.NIR, 0.75, plausible, "shape_no_key")
    # A kind, its check, what must hold besides, and how sure it then is.
    checks: tuple[tuple[Kind, Callable[[str], bool], Callable[[str], bool] | None, float, float], ...] = (
        (Kind.IBAN, iban.valid, None, 0.5, 0.99),
        (Kind.RPPS, rpps.valid, ask.rpps_like, 0.8, 0.96),
        (Kind.SIRET, siret.valid, None, 0.8, 0.96),
        (Kind.SIREN, ask.public_siren, None, 0.95, 0.93),
        (Kind.FINESS, ask.right_finess if share(finess.fits) >= 0.5 else finess.valid, ask.finess_like, 0.8, 0.95),
        (Kind.SIREN, siren.valid, None, 0.8, 0.6 if share(finess.fits) > 0.98 else 0.93),
        (Kind.CARD, card.valid, None, 0.8, 0.93),
        (Kind.CIP, ask.cip_13, None, 0.8, 0.97),
        (Kind.CIP, cip.valid, None, 0.9, 0.8),
        (Kind.UCD, ucd.valid, None, 0.9, 0.7),
        (Kind.LOINC, loinc.valid, None, 0.9, 0.9),
    )
    for kind, valid, besides, least, confidence in checks:
        found = share(valid)
        # Two keys in a SIRET, and the beginning that public SIRENs have, are no chance even in one value.
        varied = _varied(profile, 3) or valid in {siret.valid, ask.public_siren}
        if found >= least and (besides is None or share(besides) >= 0.8) and varied:
            yield Guess(kind, confidence, found, "key_right")


def _varied(profile: Profile, least: int) -> bool:
    """Tell whether a key that fits could not be one value repeated."""
    return profile.distinct >= min(least, profile.rows)


def _shaped(profile: Profile) -> Iterator[Guess]:
    share = profile.share
    shapes: tuple[tuple[Kind, Callable[[str], bool], float, float], ...] = (
        (Kind.EMAIL, email.valid, 0.7, 0.98),
        (Kind.URL, url.fits, 0.7, 0.97),
        (Kind.IP, ip.fits, 0.9, 0.95),
        (Kind.DEVICE, _mac, 0.9, 0.9),
        (Kind.IDENTIFIER, device.fits, 0.9, 0.85),
        (Kind.PASSWORD_HASH, _salted, 0.8, 0.97),
        (Kind.TOKEN, ask.hex_hash, 0.9, 0.5),
        (Kind.FILE_NAME, ask.file_name, 0.8, 0.93),
        (Kind.ATC, _whole_atc, 0.9, 0.93),
        (Kind.ALD, ask.named_ald, 0.8, 0.93),
        (Kind.BLOOD_GROUP, ask.blood, 0.8, 0.96),
        (Kind.DOCTOR, ask.doctor, 0.8, 0.85),
        (Kind.RESULT, ask.result, 0.7, 0.8),
    )
    for kind, fits, least, confidence in shapes:
        found = share(fits)
        if found >= least:
            yield Guess(kind, confidence, found, "shape")
    codes = share(cim10.fits)
    if codes >= 0.9 and profile.distinct >= 8 and len({text[0].upper() for text in profile.values}) >= 3:
        # A letter and two digits alone are seats and shelves too; subdivisions are not.
        yield Guess(Kind.CIM10, 0.85 if share(_subdivided) >= 0.25 else 0.5, codes, "shape")
    if (
        share(bic.valid) >= 0.9
        and share(_eight_or_eleven) >= 0.9
        and profile.distinct >= 3
        and not share(ask.name_like) > 0.9
    ):
        yield Guess(Kind.BIC, 0.8, share(bic.valid), "shape")


def _subdivided(text: str) -> bool:
    return len(text) > 3


def _mac(text: str) -> bool:
    return len(text) == 17 and device.fits(text)


def _salted(text: str) -> bool:
    return not text[0].isalnum() and password_hash.fits(text)


def _whole_atc(text: str) -> bool:
    return len(text) == 7 and atc.fits(text)


def _eight_or_eleven(text: str) -> bool:
    return len(text) in {8, 11} and text.isupper()


def layout_of(profile: Profile) -> tuple[str, float]:
    """Return the layout in which most cells are existing days, and their share; ("", 0) when none is.

    A layout whose day and month could change places wins only where some cell decides; else the French order.
    """
    if profile.layout is None:
        profile.layout = _layout_of(profile)
    return profile.layout


def _layout_of(profile: Profile) -> tuple[str, float]:
    tally: dict[str, int] = {}
    seen = 0
    for place, (text, count) in enumerate(profile.counted):
        if place == 24 and not tally:
            return "", 0.0
        if 6 <= len(text) <= 40 and sum(map(str.isdigit, text[:20])) >= 4:
            for layout in dates.layouts_of(text):
                tally[layout] = tally.get(layout, 0) + count
        seen += count
        if place >= 160:
            break
    if not tally:
        return "", 0.0
    days: dict[str, int] = {}
    for layout, count in tally.items():
        day = dates.date_layout(layout)
        days[day] = days.get(day, 0) + count
    best = max(days, key=lambda day: (days[day], -dates.DATE_LAYOUTS.index(day)))
    whole = max((layout for layout in tally if dates.date_layout(layout) == best), key=lambda layout: tally[layout])
    return whole, days[best] / seen


def _dated(profile: Profile) -> Iterator[Guess]:
    layout, share = layout_of(profile)
    if not layout or share < 0.8:
        return
    day = dates.date_layout(layout)
    bare = day in {"%Y%m%d", "%d%m%Y"}
    if bare and not (share >= 0.8 and profile.distinct >= 8):
        return
    if dates.has_time(layout):
        yield Guess(Kind.TIMESTAMP, 0.85, share, "date", layout)
    yield Guess(Kind.DATE, 0.8 if bare else 0.95, share, "date", layout)


def line(profile: Profile) -> Kind:
    """Return which telephone kind nine tenths of the numbers are."""
    numbers = profile.share(phone.valid)
    if numbers and profile.share(phone.is_mobile) >= 0.9 * numbers:
        return Kind.MOBILE
    if numbers and profile.share(phone.is_landline) >= 0.9 * numbers:
        return Kind.LANDLINE
    return Kind.PHONE


def _dialled(profile: Profile) -> Iterator[Guess]:
    fits = profile.share(phone.fits)
    if fits >= 0.75 and profile.share(phone.valid) >= 0.5 and _varied(profile, 3):
        yield Guess(line(profile), 0.94, fits, "shape")
    if (lost := first_digit_lost(profile)) >= 0.85:
        yield Guess(Kind.MOBILE, 0.75, lost, "shape")


def _located(profile: Profile) -> Iterator[Guess]:
    share = profile.share
    if (points := share(positions.point)) >= 0.9:
        yield Guess(Kind.LATITUDE, 0.9, points, "shape")
    if (metres := share(positions.northing_like)) >= 0.9 and _varied(profile, 3):
        yield Guess(Kind.LATITUDE, 0.8, metres, "shape")
    many = profile.enough or profile.distinct >= 8
    if (degrees := share(positions.latitude_like)) >= 0.95 and many:
        yield Guess(Kind.LATITUDE, 0.75, degrees, "shape")
    signs = {text[:1] == "-" for text in profile.values}
    if (degrees := share(positions.longitude_like)) >= 0.95 and (profile.enough or (many and len(signs) == 2)):
        yield Guess(Kind.LONGITUDE, 0.65, degrees, "shape")


_SEX_PAIRS = (
    {"M", "F"}, {"H", "F"}, {"HOMME", "FEMME"}, {"MALE", "FEMALE"}, {"MASCULIN", "FÉMININ"}, {"MASCULIN", "FEMININ"},
)  # fmt: skip
_SEX_WORDS = {"I", "U", "X"}.union(*_SEX_PAIRS)


def _listed(profile: Profile) -> Iterator[Guess]:
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


def _worded(profile: Profile) -> Iterator[Guess]:
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


def _named(profile: Profile) -> Iterator[Guess]:
    """Names of people and places, by the lexicon; they overlap, so the largest share must be large and lead."""
    share = profile.share
    if profile.distinct < 5:
        yield from _one_town(profile)
        return
    medicines = share(ask.medicine_folded, folded=True)
    if share(ask.name_like) < 0.75:
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


_CONSTANT = 50
"""Rows in which a flag would have shown its other value."""


def _nought_or_one(text: str) -> bool:
    return text in {"0", "1", "0.0", "1.0"}


def _general(profile: Profile) -> Iterator[Guess]:
    share = profile.share
    if profile.distinct == 1 and 1 < profile.filled < _CONSTANT and share(_nought_or_one) == 1:
        yield Guess(Kind.BOOLEAN, 0.6, 1.0, "list")
    if profile.distinct == 1 and profile.filled >= 8:
        yield Guess(Kind.CONSTANT, 0.9, 1.0, "constant")
    if (amounts := share(ask.amount)) >= 0.9:
        yield Guess(Kind.AMOUNT, 0.65, amounts, "shape")
    unique = profile.distinct >= 24 and profile.distinct >= 0.9 * profile.filled
    codes = share(ask.code)
    if unique and codes >= 0.88 and (share(ask.integer) < 0.5 or min(map(len, profile.values)) >= 5):
        yield Guess(Kind.IDENTIFIER, 0.7, codes, "unique_code")
    if (numbers := share(ask.number)) >= 0.9:
        yield Guess(Kind.NUMBER, 0.6, numbers, "shape")
    if profile.enough and (words := share(ask.several_words)) >= 0.4 and share(ask.has_letters) >= 0.8:
        yield Guess(Kind.COMMENT, 0.55, words, "words")
