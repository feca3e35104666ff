"""The lists that are applied before anything: who must not be written to as the registry says.

A CSV file with the columns `registry_key` and `list`, and where wanted `controller`, `name`, `address`, `postcode`,
`commune`, `country`; one line says one thing of one person.

Rules, in the order in which they apply:

1. Read whole or refused with the line to mend; an error names line and column, never what the cell holds.
2. A line without a controller is of the only one there is; with several, it is refused.
3. Lists that keep a letter back come first: deceased, at risk; then those that send it elsewhere (guardianship, a
   confidential or a corrected address), which need somebody's name or an address; then those that say how it is
   written.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from etanche.errors import ExitCode, UserError


class Listed(StrEnum):
    """What a list says of a person."""

    DECEASED = "deceased"
    """No letter: the regulation is not of the dead (GDPR recital 27); heirs ask by CSP L.1110-4."""
    AT_RISK = "at_risk"
    """A letter may do harm (violence at home): a person decides how they are told."""
    GUARDIANSHIP = "guardianship"
    """To the guardian whose name and address the line gives (C. civ. 457-1, 459)."""
    CONFIDENTIAL = "confidential"
    """The address is secret: to the one that the line gives, else nowhere."""
    ADDRESS = "address"
    """To the address that the line gives: the registry's is wrong, or a letter came back."""
    NOT_THEM = "not_them"
    """The link was wrong: a person looked at it."""
    CONFIRMED = "confirmed"
    """The link is right: a person looked at it."""
    CLEARED = "cleared"
    """A biologist saw nothing in a minor's rows that is the minor's own secret."""
    OWN_SECRECY = "own_secrecy"
    """A biologist did: the letter goes to the minor, who is told by a person."""
    LARGE_PRINT = "large_print"
    ENGLISH = "english"


PLACES = ("name", "address", "postcode", "commune", "country")
_COLUMNS = ("controller", "registry_key", "list", *PLACES)
_FRENCH = {"controleur": "controller", "cle": "registry_key", "liste": "list", "nom": "name", "adresse": "address",
           "code_postal": "postcode", "ville": "commune", "pays": "country"}  # fmt: skip
_NEEDS = {Listed.GUARDIANSHIP: ("name", "address"), Listed.ADDRESS: ("address", "commune")}
MOST_BYTES = 64 * 2**20


@dataclass(frozen=True, slots=True)
class Mention:
    """What the lists say of one person."""

    lists: frozenset[Listed]
    place: Mapping[str, str] = field(repr=False)
    """Where the letter goes instead, by column; empty where no line says."""


NOTHING = Mention(frozenset(), {})


def read(data: bytes, shown: str, codes: Sequence[str]) -> dict[str, dict[str, Mention]]:
    """Return what is said of each person, by controller and registry key; `UserError` (2, 3) for a file to mend."""
    rows = table(data, shown)
    header = [_FRENCH.get(name, name) for name in (cell.strip().lower().replace(" ", "_") for cell in rows[0][1])]
    for number, name in enumerate(header, 1):
        if name not in _COLUMNS or header.count(name) > 1:
            raise UserError(
                "letters_lists_column", ExitCode.USAGE, path=shown, number=number, known=", ".join(_COLUMNS)
            )
    for name in ("registry_key", "list"):
        if name not in header:
            raise UserError("letters_lists_missing", ExitCode.USAGE, path=shown, column=name)
    known = {code.lower(): code for code in codes}
    found: dict[str, dict[str, Mention]] = {}
    for line, cells in rows[1:]:
        said = dict(zip(header, (cell.strip() for cell in cells), strict=False))
        code = known.get(said.get("controller", "").lower() or (codes[0].lower() if len(codes) == 1 else ""))
        if code is None or len(cells) != len(header):
            raise UserError("letters_lists_line", ExitCode.USAGE, path=shown, line=line, column="controller")
        which = _listed(said, line, shown)
        of_code = found.setdefault(code, {})
        before = of_code.get(said["registry_key"], NOTHING)
        place = {name: said[name] for name in PLACES if said.get(name)}
        of_code[said["registry_key"]] = Mention(before.lists | {which}, {**before.place, **place})
    return found


def _listed(said: Mapping[str, str], line: int, shown: str) -> Listed:
    if not said["registry_key"]:
        raise UserError("letters_lists_line", ExitCode.USAGE, path=shown, line=line, column="registry_key")
    try:
        which = Listed(said["list"].lower())
    except ValueError:
        known = ", ".join(Listed)
        raise UserError("letters_lists_unknown", ExitCode.USAGE, path=shown, line=line, known=known) from None
    for name in _NEEDS.get(which, ()):
        if not said.get(name):
            raise UserError("letters_lists_line", ExitCode.USAGE, path=shown, line=line, column=name)
    return which


def table(data: bytes, shown: str) -> list[tuple[int, list[str]]]:
    """Return the lines of a small CSV that are not blank, header included, each with its number.

    UTF-8 or Windows-1252; comma, semicolon or tab.  `UserError` (3) for what is no table of text.
    """
    if b"\0" in data or len(data) > MOST_BYTES:
        raise UserError("letters_no_table", ExitCode.UNREADABLE, path=shown)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
    first = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count), strict=True)
    try:
        rows = [(reader.line_num, cells) for cells in reader if any(cell.strip() for cell in cells)]
    except csv.Error:
        raise UserError("letters_no_table", ExitCode.UNREADABLE, path=shown) from None
    if not rows:
        raise UserError("letters_no_table", ExitCode.UNREADABLE, path=shown)
    return rows
