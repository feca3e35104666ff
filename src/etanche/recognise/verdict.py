"""The verdict on every column: header, cells and neighbours weighed together.

Rules, in the order in which they apply:

1. A correction of the user's decides.
2. A blank column is `empty`; what its header says is kept in the reason.
3. A header that half of the filled cells bear out decides, unless the cells say something more particular and surely
   (a "NIR" full of e-mails, an "identifier" full of NIRs).  A header that they do not bear out is set aside, and said.
   A header may be read in several ways: the first that the cells bear out is taken.
4. Without a header's word the cells decide, then the neighbours.
5. The role is the header's, else the neighbours', else the kind's own.

    >>> [verdict] = columns(Sample(("NUM_SECU",), True, (("180055612345655", "280055612345605"),)))
    >>> verdict.kind
    <Kind.NIR: 'nir'>
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from etanche.model import Column, Correction, Kind, Reason, Role, Sample
from etanche.recognise import content, neighbours, packed, places, repeated
from etanche.recognise.calibration import calibrated
from etanche.recognise.corrections import by_index
from etanche.recognise.guesses import GENERAL, Guess
from etanche.recognise.headers import Reading, Said, says
from etanche.recognise.profile import Profile
from etanche.recognise.support import DATE_KINDS, borne_out

_BORNE_OUT = 0.5
_SURE = 0.85
_PLAIN = 0.8

_ROLES: dict[Kind, Role] = {
    **dict.fromkeys((Kind.RPPS, Kind.ADELI, Kind.DOCTOR), Role.PRESCRIBER),
    **dict.fromkeys((Kind.FINESS, Kind.LABORATORY), Role.LABORATORY),
    **dict.fromkeys(
        (
            Kind.IDENTIFIER, Kind.SIREN, Kind.SIRET, Kind.URL, Kind.AMOUNT, Kind.NUMBER, Kind.TIMESTAMP, Kind.BOOLEAN,
            Kind.CONSTANT, Kind.EMPTY, Kind.FILE_NAME, Kind.UNKNOWN, Kind.LATITUDE, Kind.LONGITUDE, Kind.DATE,
        ),
        Role.NONE,
    ),
}  # fmt: skip
"""Whose data a kind is when nothing says; the patient's otherwise."""

_ALIKE: tuple[frozenset[Kind], ...] = (
    frozenset({Kind.LANDLINE, Kind.MOBILE, Kind.PHONE}),
    DATE_KINDS,
    frozenset({
        Kind.SURNAME, Kind.BIRTH_NAME, Kind.FIRST_NAME, Kind.FULL_NAME, Kind.DOCTOR, Kind.COMMUNE, Kind.BIRTH_PLACE,
        Kind.COUNTRY, Kind.INSURER, Kind.LABORATORY, Kind.MEDICINE, Kind.DISEASE, Kind.ADDRESS, Kind.COMMENT,
        Kind.LOGIN, Kind.REGION, Kind.DEPARTEMENT, Kind.PREGNANCY, Kind.PASSWORD, Kind.TITLE, Kind.RESULT, Kind.BIC,
    }),
    frozenset({Kind.POSTCODE, Kind.INSEE_COMMUNE, Kind.DEPARTEMENT, Kind.BIRTH_PLACE}),
    frozenset({Kind.SIREN, Kind.FINESS, Kind.ADELI, Kind.IDENTIFIER, Kind.AMC}),
    frozenset({Kind.NIR, Kind.INS, Kind.AMC}),
    frozenset({Kind.CIP, Kind.UCD, Kind.NABM}),
    frozenset({Kind.LOGIN, Kind.EMAIL}),
    frozenset({Kind.PASSWORD_HASH, Kind.TOKEN, Kind.PASSWORD, Kind.DEVICE, Kind.IDENTIFIER}),
    frozenset({Kind.CIM10, Kind.DISEASE}),
    frozenset({Kind.ALD, Kind.DISEASE}),
    frozenset({Kind.ATC, Kind.MEDICINE}),
    frozenset({Kind.LATITUDE, Kind.LONGITUDE}),
    frozenset({Kind.SEX, Kind.TITLE}),
)  # fmt: skip
"""Kinds whose cells may look alike: between them the header has the last word."""


def columns(sample: Sample, corrections: Sequence[Correction] = ()) -> tuple[Column, ...]:
    """Return the verdict on every column of a sample.

    Raises `UserError` (usage) for a correction of a column that is not there.
    """
    given = by_index(sample.names, corrections)
    profiles = [Profile(cells) for cells in sample.columns]
    said = [says(name) if sample.header else Said(None, None, 0.0) for name in sample.names]
    drafts = [
        _column(index, name, profile, word)
        for index, (name, profile, word) in enumerate(zip(sample.names, profiles, said, strict=True))
    ]
    drafts = packed.unpack(drafts, profiles, _role)
    if sample.header:
        drafts = repeated.agree(drafts, profiles, _role)
    told = neighbours.settle(drafts, profiles, [word.role for word in said])
    return tuple(_corrected(calibrated(column), given.get(column.index), profiles[column.index]) for column in told)


def _corrected(column: Column, correction: Correction | None, profile: Profile) -> Column:
    if correction is None:
        return column
    kind = correction.kind or column.kind
    role = correction.role or (_role(kind) if correction.kind else column.role)
    layout = (column.layout or content.layout_of(profile)[0]) if kind in DATE_KINDS else ""
    confidence = 1.0 if correction.kind else column.confidence
    return replace(column, kind=kind, role=role, confidence=confidence, layout=layout, reason=Reason("corrected"))


def _role(kind: Kind) -> Role:
    return _ROLES.get(kind, Role.PATIENT)


def _column(index: int, name: str, profile: Profile, said: Said) -> Column:
    """Return the verdict on one column by its header and its cells."""
    kind, confidence, reason, layout = _weigh(profile, said)
    if kind in DATE_KINDS and not layout:
        layout = content.layout_of(profile)[0]
    role = said.role if said.role is not None and kind not in _NOBODYS else _role(kind)
    return Column(index, name, kind, role, round(min(confidence, 0.99), 3), reason, layout)


_NOBODYS = frozenset({Kind.EMPTY, Kind.CONSTANT, Kind.TIMESTAMP, Kind.FILE_NAME, Kind.AMOUNT})
"""Kinds that describe the record, whatever person its header names."""


def _weigh(profile: Profile, said: Said) -> tuple[Kind, float, Reason, str]:
    params: tuple[tuple[str, str | int | float], ...] = ()
    if not profile.filled:
        params = (("header", said.kind.value),) if said.kind else ()
        return Kind.EMPTY, 0.99, Reason("empty_header" if said.kind else "empty", params), ""
    if said.kind is None or said.kind is Kind.EMPTY:
        return _by_content(content.guess(profile))
    shares: list[float] = []
    least = _BORNE_OUT
    for reading in (*said.readings, *_twins(said)):
        if reading.kind is Kind.UNKNOWN:
            # What else the header says must then be plain in the cells: "code postal (CEDEX)".
            least = _PLAIN
            continue
        share, layout = borne_out(profile, reading)
        if share >= least and (least == _BORNE_OUT or reading.hint or reading.kind in _STRICT):
            return _by_header(profile, reading, share, layout)
        shares.append(share)
    if least == _PLAIN:
        return _nameless(profile)
    found = content.guess(profile)
    if found.confidence >= 0.4 and found.kind not in {Kind.UNKNOWN, said.kind}:
        params = (("header", said.kind.value), ("kind", found.kind.value), *_share(found.share))
        return found.kind, found.confidence * 0.95, Reason("header_contradicted", params), found.layout
    params = (("header", said.kind.value), *_share(shares[0]))
    return Kind.UNKNOWN, 0.3, Reason("header_not_borne_out", params), ""


def _twins(said: Said) -> tuple[Reading, ...]:
    """Return what a word for a place may mean besides its name: "commune" its INSEE code."""
    return tuple(replace(one, kind=Kind.INSEE_COMMUNE, hint=False) for one in said.readings if one.kind is Kind.COMMUNE)


def _nameless(profile: Profile) -> tuple[Kind, float, Reason, str]:
    """Return the verdict under a header that says something for which there is no kind ("canton").

    What cells hold by their shape stands; what words and lists only suggest does not: cantons are called like communes.
    """
    found = content.guess(profile)
    if found.code in {"list", "lexicon", "words"} and found.kind not in GENERAL:
        return Kind.UNKNOWN, 0.6, Reason("header_no_kind"), ""
    return _by_content(found)


def _share(share: float) -> tuple[tuple[str, str | int | float], ...]:
    return (("percent", round(100 * share)),)


def _by_content(found: Guess) -> tuple[Kind, float, Reason, str]:
    return found.kind, found.confidence, Reason(found.code, _share(found.share)), found.layout


def _by_header(profile: Profile, reading: Reading, share: float, layout: str) -> tuple[Kind, float, Reason, str]:
    """Return the header's kind, or the cells' where those are sure of something else or more particular."""
    kind = reading.kind
    if kind in {Kind.LANDLINE, Kind.MOBILE, Kind.PHONE}:
        kind = _line(profile, kind)
    elif _needs_second_look(profile, kind, share):
        found = content.guess(profile)
        if _outweighs(found, reading, profile):
            params = (("header", kind.value), ("kind", found.kind.value), *_share(found.share))
            code = "more_particular" if kind in GENERAL else "header_contradicted"
            return found.kind, found.confidence * 0.98, Reason(code, params), found.layout
    confidence = 0.4 + 0.35 * reading.strength + 0.24 * share
    return (
        kind,
        confidence,
        Reason("header", (("header", kind.value), *_share(share))),
        layout * (kind in DATE_KINDS),
    )


def _line(profile: Profile, kind: Kind) -> Kind:
    """Return the kind of line: the cells' word when they agree, the header's when they are mixed."""
    told = content.line(profile)
    return told if told is not Kind.PHONE else kind


def _needs_second_look(profile: Profile, kind: Kind, share: float) -> bool:
    """Tell whether the cells should be asked at all: not where the kind's own shape leaves no doubt."""
    lenient = kind in GENERAL or kind not in _STRICT
    return lenient or share < 0.9 or profile.distinct == 1


_STRICT = frozenset({
    Kind.NIR, Kind.INS, Kind.SEX, Kind.TITLE, Kind.EMAIL, Kind.RPPS, Kind.FINESS, Kind.BLOOD_GROUP, Kind.CIP, Kind.UCD,
    Kind.ATC, Kind.CIM10, Kind.LOINC, Kind.PASSWORD_HASH, Kind.IBAN, Kind.CARD, Kind.IP, Kind.SIREN, Kind.SIRET,
    Kind.URL, Kind.POSTCODE, Kind.INSEE_COMMUNE, Kind.ALD, Kind.ADELI, *(DATE_KINDS - {Kind.DATE}),
})  # fmt: skip


_LISTS = frozenset({Kind.REGION, Kind.DEPARTEMENT, Kind.COUNTRY})
_NUMBERED = frozenset({Kind.SIREN, Kind.SIRET, Kind.FINESS, Kind.RPPS})


def _outweighs(found: Guess, reading: Reading, profile: Profile) -> bool:
    """Tell whether the cells' guess takes the place of a header's kind that could hold."""
    kind = reading.kind
    if found.kind is kind or found.kind in GENERAL:
        return False
    if _unmistakable(found, kind, profile):
        return True
    if any(kind in alike and found.kind in alike for alike in _ALIKE):
        return False
    if kind in GENERAL:
        # "valeur", "code", "date": words that fit many columns; but a comment or a result may hold nearly anything.
        sure = found.confidence >= (_SURE if reading.strength < 1 else 0.9)
        return sure and found.kind not in {Kind.BOOLEAN, Kind.SEX}
    return found.confidence >= 0.9


def _unmistakable(found: Guess, kind: Kind, profile: Profile) -> bool:
    """Tell whether the cells are sure of what the header's word covers too: "nom" of a region, "code" of a commune."""
    if found.kind in {Kind.EMAIL, Kind.URL}:
        return kind is not Kind.LOGIN and found.share >= 0.8
    if found.kind in _LISTS and found.share >= 0.9:
        loose = kind in {Kind.SURNAME, Kind.FULL_NAME, *_LISTS} and profile.distinct > 1
        town = kind is Kind.COMMUNE and profile.share(places.commune_folded, folded=True) < 0.5
        return loose or town or kind is Kind.ADDRESS
    if kind is Kind.SURNAME and found.kind is Kind.COMMUNE:
        return found.share >= 0.95 and profile.distinct >= 8 and profile.share(_several, folded=True) >= 0.25
    if found.kind is Kind.ADDRESS:
        return found.share >= 0.8 and kind in {Kind.RESULT, Kind.IDENTIFIER}
    return kind is Kind.IDENTIFIER and _numbers_known(found, profile)


def _numbers_known(found: Guess, profile: Profile) -> bool:
    """Tell whether identifiers are surely those of an enterprise, by their key, or of communes, by their list."""
    if found.kind in _NUMBERED:
        return found.code == "key_right" and found.share >= 0.9
    known = found.kind is Kind.INSEE_COMMUNE and profile.share(places.insee_known) >= 0.95
    return known and profile.share(places.postcode_known) <= 0.5


def _several(word: str) -> bool:
    return " " in word
