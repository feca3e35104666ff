"""What of the letters anybody may read: counts, proofs, releases, and what keeps a controller's letters back.

Rules, in the order in which they apply:

1. `letters.json` holds counts, hashes and names of piles, never a person.
2. Letters go out when the controller's decision under article 34 is to inform, no link is left in review, twenty proofs
   of the present wording were read by somebody, and nothing is missing that article 34(2) asks for.  Each that is not
   so is named.
3. The wording is known by its hash: templates and facts.  Another wording means proofs read anew.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from hashlib import sha256
from typing import Any

from etanche.casefile import CaseFolder
from etanche.recognise import texts
from etanche.respond import Controller
from etanche.respond.letters import wording
from etanche.respond.letters.recipients import CLOSED, Pile
from etanche.responding.deciding import current
from etanche.responding.files import result_of
from etanche.responding.letters_ledger import Letter

RESULT = "letters.json"
FORMAT = "etanche-letters/1"
PROOFS = 20
_ORDINARY = frozenset({"family", "treatment"})
_POSTAL = re.compile(r"\bTSA \d{5}\b|\bdid\b")


def result(case: CaseFolder) -> dict[str, Any]:
    """Return `letters.json` as it stands, empty where there is none."""
    return result_of(case, RESULT)


def before(case: CaseFolder) -> dict[str, Any]:
    """Return what `letters.json` says, by controller."""
    return {entry["code"]: entry for entry in result(case).get("controllers", ())}


def entry_of(
    case: CaseFolder,
    controller: Controller,
    letters: Sequence[Letter],
    old: Mapping[str, Any],
    *,
    linked: bool,
    unlinked: bool,
    variant: str,
) -> dict[str, Any]:
    """Return one controller's part of `letters.json`."""
    piles = Counter(letter.pile for letter in letters if not letter.release or letter.returned)
    text = text_hash(controller, letters, variant)
    proofs = old.get("proofs") or {}
    decision = current(case, controller.code, "34")
    entry: dict[str, Any] = {
        "code": controller.code,
        "name": controller.name,
        "linked": linked,
        "letters": sum(letter.pile not in CLOSED for letter in letters),
        "who": dict(sorted(Counter(letter.who for letter in letters if letter.pile not in CLOSED).items())),
        "piles": {pile.value: piles[pile.value] for pile in Pile if piles[pile.value]},
        "leaked_addresses": sum(letter.leaked for letter in letters if letter.pile not in CLOSED),
        "released": sum(bool(letter.release) for letter in letters),
        "sent": sum(bool(letter.sent) for letter in letters),
        "returned": sum(bool(letter.returned) for letter in letters),
        "missing": list(wording.missing(controller)),
        "decision": decision.get("outcome"),
        "wording": text,
        "proofs": proofs or None,
        "releases": old.get("releases", []),
    }
    entry["blocked"] = blocked(entry, controller, unlinked=unlinked)
    return entry


def text_hash(controller: Controller, letters: Sequence[Letter], variant: str) -> str:
    """Return what tells the wording of a controller's letters from another: templates and facts."""
    names = sorted({letter.variant or variant for letter in letters} | {variant})
    said = [[made.sha256, wording.facts(controller, made)] for made in map(wording.template, names)]
    return sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def blocked(entry: Mapping[str, Any], controller: Controller, *, unlinked: bool) -> list[str]:
    """Return what keeps a controller's letters back, as codes of `words/<language>/letters.toml`, `blocked`."""
    read = (entry["proofs"] or {}).get("wording") == entry["wording"] and (entry["proofs"] or {}).get("read_by")
    found = (
        ("not_linked", not entry["linked"] and not unlinked),
        ("decision", entry["decision"] != "inform"),
        ("review", bool(entry["piles"].get(Pile.REVIEW.value))),
        ("missing", bool(entry["missing"])),
        ("clinical", clinical(tuple(controller.cells.get(name, "") for name in wording.FREE))),
        ("proofs", not read),
    )
    return [code for code, holds in found if holds]


@cache
def clinical(said: tuple[str, ...]) -> bool:
    """Tell whether texts speak of a clinical topic: they would stand in every letter.

    The dictionary was made for remarks of a laboratory: what is ordinary in a letter (a "traitement" of data, a postal
    box TSA, the English "did") is not asked of it.
    """
    plain = [_POSTAL.sub(" ", each) for each in said]
    return any(topic not in _ORDINARY for topics in texts.topics(plain) for topic, _ in topics)


def waiting(entry: Mapping[str, Any]) -> int:
    """Return how many letters wait for somebody: those in a pile that is neither ready nor closed."""
    quiet = {Pile.READY.value, *(pile.value for pile in CLOSED)}
    return sum(count for pile, count in entry["piles"].items() if pile not in quiet)
