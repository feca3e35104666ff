"""How grave: ENISA, "Recommendations for a methodology of the assessment of severity of personal data breaches" (2013).

SE = DPC x EI + CB, rules in the order in which they apply:

1. DPC, data processing context, 1 to 4, by the gravest category found: sensitive 4, financial 3, behavioural 2,
   simple 1; simple data that suggest health (the list of a laboratory's patients does) or that profile count more.
2. EI, ease of identification: 1 with full identity or a NIR beside a name, .75 with one strong identifier, .5 with
   partial traits, .25 with hardly any.
3. CB, circumstances: loss of confidentiality to unknown recipients .5, to known ones .25; integrity and availability
   0 to .5 each; malice .5.
4. Bands: under 2 low, under 3 medium, under 4 high, 4 and more very high.  More than 100 persons and unintelligible
   data are flags, not numbers.

The score never replaces the test of GDPR art. 33 and 34: a person decides, and writes the reason.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from etanche.model import Category, Kind, Reason, Severity

_DPC_SIMPLE, _DPC_SUGGESTS_HEALTH, _DPC_FINANCIAL, _DPC_SENSITIVE = 1, 3, 3, 4
_NAMES = frozenset({Kind.SURNAME, Kind.BIRTH_NAME, Kind.FULL_NAME})
_STRONG = frozenset({Kind.NIR, Kind.INS, Kind.EMAIL, Kind.MOBILE, Kind.IBAN, Kind.CARD})
_SUPPORTING = frozenset({Kind.BIRTH_DATE, Kind.ADDRESS, Kind.FIRST_NAME, Kind.LANDLINE, Kind.PHONE})
_WEAK = frozenset({Kind.POSTCODE, Kind.COMMUNE, Kind.SEX, Kind.LOGIN, Kind.IP, Kind.DEVICE, Kind.IDENTIFIER})


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What is known of the breach itself; the defaults are those of a file found on the web."""

    confidentiality: float = 0.5
    """0, .25 (known recipients) or .5 (unknown ones)."""
    integrity: float = 0.0
    availability: float = 0.0
    malicious: bool = True

    def __post_init__(self) -> None:
        """Refuse points that the method does not know."""
        for points in (self.confidentiality, self.integrity, self.availability):
            if points not in (0.0, 0.25, 0.5):
                raise ValueError(points)


def severity(
    kinds: Collection[Kind],
    categories: Mapping[Category, int],
    persons: int,
    circumstances: Circumstances,
    *,
    unintelligible: bool = False,
) -> Severity:
    """Return the score, its terms and what each rests on.

    `kinds` are those with at least one filled cell in the file, `categories` persons by category.
    """
    dpc, dpc_reason = _context(kinds, categories)
    ei, ei_reason = _identification(kinds)
    cb, cb_reasons = _circumstances(circumstances)
    if unintelligible:
        ei = 0.25
    score = dpc * ei + cb
    flags = (("over_100_persons",) if persons > 100 else ()) + (("unintelligible",) if unintelligible else ())
    return Severity(dpc, ei, cb, score, band(score), (dpc_reason, ei_reason, *cb_reasons), flags)


def band(score: float) -> str:
    """Return the name of the score's band."""
    for limit, name in ((2, "low"), (3, "medium"), (4, "high")):
        if score < limit:
            return name
    return "very_high"


def _context(kinds: Collection[Kind], categories: Mapping[Category, int]) -> tuple[int, Reason]:
    held = {category for category, persons in categories.items() if persons}
    if held & {Category.HEALTH, Category.GENETIC, Category.SEX_LIFE, Category.OFFENCES}:
        return _reason("dpc_sensitive", _DPC_SENSITIVE, sorted(held & set(_SENSITIVE)))
    if Category.FINANCIAL in held:
        return _reason("dpc_financial", _DPC_FINANCIAL, [Category.FINANCIAL])
    if set(kinds) & {Kind.LABORATORY, Kind.NIR, Kind.INS, Kind.INSURER, Kind.AMC}:
        # That someone was a laboratory's patient suggests their state of health (simple, +2).
        return _reason("dpc_suggests_health", _DPC_SUGGESTS_HEALTH, sorted(held))
    return _reason("dpc_simple", _DPC_SIMPLE, sorted(held))


_SENSITIVE = (Category.HEALTH, Category.GENETIC, Category.SEX_LIFE, Category.OFFENCES)


def _reason(code: str, points: int, held: Collection[str]) -> tuple[int, Reason]:
    return points, Reason(code, (("points", points), ("kinds", ", ".join(held))))


def _identification(kinds: Collection[Kind]) -> tuple[float, Reason]:
    names, strong = _NAMES & set(kinds), _STRONG & set(kinds)
    supporting, weak = _SUPPORTING & set(kinds), _WEAK & set(kinds)
    if names and (strong or supporting):
        found, points, code = names | strong | supporting, 1.0, "ei_full_identity"
    elif strong:
        found, points, code = strong, 0.75, "ei_identifier"
    elif names or len(supporting | weak) > 1:
        found, points, code = names | supporting | weak, 0.5, "ei_partial"
    else:
        found, points, code = supporting | weak, 0.25, "ei_weak"
    return points, Reason(code, (("points", points), ("kinds", ", ".join(sorted(found)))))


def _circumstances(circumstances: Circumstances) -> tuple[float, list[Reason]]:
    known = "cb_confidentiality_known_recipients"
    unknown = "cb_confidentiality_unknown_recipients"
    points = [
        (known if circumstances.confidentiality == 0.25 else unknown, circumstances.confidentiality),
        ("cb_integrity", circumstances.integrity),
        ("cb_availability", circumstances.availability),
        ("cb_malicious", 0.5 if circumstances.malicious else 0.0),
    ]
    counted = [(code, share) for code, share in points if share]
    return sum(share for _, share in counted), [
        Reason(code, (("points", share), ("kinds", ""))) for code, share in counted
    ]
