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
from etanche.respond import scope
from etanche.responding import letters_state
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
    listed: str,
    to: Path | None,
    languages: Sequence[str],
    now: datetime,
    workers: int,
    progress: Callable[[str, int, int], None],
) -> dict[str, dict[str, bytes]]:
    """Return the files of each controller, by its code; what is blank, kept and written goes to its entry.

    Documents name the controller's own people: with no place to write them to (`to`), none is made.  `listed` is the
    SHA-256 of the controllers file.
    """
    census = read_census(case) if CENSUS in case.summary.results else None
    seen = dict(_seen(census)) if census else {}
    linked = linked_persons(case)
    recipients = {code: each["who"] for code, each in letters_state.before(case).items()}
    claim = (document["claim"] or {}).get("persons")
    told = _told(case)
    drafts: dict[str, dict[str, bytes]] = {}
    jobs: list[Job] = []
    for controller, entry in zip(found, document["controllers"], strict=True):
        facts = respond.stated(respond.facts_of(census, controller) if census else respond.Facts(), controller)
        if controller.code in linked:
            facts = replace(facts, **linked[controller.code])
        elif claim:
            shared = scope.CASE if len(found) > 1 else ""
            ends, source = (claim["least"], claim["most"]), "respond.json: claim.persons"
            facts = replace(facts, persons=ends, persons_from=source, persons_scope=shared)
        if who := recipients.get(controller.code):
            facts = replace(facts, recipients=who, recipients_from=f"letters.json: {controller.code}.who")
        taken = {article: current(case, controller.code, article) for article in ("33", "34")}
        facts = replace(facts, decisions=taken)
        versions: dict[str, str | None] = {"date": now.isoformat(timespec="seconds"), "controllers": listed}
        versions |= _versions(case, controller.code)
        given, files = _notified(controller, facts, entry, versions)
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


def linked_persons(case: CaseFolder) -> dict[str, dict[str, Any]]:
    """Return what a link says of the persons of each registry, as of `Facts`, by the name of its list."""
    found = {}
    for name in case.summary.results:
        if name.startswith("link-") and name.endswith(".json"):
            said = result_of(case, name)
            least = int(said["notify"])
            found[str(said["name"])] = {
                "persons": (least, least + int(said["review"])),
                "persons_from": f"{name}: notify, review",
                "persons_scope": scope.REGISTRY,
                "linked_rows": int(said["rows"]),
                "linked_rows_from": f"{name}: rows",
            }
    return found


def _versions(case: CaseFolder, code: str) -> dict[str, str | None]:
    """Return the SHA-256 of each result that a notification may rest on; None for one that there is not."""
    results = case.summary.results
    return {
        name: results[name].sha256 if name in results else None
        for name in (CENSUS, f"link-{code}.json", letters_state.RESULT)
    }


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
    controller: respond.Controller, facts: respond.Facts, entry: dict[str, Any], versions: Mapping[str, str | None]
) -> tuple[tuple[respond.Answer, ...], dict[str, bytes]]:
    """Return the answers of a controller's notification, and its files for machines; the blanks go to its entry."""
    states = {duty["duty"]: duty["state"] for duty in entry["duties"]}
    late = states.get("notify_authority") in {respond.State.LATE, respond.State.DONE_LATE}
    given = respond.answers(controller, facts, entry["authority"], late)
    fields = respond.edpb(controller, facts, late)
    blank = {"questions": [each.code for each in given if each.text is None], "edpb": respond.unanswered(fields)}
    entry["blank"] = blank["questions"]
    told = [asdict(each) for each in given]
    said = {"format": FORMAT, "code": controller.code, "versions": versions, "answers": told, "blank": blank}
    # What was drafted before the authority was notified stays as it was: the next is complementary.
    name = "notification-complementary" if respond.filed(controller) else "notification"
    return given, {f"{name}.json": json_bytes(said), f"{name}-edpb.json": json_bytes(fields)}
