"""A list of a registry that takes another's place: sealed beside it first, so that a kill leaves one or the other.

Whoever reads lists, to link, to judge, to write letters, finishes first what a stopped command left: for that it stands
below all of them.

Rules, in the order in which they apply:

1. A list that takes the place of another is sealed whole beside it, as `renewed/<list>/`; one entry makes it count.
2. Only then do the older parts go, and the new ones take their names: a kill before that entry leaves the older list, a
   kill after it leaves the new one, which `finish` brings to its names whenever it is called next.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from etanche.casefile import CaseFolder, Event, disk

if TYPE_CHECKING:
    from collections.abc import Iterable

RENEWED = "renewed/"
_RESULT = "result"


def renew(case: CaseFolder, name: str, data: bytes) -> None:
    """Seal a part in place of an older one of the very name; it counts with the next entry that commits."""
    drop(case, [name])
    case.seal(name, data)


def drop(case: CaseFolder, names: Iterable[str]) -> None:
    """Remove the parts of these very names (a prefix would take the lists whose names begin alike), and log it."""
    gone = frozenset(names) & frozenset(case.sealed())
    if gone:
        case.commit(Event.DISCARDED, gone, prefix=min(gone), discarded=len(gone))
        with disk.faults(case.path):
            case.parts.remove(gone)


def replace(
    case: CaseFolder,
    unseal: Callable[[str], bytes],
    file: str,
    parts: Mapping[str, bytes],
    result: bytes,
    commit: Callable[[], object],
    gone: frozenset[str] = frozenset(),
) -> None:
    """Put a list, `parts` of it and its `link-<file>.json`, in place of an older one of the name.

    `parts` are by folder: `matches`, or `dropped/matches`.  `commit` adds the entry of the log that makes them count,
    and after which the parts of `gone` do not: those of the older list that the new one has none of.
    """
    finish(case, unseal, file)
    for folder, data in parts.items():
        case.seal(f"{RENEWED}{file}/{folder.replace('/', '.')}", data)
    case.seal(f"{RENEWED}{file}/{_RESULT}", result)
    commit()
    with disk.faults(case.path):
        case.parts.remove(gone)
    finish(case, unseal, file)


def finish(case: CaseFolder, unseal: Callable[[str], bytes], file: str) -> None:
    """Give the parts of a list that was renewed their names, where a command was stopped before it had; else nothing.

    Stopped itself, wherever that is, it does the same when called again: what it reads goes last.
    """
    staged = {name.rpartition("/")[2]: name for name in case.sealed(f"{RENEWED}{file}/")}
    if not staged:
        return
    parts = {_final(file, code): name for code, name in staged.items() if code != _RESULT}
    drop(case, parts)
    for part, name in parts.items():
        case.seal(part, unseal(name))
    case.write_result(f"link-{file}.json", unseal(staged[_RESULT]))
    gone = frozenset(staged.values())
    case.commit(Event.ROWS_SEALED, gone)
    with disk.faults(case.path):
        case.parts.remove(gone)


def finish_all(case: CaseFolder, unseal: Callable[[str], bytes]) -> None:
    """Finish every list that a stopped command left half renewed; else nothing."""
    for file in sorted({name.split("/")[1] for name in case.sealed(RENEWED)}):
        finish(case, unseal, file)


def _final(file: str, code: str) -> str:
    folder, _, inside = code.partition(".")
    return f"{folder}/{file}/{inside}" if inside else f"{folder}/{file}"
