"""The two sides of a link, made alike: what is compared of a row of the leak and of a person of a registry.

Rules, in the order in which they apply:

1. Names are in capitals, without accents, joints and particles ("de La Tour-Hébert" is TOURHEBERT): the birth name and
   the usual one are a set of two, and either may meet either.
2. A NIR is not always one's own: it is compared only where its sex and its year and month of birth agree with the
   row's (spec link, "What made the difference").
3. Household fields (address, postcode, telephone) stay together: they are one piece of evidence.
4. A field that the table has no column for is null on every row: nothing is concluded from it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from functools import reduce
from inspect import Parameter, Signature
from typing import TYPE_CHECKING, cast

import ibis
import ibis.expr.datatypes as dt

from etanche.identifiers import dates, phone
from etanche.model import Column, Kind, Role

if TYPE_CHECKING:
    import ibis.expr.types as ir

FIELDS = {
    "name": "string",
    "other": "string",
    "first": "string",
    "sex": "string",
    "born": "string",
    "nir": "string",
    "bearer": "string",
    "address": "string",
    "postcode": "string",
    "phone": "string",
    "mail": "string",
}
"""What each side has, beside its number: names without particles, the ISO day of birth, 13 digits of the row's NIR, and
those of a NIR that is the row's own (`bearer`)."""

_PARTICLES = " (?:DE|DU|DES|D|LA|LE|LES|L|BEN|BENT|AIT|EL|AL|VAN|VON|DER|DA|DI|DOS|DO|SAINT|SAINTE|ST|STE) "
_THIRTEEN = "^[1-8][0-9]{4}[0-9AB]{8}$"
_LIGATURES = (("Œ", "OE"), ("Æ", "AE"))


def _builtin() -> Callable[[ir.StringValue], ir.Value]:
    def stand_in() -> None:
        """Never called: the engine has the function."""

    stand_in.__signature__ = Signature([Parameter("text", Parameter.POSITIONAL_OR_KEYWORD)])  # type: ignore[attr-defined]
    function: Callable[[ir.StringValue], ir.Value] = ibis.udf.scalar.builtin(
        stand_in, name="strip_accents", signature=((dt.string,), dt.string)
    )
    return function


_PLAIN = _builtin()
"""A text without accents (`translate` takes thirty times as long)."""


def side(rows: ir.Table, columns: Sequence[Column], today: date | None = None) -> ir.Table:
    """Return what is compared of each row, in the order of `FIELDS`; `rows` has the cells `c<index>`.

    A second column of surnames ("nom" and "nom_usage") is the other name where there is no name of birth.
    """
    own = [column for column in columns if column.role is Role.PATIENT]
    surnames = [column for column in own if column.kind is Kind.SURNAME]
    further = [column for column in own if column.kind is Kind.BIRTH_NAME or column in surnames[1:]]
    cells = rows.select(
        name=_capitals(_cell(rows, own, Kind.SURNAME, Kind.FULL_NAME)),
        other=_capitals(_cell(rows, further, Kind.BIRTH_NAME, Kind.SURNAME)),
        first=_capitals(_cell(rows, own, Kind.FIRST_NAME, Kind.FULL_NAME)),
        sex=_cell(rows, own, Kind.SEX),
        born=_born(rows, own, today),
        nir=_nir(_cell(rows, own, Kind.NIR, Kind.INS)),
        address=_capitals(_cell(rows, own, Kind.ADDRESS)),
        postcode=_cell(rows, own, Kind.POSTCODE),
        phone=_cell(rows, own, Kind.MOBILE, Kind.PHONE, Kind.LANDLINE),
        mail=_cell(rows, own, Kind.EMAIL).lower(),
    )
    read = cells.mutate(
        name=_name(cells.name),
        other=_name(cells.other),
        first=_name(cells["first"], particles=False),
        sex=_sex(cells.sex),
        address=_address(cells.address),
        postcode=_postcode(cells.postcode),
        phone=_line(cells.phone),
    )
    name = ibis.coalesce(read.name, read.other)
    read = read.mutate(name=name, other=ibis.ifelse(read.other == name, ibis.null("string"), read.other))
    return read.mutate(bearer=ibis.ifelse(_agrees(read), read.nir, ibis.null("string"))).select(*FIELDS)


def _cell(rows: ir.Table, columns: Sequence[Column], *kinds: Kind) -> ir.StringValue:
    """Return the first filled cell among the columns of these kinds, in the order of the kinds."""
    cells = [rows[f"c{column.index}"] for kind in kinds for column in columns if column.kind is kind]
    return ibis.coalesce(*cells) if len(cells) > 1 else cells[0] if cells else ibis.null("string")


def _capitals(cell: ir.StringValue) -> ir.StringValue:
    return cast("ir.StringValue", _PLAIN(cell)).upper()


def _name(folded: ir.StringValue, *, particles: bool = True) -> ir.StringValue:
    """Return a name in capitals as one word; only one that is not that already is worked on."""
    wide = reduce(lambda text, pair: text.replace(*pair), _LIGATURES, folded)
    if particles:
        # Each joint is two blanks, so that particles in a row do not share one.
        padded = ibis.literal(" ") + wide.re_replace(r"[^\pL0-9]+", "  ") + " "
        squashed = padded.re_replace(_PARTICLES, " ").replace(" ", "").nullif("")
        # A name that is only a particle ("DA", "EL") is a name.
        squashed = ibis.coalesce(squashed, wide.re_replace(r"[^\pL0-9]+", "").nullif(""))
    else:
        squashed = wide.re_replace(r"[^\pL0-9]+", "").nullif("")
    return ibis.ifelse(folded.re_search("[^A-Z]"), squashed, folded)


def _address(folded: ir.StringValue) -> ir.StringValue:
    squashed = folded.replace(" ", "")
    return ibis.ifelse(squashed.re_search("[^A-Z0-9]"), squashed.re_replace("[^A-Z0-9]+", "").nullif(""), squashed)


def _line(cell: ir.StringValue) -> ir.StringValue:
    return ibis.ifelse(cell.re_search("^0[0-9]{9}$"), cell, phone.normal_expr(cell))


def _postcode(cell: ir.StringValue) -> ir.StringValue:
    """Return a postcode with the zero that spreadsheets take away."""
    return ibis.ifelse(cell.length() == 4, ibis.literal("0") + cell, cell)


def _nir(cell: ir.StringValue) -> ir.StringValue:
    """Return the 13 digits of a NIR, with its key or without, however it is spaced; null for what is none."""
    plain = cell.re_search("^[1-8][0-9]{4}[0-9AB]{8}[0-9]{0,2}$")
    digits = ibis.ifelse(cell.re_search("^[0-9]{13,15}$"), cell, cell.re_replace("[^0-9ABab]", "").upper())
    found = digits.substr(0, 13)
    spaced = ibis.ifelse(found.re_search(_THIRTEEN), found, ibis.null("string"))
    return ibis.ifelse(plain, cell.substr(0, 13), spaced)


def _sex(cell: ir.StringValue) -> ir.StringValue:
    letter = cell.substr(0, 1).upper()
    read = ibis.cases((letter.isin(["M", "H", "1"]), "M"), (letter.isin(["F", "2"]), "F"), else_=ibis.null("string"))
    return ibis.ifelse((cell == "M") | (cell == "F"), cell, read)


def _born(rows: ir.Table, columns: Sequence[Column], today: date | None) -> ir.StringValue:
    births = [column for column in columns if column.kind is Kind.BIRTH_DATE and column.layout]
    days = [dates.any_expr(rows[f"c{column.index}"], column.layout, today) for column in births]
    return ibis.coalesce(*days) if len(days) > 1 else days[0] if days else ibis.null("string")


def _agrees(read: ir.Table) -> ir.BooleanValue:
    """Tell whether the NIR's year and month of birth are the row's, and its sex, where the row has one."""
    yymm = read.born.substr(2, 2) + read.born.substr(5, 2)
    letter = ibis.ifelse(read.nir.substr(0, 1).isin(["1", "3", "7"]), "M", "F")
    return ((read.nir.substr(1, 4) == yymm) & (read.sex.isnull() | (read.sex == letter))).fill_null(False)
