"""The figures of one controller, each with the result, the key and the hash that it is from.

Rules, in the order in which they apply:

1. A figure is looked up by its key in a result of the case that is as it was written; its hash stands in the log.
2. Of the whole file: totals that name no controller.  Of the controller: its own rows, its own link.
   No figure of another controller is a key that is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from etanche.case import CENSUS
from etanche.casefile import CaseFolder
from etanche.casework import read_census
from etanche.responding.files import result_of

_TOTALS = ("lines", "rows", "quarantined", "persons")
_GROUPS = ("categories", "roles")
_SCORE = ("dpc", "ei", "cb", "score", "band")
_LINK = ("notify", "review")


def figures_of(case: CaseFolder, entry: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return `{key, value, file, sha256, of}` for each figure; `of` is `whole_file` or `controller`."""
    return [*_counted(case, entry), *_linked(case, entry["code"])]


def _counted(case: CaseFolder, entry: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    if CENSUS not in case.summary.results:
        return
    census, digest = read_census(case), case.summary.results[CENSUS].sha256

    def figure(of: str, *path: str) -> dict[str, Any]:
        value: Any = census
        for step in path:
            value = value[step]
        return {"key": list(path), "value": value, "file": CENSUS, "sha256": digest, "of": of}

    yield from (figure("whole_file", name) for name in _TOTALS)
    yield from (figure("whole_file", group, name) for group in _GROUPS for name in census[group])
    yield from (figure("whole_file", "severity", name) for name in _SCORE)
    own = {entry["code"].casefold(), entry["name"].casefold()}
    yield from (
        figure("controller", "laboratories", name)
        for name in census.get("laboratories") or ()
        if name.casefold() in own
    )


def _linked(case: CaseFolder, code: str) -> Iterator[dict[str, Any]]:
    name = f"link-{code}.json"
    found = result_of(case, name)
    if not found or found["name"] != code:
        return
    digest = case.summary.results[name].sha256
    for key in _LINK:
        yield {"key": [key], "value": found[key], "file": name, "sha256": digest, "of": "controller"}
    expected = found["error"]["wrong_expected"]
    yield {"key": ["error", "wrong_expected"], "value": expected, "file": name, "sha256": digest, "of": "controller"}
