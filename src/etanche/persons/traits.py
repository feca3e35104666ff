"""The traits of the people of a row, each computed once: what keys are made of.

Rules, in the order in which they apply:

1. A trait is a column `<role>_<trait>` beside the row's cells `c<index>`, which come without blanks at their edges.
2. The patient's names are compared squashed (capitals, no accents, no joints), everyone else's as they are written.
3. A birth date is compared as it is written, since one column has one layout; what is no day of a calendar at a glance
   (00/00/0000) is no trait.
4. Of a NIR the thirteen digits are compared, without spaces.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import ibis

from etanche.lexicon.names import squash_expr
from etanche.model import PERSON_ROLES, Column, Kind, Role

if TYPE_CHECKING:
    import ibis.expr.types as ir

_PATIENT_NAMES = {
    "surname": (Kind.SURNAME, Kind.FULL_NAME),
    "birth_name": (Kind.BIRTH_NAME,),
    "first": (Kind.FIRST_NAME,),
}
_AS_WRITTEN = {
    "surname": (Kind.SURNAME, Kind.FULL_NAME, Kind.DOCTOR),
    "first": (Kind.FIRST_NAME,),
    "sex": (Kind.SEX,),
    "contact": (Kind.EMAIL, Kind.MOBILE, Kind.PHONE, Kind.LANDLINE, Kind.ADDRESS),
    "alone": (Kind.EMAIL, Kind.LOGIN, Kind.MOBILE, Kind.PHONE),
    "number": (Kind.RPPS, Kind.ADELI),
    "login": (Kind.LOGIN,),
}
_PARTS = {"%d": "(?:0[1-9]|[12][0-9]|3[01])", "%m": "(?:0[1-9]|1[0-2])", "%Y": "(?:1[89]|20)[0-9]{2}", "%y": "[0-9]{2}"}


def trait_fields(rows: ir.Table, columns: Sequence[Column]) -> dict[str, ir.StringValue]:
    """Return the traits that the columns allow, by name; a trait that is missing from a row is null."""
    fields: dict[str, ir.StringValue] = {}
    for role in PERSON_ROLES:
        own = [column for column in columns if column.role is role]
        for name, kinds in _AS_WRITTEN.items():
            if (cell := _first(rows, own, kinds)) is not None:
                fields[f"{role.value}_{name}"] = cell
    patient = [column for column in columns if column.role is Role.PATIENT]
    for name, kinds in _PATIENT_NAMES.items():
        if (cell := _first(rows, patient, kinds)) is not None:
            fields[f"patient_{name}"] = squash_expr(cell)
    if (number := _first(rows, patient, (Kind.NIR, Kind.INS))) is not None:
        tight = ibis.ifelse(number.re_search("^[0-9AB]+$"), number, number.re_replace("[^0-9ABab]", "").upper())
        fields["patient_digits"] = tight.left(13)
    for role in (Role.PATIENT, Role.INSURED):
        for column in columns:
            if column.role is role and column.kind is Kind.BIRTH_DATE and f"{role.value}_born" not in fields:
                fields |= _birth(role, rows[f"c{column.index}"], column.layout)
    return fields


def trait(rows: ir.Table, role: Role, name: str) -> ir.StringValue | None:
    """Return one trait of a row that has its `trait_fields`; None when the file has no column for it."""
    field = f"{role.value}_{name}"
    return rows[field] if field in rows.columns else None


def _birth(role: Role, cell: ir.StringValue, layout: str) -> dict[str, ir.StringValue]:
    """Return the birth date as written, and its year and month as a NIR writes them (YYMM)."""
    day = layout.split(" ", maxsplit=1)[0].split("T", maxsplit=1)[0]
    if not day:
        return {f"{role.value}_born": cell}
    shape = re.sub("%[dmYy]", lambda match: _PARTS[match.group()], re.sub(r"([./-])", r"[\1]", day))
    born = ibis.ifelse(cell.re_search(f"^{shape}"), cell, ibis.null("string"))
    place, at = 0, {}
    for token in re.findall("%[dmYy]|.", day):
        at[token] = place
        place += {"%Y": 4}.get(token, 2 if token.startswith("%") else 1)
    year = born.substr(at["%Y"] + 2, 2) if "%Y" in at else born.substr(at["%y"], 2)
    return {f"{role.value}_born": born, f"{role.value}_yymm": year + born.substr(at["%m"], 2)}


def _first(rows: ir.Table, columns: Sequence[Column], kinds: Sequence[Kind]) -> ir.StringValue | None:
    """Return the first filled cell among the columns of these kinds, in the order of the kinds."""
    cells = [rows[f"c{column.index}"] for kind in kinds for column in columns if column.kind is kind]
    if not cells:
        return None
    return ibis.coalesce(*cells) if len(cells) > 1 else cells[0]
