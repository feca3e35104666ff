"""The draft of each controller's notification, from the census, its own list of persons and its own line."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from etanche import respond
from etanche.case import CENSUS
from etanche.casefile import CaseFolder
from etanche.casework import read_census
from etanche.responding.files import FORMAT, json_bytes, result_of


def drafts_of(
    case: CaseFolder, found: tuple[respond.Controller, ...], document: dict[str, Any]
) -> dict[str, dict[str, bytes]]:
    """Return the draft of each controller's notification, by its code; the blanks go to its entry."""
    census = read_census(case) if CENSUS in case.summary.results else None
    linked = linked_persons(case)
    claimed = (document["claim"] or {}).get("persons") if len(found) == 1 else None
    drafts = {}
    for controller, entry in zip(found, document["controllers"], strict=True):
        facts = respond.facts_of(census, controller) if census else respond.Facts()
        persons = linked.get(controller.code) or (claimed and (claimed["least"], claimed["most"]))
        drafts[controller.code] = _draft(controller, replace(facts, persons=persons or None), entry)
    return drafts


def linked_persons(case: CaseFolder) -> dict[str, tuple[int, int]]:
    """Return how many persons of each registry are in the leak, by the name of its list: least and most."""
    found = {}
    for name in case.summary.results:
        if name.startswith("link-") and name.endswith(".json"):
            said = result_of(case, name)
            found[str(said["name"])] = (int(said["notify"]), int(said["notify"]) + int(said["review"]))
    return found


def _draft(controller: respond.Controller, facts: respond.Facts, entry: dict[str, Any]) -> dict[str, bytes]:
    states = {duty["duty"]: duty["state"] for duty in entry["duties"]}
    late = states.get("notify_authority") in {respond.State.LATE, respond.State.DONE_LATE}
    given = respond.answers(controller, facts, entry["authority"], late)
    fields = respond.edpb(controller, facts, late)
    blank = {"questions": [each.code for each in given if each.text is None], "edpb": respond.unanswered(fields)}
    entry["blank"] = blank["questions"]
    said = {"format": FORMAT, "code": controller.code, "answers": [asdict(each) for each in given], "blank": blank}
    return {
        "notification.md": respond.markdown(given, controller.name, entry["authority"]).encode("utf-8", "replace"),
        "notification.json": json_bytes(said),
        "notification-edpb.json": json_bytes(fields),
    }
