"""Results of which a new one takes the place of the old one, and the old one stays: nothing is overwritten silently.

Rules, in the order in which they apply:

1. The result that holds has a name of its own; it has a `number`, from 1, and says which one it `supersedes`.
2. The old one is written down under its number before the new one takes its place.
3. The custody log has an entry with the hash of the new one before it is there.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from etanche.casefile import CaseFolder, Event
from etanche.errors import ExitCode, UserError
from etanche.responding.files import json_bytes, result_of


def put(
    case: CaseFolder, name: str, folder: str, document: Mapping[str, Any], event: Event, /, **params: str | int | None
) -> dict[str, Any]:
    """Write a result, the one that holds kept below `folder`; return it with its `number` and what it `supersedes`."""
    old = result_of(case, name)
    place = kept_name(name, folder, old["number"]) if old else ""
    if old:
        case.write_result(place, json_bytes(old))
    supersedes = {"number": old["number"], "sha256": digest(old), "file": place} if old else None
    whole = {**document, "number": old["number"] + 1 if old else 1, "supersedes": supersedes}
    case.log(event, **params, number=whole["number"], sha256=digest(whole))
    case.write_result(name, json_bytes(whole))
    return whole


def kept_name(name: str, folder: str, number: int) -> str:
    """Return where the result of a number is kept once another holds ("decisions/LAB01-34-1.json")."""
    stem = name.removesuffix(".json").partition("-")[2]
    return f"{folder}/{stem}-{number}.json"


def every(case: CaseFolder, name: str, folder: str) -> list[dict[str, Any]]:
    """Return all results that ever held under a name, the first one first."""
    held = result_of(case, name)
    if not held:
        return []
    return [*(result_of(case, kept_name(name, folder, number)) for number in range(1, held["number"])), held]


def digest(document: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a document as it is written."""
    return sha256(json_bytes(document)).hexdigest()


def outside(to: Path, case: Path) -> None:
    """Refuse a place within the case: what names people does not lie readable there."""
    if to.resolve().is_relative_to(case.resolve()):
        raise UserError("respond_within_case", ExitCode.REFUSED, path=str(to))
