"""How far the cells bear out a kind that the header names.

Rules:

1. A kind with a shape is borne out by the share of cells that have it: a wrong key does not contradict a header.
2. A kind of words is borne out by cells that could be such words; the lexicon is not asked, for rare names are names.
3. A kind that may hold anything (comment, result, password) is borne out by any cell.
4. A word of the header that is only a hint ("adr" among others) must be seen in the cells themselves.
"""

from __future__ import annotations

from collections.abc import Callable

from etanche.identifiers import (
    adeli,
    ald,
    atc,
    bic,
    blood_group,
    card,
    cim10,
    cip,
    email,
    finess,
    iban,
    ins,
    ip,
    loinc,
    nabm,
    nir,
    password_hash,
    rpps,
    sex,
    siren,
    siret,
    ucd,
    url,
)
from etanche.lexicon.fold import fold
from etanche.model import Kind
from etanche.recognise import places, positions
from etanche.recognise import questions as ask
from etanche.recognise.content import layout_of
from etanche.recognise.headers import Reading
from etanche.recognise.profile import Profile

DATE_KINDS = frozenset({
    Kind.DATE, Kind.BIRTH_DATE, Kind.DEATH_DATE, Kind.SAMPLE_DATE, Kind.VISIT_DATE, Kind.TIMESTAMP,
})  # fmt: skip

Question = Callable[[str], bool]


def _any(_text: str) -> bool:
    return True


def _float_less(text: str) -> str:
    """Return a number without the ".0" that spreadsheets and data frames leave."""
    return text.removesuffix(".0")


def _siren(text: str) -> bool:
    return siren.fits(_float_less(text).zfill(9))


def _siret(text: str) -> bool:
    return siret.fits(_float_less(text).zfill(14))


def _departement(text: str) -> bool:
    return places.departement_code(text) or (ask.name_like(text) and len(text) > 2)


def _region(text: str) -> bool:
    return places.region_code(text) or (ask.name_like(text) and len(text) > 3)


def _country(text: str) -> bool:
    return places.country_code(text) or (ask.name_like(text) and len(text) > 3)


def _place_name(text: str) -> bool:
    return ask.has_letters(text) and sum(map(str.isdigit, text)) <= 5


def _code_like(text: str) -> bool:
    return ask.solid(text) or len(text) < 20


def _ald(text: str) -> bool:
    return ald.fits(text) or ask.named_ald(text) or ask.flag(text)


def _pregnancy(text: str) -> bool:
    return ask.flag(text) or ask.pregnancy(text) or ask.has_letters(text) or len(text) <= 2


def _blood(text: str) -> bool:
    return blood_group.fits(text) or ask.blood(text)


def _sex(text: str) -> bool:
    return sex.fits(text) or text.lower() in {"hommes", "femmes", "garçons", "filles", "masculins", "féminins"}


def _nabm(text: str) -> bool:
    return nabm.fits(text) or (len(text) <= 2 and text.isdigit())


def _cip(text: str) -> bool:
    return cip.fits(text) or (text.isdigit() and len(text) in {7, 13})


def _ins(text: str) -> bool:
    return ins.fits(text)


def _file_name(text: str) -> bool:
    return len(text) > 3 and (ask.file_name(text) or any(mark in text for mark in "./\\_") or text.isdigit())


def _phrase(text: str) -> bool:
    return ask.has_letters(text)


def _address(text: str) -> bool:
    return ask.has_letters(text) and len(text) > 2 and not ask.code(text)


def _login(text: str) -> bool:
    # A number filled up with zeros is a customer's account, whatever the word "compte" may mean.
    padded = text.isdecimal() and text.startswith("00")
    return not padded and len(text) <= 40 and (ask.solid(text) or ask.name_like(text))


def _two_digits(text: str) -> bool:
    coded = places.departement_code(text) and len(_float_less(text)) > 1
    return coded or places.departement_folded(fold(text))


QUESTIONS: dict[Kind, Question] = {
    Kind.NIR: nir.fits, Kind.INS: _ins, Kind.SURNAME: ask.name_like, Kind.BIRTH_NAME: ask.name_like,
    Kind.FIRST_NAME: ask.name_like, Kind.FULL_NAME: ask.name_like, Kind.SEX: _sex, Kind.TITLE: ask.titled,
    Kind.BIRTH_PLACE: _place_name, Kind.ADDRESS: _address, Kind.POSTCODE: places.postcode_like,
    Kind.COMMUNE: _place_name, Kind.INSEE_COMMUNE: places.insee_like, Kind.COUNTRY: _country,
    Kind.LANDLINE: ask.any_phone, Kind.MOBILE: ask.any_phone,
    Kind.PHONE: ask.any_phone, Kind.EMAIL: email.fits, Kind.RPPS: rpps.fits, Kind.ADELI: adeli.fits,
    Kind.FINESS: finess.fits, Kind.DOCTOR: ask.name_like, Kind.LABORATORY: _phrase, Kind.AMC: _code_like,
    Kind.INSURER: _phrase, Kind.BLOOD_GROUP: _blood, Kind.PREGNANCY: _pregnancy, Kind.MEDICINE: _phrase,
    Kind.CIP: _cip, Kind.UCD: ucd.fits, Kind.ATC: atc.fits, Kind.DISEASE: _phrase, Kind.CIM10: cim10.fits,
    Kind.ALD: _ald,
    Kind.RESULT: _any, Kind.NABM: _nabm, Kind.LOINC: loinc.fits, Kind.COMMENT: _phrase, Kind.DEPARTEMENT: _departement,
    Kind.REGION: _region, Kind.LOGIN: _login, Kind.PASSWORD: _any, Kind.PASSWORD_HASH: password_hash.fits,
    Kind.TOKEN: ask.solid, Kind.IBAN: iban.fits, Kind.BIC: bic.fits, Kind.CARD: card.fits, Kind.IP: ip.fits,
    Kind.DEVICE: _code_like, Kind.IDENTIFIER: _code_like, Kind.SIREN: _siren, Kind.SIRET: _siret,
    Kind.LATITUDE: positions.degrees, Kind.LONGITUDE: positions.degrees, Kind.URL: url.fits, Kind.AMOUNT: ask.money,
    Kind.NUMBER: ask.number, Kind.BOOLEAN: ask.flag, Kind.FILE_NAME: _file_name,
}  # fmt: skip


_HINTED: dict[Kind, tuple[Question, bool]] = {
    Kind.ADDRESS: (ask.located, False),
    Kind.COMMUNE: (places.commune_folded, True),
    Kind.DEPARTEMENT: (_two_digits, False),
    Kind.REGION: (places.region_folded, True),
    Kind.COMMENT: (ask.several_words, False),
}
"""What must be seen in the cells where the header only hints at a kind; and whether it is asked of folded ones."""


_CLOSED = 0.9
"""Share of numbers that must be on a closed list of numbers: half of them are by chance."""


def support(profile: Profile, kind: Kind, date_share: float) -> float:
    """Return the share of filled cells that bear the kind out; `date_share`: those that are days in one layout."""
    if kind in DATE_KINDS:
        return date_share
    question = QUESTIONS.get(kind)
    return profile.share(question) if question is not None else 0.0


def borne_out(profile: Profile, reading: Reading) -> tuple[float, str]:
    """Return the share of filled cells that bear out one reading of a header; for dates, their layout too."""
    kind = reading.kind
    if kind in DATE_KINDS:
        layout, days = layout_of(profile)
        return (days, layout) if days >= 0.5 else (max(days, profile.share(ask.day_like)), layout)
    if reading.axis and kind in {Kind.LATITUDE, Kind.LONGITUDE}:
        return profile.share(positions.axis), ""
    if reading.hint and kind in _HINTED:
        question, folded = _HINTED[kind]
        return profile.share(question, folded=folded), ""
    share = support(profile, kind, 0.0)
    if kind is Kind.COUNTRY and share < _CLOSED and profile.share(ask.has_letters) < 0.5:
        return 0.0, ""
    return share, ""
