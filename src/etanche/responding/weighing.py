"""The story of `etanche severity`: the worksheet of one controller, each choice with its reason, and EDPB examples.

Rules, in the order in which they apply:

1. The terms are those of the census, or those that a named person states with a reason; any may be changed.
2. `severity-CODE.json` is the worksheet that holds; the old one stays as `severities/CODE-NUMBER.json`.
3. Nothing is written to the case where nothing was stated: the worksheet of the census needs no keeping.
4. What the worksheet says is put beside a decision.  It decides nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from etanche.case import CENSUS
from etanche.casefile import CaseFolder, Event
from etanche.casework import read_census
from etanche.config import Config
from etanche.errors import ExitCode, UserError
from etanche.report.speech import Speech
from etanche.respond import edpb_cases, sheet, worksheet
from etanche.respond.decision import reasons_of, signatory
from etanche.responding import kept
from etanche.responding.deciding import entry_of_code, worked_out
from etanche.responding.files import result_of, written

FOLDER = "severities"
SHEET = "severity"


@dataclass(frozen=True, slots=True)
class Weighing:
    """What `etanche severity` was asked."""

    case: Path
    controller: str
    stated: Mapping[str, tuple[str, str]]
    """What is stated of a term, and why, by its name (`dpc`, `ei`, `cb`)."""
    by: str | None = None
    marks: frozenset[str] = frozenset()
    """Marks of the breach besides those that the case shows."""
    to: Path | None = None


@dataclass(frozen=True, slots=True)
class Weighed:
    """What came out."""

    document: dict[str, Any]
    kept: bool
    """Whether it is a worksheet of its own, which the case keeps."""
    files: tuple[Path, ...]


def weigh(request: Weighing, config: Config) -> Weighed:
    """Fill in the worksheet of a controller.

    Raises `UserError`: nothing worked out yet (3); a choice that is none, no name, no reason (2); a place within the
    case (5).
    """
    if request.to is not None:
        kept.outside(request.to, request.case)
    by = _by(request)
    stated = {
        name: worksheet.Stated(name, chosen, reasons_of(why), *by) for name, (chosen, why) in request.stated.items()
    }
    if unknown := request.marks - edpb_cases.marks():
        known = ", ".join(sorted(edpb_cases.marks()))
        raise UserError("severity_mark", ExitCode.USAGE, name=min(unknown), known=known)
    with CaseFolder.open(request.case, config) as case:
        said = worked_out(case)
        entry = entry_of_code(said, request.controller)
        document = result_of(case, f"{SHEET}-{entry['code']}.json")
        if stated or request.marks or not document:
            before = worksheet.stated_in(document)
            found = _document(case, entry, said, {**before, **stated}, request.marks, config)
            document = _keep(case, found, by) if stated else {**document, **found}
        files = _written(document, entry, config, request.to)
    return Weighed(document, bool(document.get("number")), files)


def _by(request: Weighing) -> tuple[str, str]:
    if request.stated and not request.by:
        raise UserError("severity_by", ExitCode.USAGE)
    return signatory(request.by) if request.by else ("", "")


def _document(
    case: CaseFolder,
    entry: Mapping[str, Any],
    said: Mapping[str, Any],
    stated: Mapping[str, worksheet.Stated],
    marks: frozenset[str],
    config: Config,
) -> dict[str, Any]:
    census = read_census(case) if CENSUS in case.summary.results else None
    claim = said["claim"] or {}
    own = marks | edpb_cases.marks_of(census, claim.get("basis"), claim.get("persons"))
    return {
        "format": worksheet.FORMAT,
        "code": entry["code"],
        **worksheet.filled(census["severity"] if census else None, stated),
        "marks": sorted(own),
        "cases": [_alike(each) for each in edpb_cases.closest(own)],
        "at": config.now().astimezone(ZoneInfo(entry["zone"])).isoformat(timespec="seconds"),
        "census_sha256": case.summary.results[CENSUS].sha256 if census else None,
        "law": {
            name: {"title": file["title"], "source": file["source"], "written": file["written"].isoformat()}
            for name, file in (("method", worksheet.method()), ("examples", edpb_cases.file()))
        },
    }


def _alike(found: edpb_cases.Resemblance) -> dict[str, Any]:
    return {
        "number": found.example.number,
        "authority": found.example.authority,
        "persons": found.example.persons,
        "likeness": found.likeness,
        "shared": list(found.shared),
        "only_there": list(found.only_there),
        "only_here": list(found.only_here),
    }


def _keep(case: CaseFolder, document: dict[str, Any], by: tuple[str, str]) -> dict[str, Any]:
    changed = " ".join(term["term"] for term in document["terms"] if term["from"] == "person")
    return kept.put(
        case,
        f"{SHEET}-{document['code']}.json",
        FOLDER,
        document,
        Event.SCORED,
        controller=document["code"],
        score=f"{document['result']['score']:g}",
        changed=changed,
        decided_by=", ".join(by),
    )


def _written(
    document: Mapping[str, Any], entry: Mapping[str, Any], config: Config, to: Path | None
) -> tuple[Path, ...]:
    if to is None:
        return ()
    place = to / entry["code"] / "documents"
    files = sheet_of(document, entry["name"], config.language).files(SHEET, config.now())
    for name, content in files.items():
        written(place / name, content)
    return tuple(place / name for name in files)


def sheet_of(document: Mapping[str, Any], name: str, language: str) -> sheet.Sheet:
    """Return the worksheet as a page."""
    speech, method, result = Speech(language), worksheet.method(), document["result"]
    words = speech.words
    band = {each["code"]: each[language] for each in method["band"]}
    header = [words(f"decide.worksheet.{column}") for column in ("term", "points", "by", "why")]
    rows = [_row(term, speech) for term in document["terms"]]
    values: dict[str, str | sheet.Block] = {
        "name": name,
        "code": document["code"],
        "day": document["at"][:10],
        "method": f"{method['source']} ({method['title']})",
        "score": speech.decimal(result["score"]),
        "band": band[result["band"]],
        **{term: speech.decimal(result[term]) for term in worksheet.TERMS},
        "terms": sheet.table(header, rows),
        **{f"{term}_choices": sheet.bullets(_choices(method[term], speech)) for term in worksheet.TERMS},
        "bands": sheet.bullets(band.values()),
        "marks": _marks(document["marks"], language) or "-",
        "cases_source": f"{edpb_cases.file()['source']}, {edpb_cases.file()['title']}",
        "cases": _cases(document["cases"], speech),
    }
    if document["census_sha256"]:
        values["whole"] = ""
    if result["flags"]:
        values["flags"] = ", ".join(words(f"decide.worksheet.flag_{flag}") for flag in result["flags"])
    return sheet.sheet(SHEET, language, values)


def _row(term: Mapping[str, Any], speech: Speech) -> list[str]:
    words = speech.words
    reasons = "; ".join(speech.severity_reason(each) for each in term["census_reasons"])
    points = speech.decimal(term["points"])
    if term["from"] == "census":
        return [term["term"].upper(), points, words("decide.worksheet.census"), reasons]
    instead = ""
    if term["census"] is not None:
        instead = " " + words("decide.worksheet.instead", points=speech.decimal(term["census"]), why=reasons)
    chosen = f"{points} ({term['chosen']})"
    return [term["term"].upper(), chosen, f"{term['by']}, {term['role']}", f"{term['reason']}{instead}"]


def _choices(choices: Sequence[Mapping[str, Any]], speech: Speech) -> list[str]:
    return [
        (f"{speech.decimal(each['points'])} – " if isinstance(each["points"], int | float) else "")
        + f"{each[speech.language]} ({each['code']})"
        for each in choices
    ]


def _marks(codes: Sequence[str], language: str) -> str:
    named = edpb_cases.file()["word"]
    return ", ".join(named[code][language] for code in codes)


def _cases(cases: Sequence[Mapping[str, Any]], speech: Speech) -> sheet.Block:
    words, language = speech.words, speech.language
    titles = {each.number: each.title[language] for each in edpb_cases.examples()}
    header = [words(f"decide.worksheet.{name}") for name in ("case", "authority", "persons", "shared", "differs")]
    answer = {True: words("decide.worksheet.yes"), False: words("decide.worksheet.no")}
    rows = [
        [
            f"{each['number']}. {titles[each['number']]}",
            answer[each["authority"]],
            answer[each["persons"]],
            _marks(each["shared"], language),
            _marks([*each["only_there"], *each["only_here"]], language),
        ]
        for each in cases
    ]
    return sheet.table(header, rows)


def alike(document: Mapping[str, Any], language: str) -> list[str]:
    """Return a line for each example that a breach resembles."""
    words = Speech(language).words
    answer = {True: words("decide.worksheet.yes"), False: words("decide.worksheet.no")}
    titles = {each.number: each.title[language] for each in edpb_cases.examples()}
    return [
        words(
            "decide.worksheet.alike",
            number=each["number"],
            title=titles[each["number"]],
            authority=answer[each["authority"]],
            persons=answer[each["persons"]],
            shared=_marks(each["shared"], language),
        )
        for each in document["cases"]
    ]
