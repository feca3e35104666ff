"""What is drafted for each controller, from the census, its own list of persons and its own line."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from etanche import respond
from etanche.case import CENSUS
from etanche.casefile import CaseFolder
from etanche.casework import read_census
from etanche.responding.deciding import current
from etanche.responding.files import FORMAT, json_bytes, result_of
from etanche.responding.papers import Folder, Job, Papers, papers_of_job
from etanche.workers import ordered

_FEW = 6
"""Controllers for which no further process is worth its start."""
_CONTROLLERS = 40
"""Controllers after which processes end."""
_SEEN = ("rows", "persons", "quarantined", "minors")
_LEAKED = frozenset({"controllers", "registry", "decision"})
"""What an input may be besides the leak."""
_COUNTS = {"nir": "distinct", "password": "rows", "password_hash": "rows", "email": "rows"}


def drafts_of(
    case: CaseFolder,
    found: tuple[respond.Controller, ...],
    document: dict[str, Any],
    *,
    to: Path | None,
    languages: Sequence[str],
    now: datetime,
    workers: int,
    progress: Callable[[str, int, int], None],
) -> dict[str, dict[str, bytes]]:
    """Return the files of each controller, by its code; what is blank, kept and written goes to its entry.

    Documents name the controller's own people: with no place to write them to (`to`), none is made.
    """
    census = read_census(case) if CENSUS in case.summary.results else None
    seen = dict(_seen(census)) if census else {}
    linked = linked_persons(case)
    claim = (document["claim"] or {}).get("persons") if len(found) == 1 else None
    told = _told(case)
    drafts: dict[str, dict[str, bytes]] = {}
    jobs: list[Job] = []
    for controller, entry in zip(found, document["controllers"], strict=True):
        facts = respond.stated(respond.facts_of(census, controller) if census else respond.Facts(), controller)
        if controller.code in linked:
            least, most, source = linked[controller.code]
            facts = replace(facts, persons=(least, most), persons_from=source)
        elif claim:
            facts = replace(facts, persons=(claim["least"], claim["most"]), persons_from="respond.json: claim.persons")
        taken = {article: current(case, controller.code, article) for article in ("33", "34")}
        facts = replace(facts, decisions=taken)
        given, files = _notified(controller, facts, entry)
        if to is None:
            continue
        folder = Folder.of(to / controller.code)
        initial = folder.initial(controller.code) if respond.filed(controller) else None
        dossier = respond.Dossier(controller, entry["duties"], facts, seen, told, given, initial, now)
        jobs.append((dossier, entry["authority"], folder, tuple(languages)))
        drafts[controller.code] = files
    entries = {entry["code"]: entry for entry in document["controllers"]}
    for place, (job, papers) in enumerate(zip(jobs, _written(jobs, workers), strict=True), start=1):
        code = job[0].controller.code
        entries[code] |= {"documents": papers.documents, "kept": list(papers.kept)}
        drafts[code] |= papers.files
        progress("documents", place, len(jobs))
    return drafts


def _written(jobs: Sequence[Job], workers: int) -> Iterator[Papers]:
    """Yield what is written for each controller, in order.

    Typst keeps what it has laid out, so that a process ends after a few controllers.
    """
    several = workers if len(jobs) >= _FEW else 1
    yield from ordered(papers_of_job, jobs, several, each=_CONTROLLERS, needs=("typst",))


def linked_persons(case: CaseFolder) -> dict[str, tuple[int, int, str]]:
    """Return how many persons of each registry are in the leak, by the name of its list: least, most, source."""
    found = {}
    for name in case.summary.results:
        if name.startswith("link-") and name.endswith(".json"):
            said = result_of(case, name)
            least = int(said["notify"])
            found[str(said["name"])] = (least, least + int(said["review"]), f"{name}: notify, review")
    return found


def _seen(census: Mapping[str, Any]) -> Iterator[tuple[str, int | str]]:
    """Yield figures of the whole file, none of which names anybody."""
    for key in _SEEN:
        if isinstance(census.get(key), int):
            yield key, census[key]
    for kind, key in _COUNTS.items():
        if (count := (census["counts"].get(kind) or {}).get(key)) is not None:
            yield f"counts.{kind}.{key}", count


def _told(case: CaseFolder) -> dict[str, str]:
    """Return what the case says of itself: its number, when it was opened, the hash of the leak's first file."""
    leak = next((each for each in case.summary.inputs if each.get("what") not in _LEAKED), {})
    return {"id": case.summary.case_id, "created": case.summary.created[:16], "sha256": str(leak.get("sha256", ""))}


def _notified(
    controller: respond.Controller, facts: respond.Facts, entry: dict[str, Any]
) -> tuple[tuple[respond.Answer, ...], dict[str, bytes]]:
    """Return the answers of a controller's notification, and its files for machines; the blanks go to its entry."""
    states = {duty["duty"]: duty["state"] for duty in entry["duties"]}
    late = states.get("notify_authority") in {respond.State.LATE, respond.State.DONE_LATE}
    given = respond.answers(controller, facts, entry["authority"], late)
    fields = respond.edpb(controller, facts, late)
    blank = {"questions": [each.code for each in given if each.text is None], "edpb": respond.unanswered(fields)}
    entry["blank"] = blank["questions"]
    said = {"format": FORMAT, "code": controller.code, "answers": [asdict(each) for each in given], "blank": blank}
    # What was drafted before the authority was notified stays as it was: the next is complementary.
    name = "notification-complementary" if respond.filed(controller) else "notification"
    return given, {f"{name}.json": json_bytes(said), f"{name}-edpb.json": json_bytes(fields)}
