"""The lists of a case: which there are, and what is sealed of each.

`matches/` who is notified or reviewed, `addressees/` who is written to, `pairs/` what was compared, `sample/` who may
be judged, with the cells of the registry that judging takes, `labels/` what was judged, `dropped/` who was taken off,
`renewed/` what is about to take their place.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from etanche.errors import ExitCode, UserError
from etanche.linking.ground import file_name
from etanche.linking.sealing import read
from etanche.renewal import finish_all

if TYPE_CHECKING:
    import pyarrow as pa

    from etanche.casefile import CaseFolder

MATCHES, ADDRESSEES, PAIRS, SAMPLE = "matches/", "addressees/", "pairs/", "sample/"
LABELS, DROPPED = "labels/", "dropped/"

Unseal = Callable[[str], bytes]
"""Opens a sealed part of the case."""


@dataclass(frozen=True, slots=True)
class ListOf:
    """One list of a case."""

    name: str
    file: str
    document: dict[str, Any] = field(repr=False)
    """What `link-<file>.json` says."""

    @property
    def result(self) -> str:
        """The name of its result."""
        return f"link-{self.file}.json"

    def part(self, folder: str) -> str:
        """Return the name of one of its sealed parts."""
        return folder + self.file


def lists(case: CaseFolder) -> dict[str, ListOf]:
    """Return the lists of a case by name; `UserError` (refused) for a result that was changed by another hand."""
    found = {}
    for result, written in case.summary.results.items():
        if not (result.startswith("link-") and result.endswith(".json")):
            continue
        try:
            data = (case.path / result).read_bytes()
        except OSError:
            data = b""
        if sha256(data).hexdigest() != written.sha256:
            raise UserError("link_changed", ExitCode.REFUSED, path=str(case.path / result))
        said = json.loads(data)
        found[said["name"]] = ListOf(said["name"], file_name(said["name"]), said)
    return found


def chosen(case: CaseFolder, name: str | None, unseal: Unseal) -> ListOf:
    """Return the list of a name, or the only one there is, once what a stopped command left of any is finished.

    Raises `UserError`: none of that name, none at all (3), several and no name (2), people's data destroyed, or a list
    of an earlier étanche (5).
    """
    if case.summary.data_purged is not None or case.summary.purged is not None:
        raise UserError("case_data_purged", ExitCode.REFUSED)
    finish_all(case, unseal)
    every = lists(case)
    if not every:
        raise UserError("link_none", ExitCode.UNREADABLE, path=str(case.path))
    if name is None and len(every) > 1:
        raise UserError("link_which", ExitCode.USAGE, names=", ".join(sorted(every)))
    if name is not None and name not in every:
        raise UserError("link_unknown", ExitCode.UNREADABLE, name=name, names=", ".join(sorted(every)))
    found = every[name] if name is not None else next(iter(every.values()))
    if not set(map(found.part, (MATCHES, ADDRESSEES, PAIRS, SAMPLE))) <= set(case.sealed()):
        raise UserError("link_older", ExitCode.REFUSED, name=found.name)
    return found


def one_or_all(case: CaseFolder, name: str | None, unseal: Unseal) -> list[ListOf]:
    """Return the list of a name, or all there are where none is named; raises what `chosen` does."""
    finish_all(case, unseal)
    names: list[str | None] = [name] if name is not None else [*lists(case)] or [None]
    return [chosen(case, each, unseal) for each in names]


def reviewed_parts(case: CaseFolder, name: str) -> list[str]:
    """Return the sealed parts that a review of a list left."""
    file = file_name(name)
    return [*case.sealed(f"{LABELS}{file}/"), *case.sealed(f"{DROPPED}{file}/")]


def table_of(unseal: Unseal, held: ListOf, folder: str) -> pa.Table:
    """Return a sealed table of a list."""
    return read(unseal(held.part(folder)))
