"""The story of `etanche exposure`: the ceilings of the fines of one controller, for counsel alone.

Rules, in the order in which they apply:

1. The sheet goes to the privileged folder of the controller (`OUT/CODE/privileged/`), which no file for an inspector
   includes.  Nothing of it lies in the case.
2. The log says that it was worked out, for whom, and the hash of the sheet: neither turnover nor ceiling.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from etanche.casefile import CaseFolder, Event
from etanche.config import Config
from etanche.report.speech import Speech
from etanche.respond import exposure, sheet
from etanche.responding import kept
from etanche.responding.deciding import entry_of_code, worked_out
from etanche.responding.files import json_bytes, written

PRIVILEGED = "privileged"
"""The folder of what counsel alone should see."""
_NAME = "exposure"


@dataclass(frozen=True, slots=True)
class Exposed:
    """What came out."""

    document: dict[str, Any]
    files: tuple[Path, ...]


def expose(path: Path, controller: str, turnover: str, to: Path | None, config: Config) -> Exposed:
    """Work out the ceilings of a controller, and write them to its privileged folder below `to`.

    Raises `UserError`: nothing worked out yet (3), no such controller, a turnover that is none (2), a place within the
    case (5).
    """
    if to is not None:
        kept.outside(to, path)
    known = exposure.turnover(turnover)
    with CaseFolder.open(path, config) as case:
        entry = entry_of_code(worked_out(case), controller)
        document = exposure.document(entry["code"], known)
        files = sheet_of(document, entry, config).files(_NAME, config.now())
        digest = sha256(files[f"{_NAME}.md"]).hexdigest()
        case.log(Event.EXPOSURE_SHOWN, controller=entry["code"], sha256=digest)
    if to is None:
        return Exposed(document, ())
    place = to / entry["code"] / PRIVILEGED
    files[f"{_NAME}.json"] = json_bytes(document)
    for name, content in files.items():
        written(place / name, content)
    return Exposed(document, tuple(place / name for name in files))


def sheet_of(document: Mapping[str, Any], entry: Mapping[str, Any], config: Config) -> sheet.Sheet:
    """Return the ceilings as a page."""
    speech = Speech(config.language)
    words = speech.words
    values: dict[str, str | sheet.Block] = {
        "name": entry["name"],
        "code": entry["code"],
        "day": config.now().astimezone(ZoneInfo(entry["zone"])).date().isoformat(),
        "turnover": span(document["turnover"], speech) if document["turnover"] else words("decide.exposure.unknown"),
    }
    header = [words(f"decide.exposure.{name}") for name in ("tier", "amount", "share", "ceiling")]
    values["ceilings"] = sheet.table(header, [_row(tier, document, speech) for tier in document["tiers"]])
    for tier in exposure.tiers():
        values[tier.code] = sheet.bullets(f"{duty['article']} – {duty[speech.language]}" for duty in tier.duties)
        values[f"threshold_{tier.code}"] = euros(tier.threshold, speech)
    if document["turnover"] is None:
        values["formula"] = ""
    return sheet.sheet(_NAME, speech.language, values)


def _row(tier: Mapping[str, Any], document: Mapping[str, Any], speech: Speech) -> list[str]:
    amount = euros(tier["euros"], speech)
    if document["turnover"] is None:
        ceiling = speech.words("decide.exposure.formula", amount=amount, percent=tier["percent"])
    else:
        ceiling = span(tier["ceiling"], speech)
    name = f"{speech.words('decide.exposure.' + tier['tier'])} ({tier['article']})"
    return [name, amount, f"{tier['percent']} %", ceiling]


def span(ends: Mapping[str, int], speech: Speech) -> str:
    """Return an amount, or the two that it lies between."""
    least, most = euros(ends["least"], speech), euros(ends["most"], speech)
    return least if least == most else f"{least} – {most}"


def euros(amount: int, speech: Speech) -> str:
    """Return an amount as it is written in a language."""
    number = speech.number(amount)
    return f"{number} €" if speech.french else f"€{number}"


def lines(document: Mapping[str, Any], language: str) -> list[str]:
    """Return a line for each tier, and what a ceiling is not."""
    speech = Speech(language)
    told = [": ".join((row[0], row[3])) for row in (_row(tier, document, speech) for tier in document["tiers"])]
    return [*told, speech.words("decide.exposure.no_forecast")]
