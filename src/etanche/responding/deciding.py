"""The story of `etanche decide`: a named person's decision under article 33 or 34, written down for good.

Rules, in the order in which they apply:

1. A decision is one controller's, of those that `etanche respond` worked out; the case needs no file and no key.
2. All decisions of a file are checked before one is written.
3. `decision-CODE-ARTICLE.json` is the decision that holds.  A new one takes its place and says which it supersedes; the
   old one stays as `decisions/CODE-ARTICLE-NUMBER.json`.  The same decision again, on the same facts, changes nothing.
4. Each is in the custody log, with its hash, before it is said to have been taken.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any
from zoneinfo import ZoneInfo

from etanche.case import CENSUS
from etanche.casefile import CaseFolder, Event
from etanche.casework import read_census
from etanche.config import Config
from etanche.errors import ExitCode, UserError
from etanche.respond import decision, decision_table
from etanche.respond.decision import Asked
from etanche.responding import kept
from etanche.responding.decision_page import decision_page
from etanche.responding.files import RESULT, result_of, written

__all__ = [
    "Asked",
    "Taken",
    "check_place",
    "current",
    "decide",
    "decide_all",
    "decisions_of",
    "entry_of_code",
    "history",
    "write_pages",
]

_SAME = ("outcome", "exception", "by", "role", "reasons", "severity", "census_sha256")
FOLDER = "decisions"
"""Where superseded decisions are kept."""
_SCORE = ("dpc", "ei", "cb", "score", "band")
_DUTIES = {"33": "notify_authority", "34": "tell_persons"}
_NAMED = 20
"""Controllers that a refusal names."""
_GRAVE = frozenset({"high", "very_high"})


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of one decision."""

    document: dict[str, Any]
    """The decision that holds now."""
    written: bool
    """False: it was taken before, word for word."""
    warnings: tuple[str, ...]
    """Codes of `words/<language>/decide.toml`, `warning`."""


def decide(path: Path, controller: str, asked: Asked, config: Config) -> Taken:
    """Write one decision down; `UserError`: nothing worked out yet (3), no such controller or decision (2)."""
    return _decide_each(path, ((controller, asked, None),), None, config)[0]


def decide_all(path: Path, data: bytes, shown: str, config: Config) -> tuple[Taken, ...]:
    """Write the decisions of a CSV file down, all or none of them."""
    lines = decision_table.read(data, shown)
    return _decide_each(path, [(line.controller, line.asked, line.number) for line in lines], shown, config)


def _decide_each(
    path: Path, asked: Sequence[tuple[str, Asked, int | None]], shown: str | None, config: Config
) -> tuple[Taken, ...]:
    now = config.now()
    with CaseFolder.open(path, config) as case:
        document = worked_out(case)
        severity, census = score_of(case)
        new = []
        for controller, each, line in asked:
            try:
                entry = entry_of_code(document, controller)
                found = decision.decided(each, ZoneInfo(entry["zone"]), now)
            except UserError as error:
                if line is None:
                    raise
                raise UserError("decide_line", ExitCode.USAGE, path=shown or "", line=line, why=error.code) from error
            own = worksheet_score(case, entry["code"])
            new.append(
                {
                    **found.document(entry["code"]),
                    "severity": own or severity,
                    "census_sha256": census,
                    "written": now.isoformat(timespec="seconds"),
                    "law": _law(),
                }
            )
        dated = [each.date for _, each, _ in asked]
        before = [current(case, each["code"], each["article"]) for each in new]
        entries = [entry_of_code(document, each["code"]) for each in new]
        return tuple(
            _written(case, each, old, entry, date is not None)
            for each, old, entry, date in zip(new, before, entries, dated, strict=True)
        )


def _written(
    case: CaseFolder, new: dict[str, Any], old: dict[str, Any], entry: Mapping[str, Any], dated: bool
) -> Taken:
    same = (*_SAME, "at") if dated else _SAME
    if old and all(old[key] == new[key] for key in same):
        return Taken(old, written=False, warnings=_warnings(old, entry))
    whole = kept.put(
        case,
        name_of(new["code"], new["article"]),
        FOLDER,
        new,
        Event.DECIDED,
        controller=new["code"],
        article=new["article"],
        outcome=new["outcome"],
        exception=new["exception"],
        decided_by=f"{new['by']}, {new['role']}",
        at=new["at"],
    )
    return Taken(whole, written=True, warnings=_warnings(whole, entry))


def name_of(code: str, article: str) -> str:
    """Return the result that holds a controller's decision under an article."""
    return f"decision-{code}-{article}.json"


def _warnings(document: Mapping[str, Any], entry: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what a person ought to look at again: a high score, or what was filed, says otherwise; a clock runs on."""
    silent = document["outcome"] in {"not_notify", "not_inform"}
    grave = (document["severity"] or {}).get("band") in _GRAVE
    filed = next((duty for duty in entry["duties"] if duty["duty"] == _DUTIES[document["article"]]), None)
    done = filed is not None and (filed["filed"] or filed["receipt"])
    said = {
        "score_high": silent and grave and document["exception"] is None,
        "filed": silent and done,
        "later_runs": document["outcome"] == "later",
    }
    return tuple(code for code, holds in said.items() if holds)


def _law() -> dict[str, Any]:
    file = decision.law_of_decisions()
    reviewed = file.get("reviewed")
    return {
        "title": file["title"],
        "written": file["written"].isoformat(),
        "reviewed": None if reviewed is None else reviewed.isoformat(),
        "mark": file["mark"],
    }


def worked_out(case: CaseFolder) -> dict[str, Any]:
    """Return `respond.json` of a case; `UserError` (3) where nothing was worked out yet."""
    document = result_of(case, RESULT)
    if not document:
        raise UserError("respond_none", ExitCode.UNREADABLE, path=str(case.path))
    return document


def entry_of_code(document: dict[str, Any], controller: str) -> dict[str, Any]:
    """Return the part of a controller by its code, in whatever case; `UserError` (usage) for one that is not there."""
    known = {entry["code"].lower(): entry for entry in document["controllers"]}
    wanted = controller.strip().lower()
    if wanted in known:
        found: dict[str, Any] = known[wanted]
        return found
    # Codes of laboratories differ by a figure: the nearest one is as likely another's.
    codes = [entry["code"] for entry in known.values()]
    listed = ", ".join(codes[:_NAMED]) + ("…" if len(codes) > _NAMED else "")
    raise UserError("decide_controller", ExitCode.USAGE, known=listed)


def score_of(case: CaseFolder) -> tuple[dict[str, Any] | None, str | None]:
    """Return the severity of the census and the hash of the census; None twice in a case without a file."""
    if CENSUS not in case.summary.results:
        return None, None
    found = read_census(case).get("severity")
    digest = case.summary.results[CENSUS].sha256
    return ({**{key: found[key] for key in _SCORE}, "from": "census"} if found else None), digest


def worksheet_score(case: CaseFolder, code: str) -> dict[str, Any] | None:
    """Return the score of a controller's own worksheet; None where it has none."""
    found = result_of(case, f"severity-{code}.json")
    return {**{key: found["result"][key] for key in _SCORE}, "from": "worksheet"} if found else None


def current(case: CaseFolder, code: str, article: str) -> dict[str, Any]:
    """Return the decision that holds, empty where none was taken; `UserError` (5) for one changed by hand."""
    return result_of(case, name_of(code, article))


def history(case: CaseFolder, code: str, article: str) -> list[dict[str, Any]]:
    """Return every decision of a controller under an article, the first one first."""
    return kept.every(case, name_of(code, article), FOLDER)


def check_place(path: Path, to: Path) -> None:
    """Refuse a place for pages before anything is decided: within the case (5), or that cannot be written (1)."""
    kept.outside(to, path)
    above = next(each for each in (to.absolute(), *to.absolute().parents) if each.exists())
    try:
        # A folder that is still to be made is made by the pages: none is left behind where the decision is refused.
        with TemporaryFile(dir=above):
            pass
    except OSError as error:
        problem = os.strerror(error.errno or 0)
        raise UserError("respond_cannot_write", ExitCode.FAILED, path=str(to), problem=problem) from None


def write_pages(path: Path, taken: Sequence[Taken], to: Path, config: Config) -> tuple[Path, ...]:
    """Write each decision as a page to be signed, to `to/CODE/decisions/`; return the files.

    A page that is there stays: a decision is known by its number, and somebody may have completed its page.
    `UserError` (1) for one that cannot be written says that the decisions stand.
    """
    kept.outside(to, path)
    with CaseFolder.open(path, config) as case:
        names = {entry["code"]: entry["name"] for entry in worked_out(case)["controllers"]}
    files: dict[Path, bytes] = {}
    for each in taken:
        said = each.document
        page = decision_page(said, names[said["code"]], said["number"], config)
        place = to / said["code"] / FOLDER
        found = page.files(f"{said['article']}-{said['number']}", config.now())
        files |= {place / name: content for name, content in found.items()}
    try:
        for file, content in files.items():
            if not file.exists():
                written(file, content)
    except UserError as error:
        raise UserError("decide_page", error.exit_code, **error.params) from error
    return tuple(files)


def decisions_of(path: Path, config: Config) -> list[dict[str, Any]]:
    """Return the decisions that hold in a case, by controller and article."""
    with CaseFolder.open(path, config) as case:
        document = worked_out(case)
        found = [current(case, entry["code"], article) for entry in document["controllers"] for article in ("33", "34")]
    return [each for each in found if each]
