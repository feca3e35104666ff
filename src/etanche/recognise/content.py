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
    siren,
    siret,
    ucd,
    url,
)
from etanche.model import Kind
from etanche.recognise import lists, positions
from etanche.recognise import questions as ask
from etanche.recognise.doubts import doubted, first_digit_lost
from etanche.recognise.guesses import GENERAL, Guess
from etanche.recognise.profile import Profile

__all__ = ["GENERAL", "Guess", "guess", "layout_of", "line"]


def guess(profile: Profile) -> Guess:
    """Return what the cells say by themselves."""
    if not profile.filled:
        return Guess(Kind.EMPTY, 0.99, 0.0, "empty")
    for family in (_keyed, _shaped, _dated, _dialled, _located, lists.listed, lists.worded, _general):
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
        if (written := profile.share(ask.day_in_words)) >= 0.9:
            yield Guess(Kind.DATE, 0.85, written, "date")
        if (glued := profile.share(ask.moment_in_digits)) >= 0.9:
            yield Guess(Kind.TIMESTAMP, 0.85, glued, "date")
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


def _in_groups(text: str) -> bool:
    """Tell whether digits stand two by two or behind +33: even one such number is a telephone."""
    return text.startswith("+33") or (len(text) == 14 and {text[place] for place in (2, 5, 8, 11)} <= set(" .-"))


def _dialled(profile: Profile) -> Iterator[Guess]:
    fits = profile.share(phone.fits)
    if fits >= 0.75 and profile.share(phone.valid) >= 0.5 and (_varied(profile, 3) or profile.share(_in_groups) >= 0.9):
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
