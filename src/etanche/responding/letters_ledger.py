"""The ledger of one controller's letters: sealed in the case, a line a letter, numbers that never change.

Rules, in the order in which they apply:

1. A letter has the number that it got first; a new run brings its draft up to date and adds letters at the end.
2. Once released a letter stays as it was printed.  It is written to again only where it came back and a new address is
   known: under its number, as its second dispatch.
3. Whoever is told already is not told twice: a person whose leaked row had a letter of its own keeps that letter when
   a registry comes to know them.
4. What is no longer on the list of persons is withdrawn, and keeps its number.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, fields, replace

import pyarrow as pa
import pyarrow.parquet as pq

from etanche.casefile import CaseFolder, Event, disk
from etanche.casefile.custody import Param
from etanche.respond.letters.recipients import Draft, Pile

FOLDER = "letters/"
Unseal = Callable[[str], bytes]
"""Opens a sealed part of the case."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One line of the ledger."""

    number: int
    key: str = field(repr=False)
    registry_key: str = field(repr=False)
    row: int
    """The first row of the leak that is theirs, from 0; -1 where none is known."""
    who: str
    salutation: str
    lines: tuple[str, ...] = field(repr=False)
    postcode: str = field(repr=False)
    country: str = field(repr=False)
    families: tuple[str, ...]
    variant: str
    email: str = field(repr=False)
    pile: str
    why: tuple[str, ...] = ()
    leaked: bool = False
    """The address is the leak's, not a registry's."""
    dispatch: int = 1
    release: int = 0
    """The release that it went out with, 0 before."""
    channel: str = ""
    sent: str = ""
    proof: str = field(default="", repr=False)
    returned: str = ""
    reason: str = ""

    @property
    def ready(self) -> bool:
        """Whether it may be released."""
        return self.pile == Pile.READY and not self.release

    def reference(self, code: str) -> str:
        """Return what stands on it: `LAB01-000123`, and `-2` on a second dispatch."""
        again = f"-{self.dispatch}" if self.dispatch > 1 else ""
        return f"{code}-{self.number:06}{again}"


_TYPES = {"int": pa.int64(), "str": pa.string(), "bool": pa.bool_(), "tuple[str, ...]": pa.list_(pa.string())}
_SCHEMA = pa.schema([(each.name, _TYPES[str(each.type)]) for each in fields(Letter)])
_LISTS = [each.name for each in fields(Letter) if str(each.type).startswith("tuple")]


def read(case: CaseFolder, unseal: Unseal, code: str) -> list[Letter]:
    """Return a controller's ledger, empty where there is none yet."""
    names = case.sealed(f"{FOLDER}{code}/")
    if not names:
        return []
    rows = pq.read_table(io.BytesIO(unseal(names[-1]))).to_pylist()
    return [Letter(**{**row, **{name: tuple(row[name]) for name in _LISTS}}) for row in rows]


def seal(case: CaseFolder, code: str, letters: Sequence[Letter]) -> frozenset[str]:
    """Seal a controller's ledger under its next name; return the older parts, to be dropped by the commit of this one.

    The new one counts and the old one goes with one entry of the log, so that no crash loses what was sent.
    """
    old = case.sealed(f"{FOLDER}{code}/")
    columns = {each.name: [getattr(letter, each.name) for letter in letters] for each in fields(Letter)}
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table(columns, schema=_SCHEMA), sink, compression="zstd")
    version = int(old[-1].rpartition("/")[2]) + 1 if old else 1
    case.seal(f"{FOLDER}{code}/{version:08}", bytes(sink.getvalue()))
    return frozenset(old)


def commit(case: CaseFolder, event: Event, drop: frozenset[str], **params: Param) -> None:
    """Log an event with which the sealed ledgers count, and remove the older ones."""
    case.commit(event, drop, **params)
    with disk.faults(case.path):
        case.parts.remove(drop)


def renewed(before: Sequence[Letter], drafts: Iterable[tuple[Draft, frozenset[int]]]) -> list[Letter]:
    """Return the ledger after another run; each draft comes with the rows of the leak that are its person's."""
    by_key = {letter.key: letter for letter in before}
    by_row = {letter.row: letter for letter in before if letter.key.startswith("x:")}
    found: dict[int, Letter] = {}
    number = max((letter.number for letter in before), default=0)
    for draft, rows in drafts:
        old = by_key.get(draft.key)
        if old is None or old.number in found:
            earlier = (by_row[row] for row in sorted(rows) if row in by_row)
            old = next((each for each in earlier if each.number not in found), None)
        if old is None:
            number += 1
        fresh = _fresh(draft, number if old is None else old.number, min(rows, default=-1))
        found[fresh.number] = fresh if old is None else _again(old, fresh)
    for letter in before:
        if letter.number not in found:
            found[letter.number] = letter if letter.release else replace(letter, pile=Pile.WITHDRAWN.value, why=())
    return [found[each] for each in sorted(found)]


def _fresh(draft: Draft, number: int, row: int) -> Letter:
    return Letter(
        number=number,
        key=draft.key,
        registry_key=draft.registry_key,
        row=row,
        who=draft.who.value,
        salutation=draft.salutation,
        lines=draft.envelope.lines,
        postcode=draft.envelope.postcode,
        country=draft.envelope.country,
        families=draft.families,
        variant=draft.variant,
        email=draft.email,
        pile=draft.pile.value,
        why=draft.why,
        leaked=draft.leaked_address,
    )


def _again(old: Letter, fresh: Letter) -> Letter:
    """Return a known letter after another run."""
    if not old.release:
        return replace(fresh, dispatch=old.dispatch, returned=old.returned, reason=old.reason)
    if old.returned and fresh.pile == Pile.READY and fresh.lines != old.lines:
        return replace(fresh, dispatch=old.dispatch + 1)
    return replace(old, key=fresh.key, registry_key=fresh.registry_key)
