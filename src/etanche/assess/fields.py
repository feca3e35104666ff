"""What the census needs of each cell, as engine expressions: one narrow table instead of the whole file.

Rules, in the order in which they apply:

1. Every column that holds something leaves `h<index>`, a 64-bit hash of the normalised cell, null when blank: filled
   cells and distinct values are counted on it.  The text itself is not kept.
2. A column whose kind has a check leaves `v<index>`: whether the cell passes.
3. Kinds whose values are reported (sex, title, laboratory) or read (comments) leave their text, `t<index>`.
4. Dates leave `d<index>`; phones `m<index>` and `l<index>` (mobile, landline); postcodes `p<index>` (département).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import ibis

from etanche.identifiers import dates, phone, postcode
from etanche.model import Column, Kind

if TYPE_CHECKING:
    import ibis.expr.types as ir

DATE_KINDS = (Kind.BIRTH_DATE, Kind.DEATH_DATE, Kind.SAMPLE_DATE, Kind.VISIT_DATE, Kind.DATE, Kind.TIMESTAMP)
PHONE_KINDS = (Kind.LANDLINE, Kind.MOBILE, Kind.PHONE)
TEXT_KINDS = (Kind.COMMENT, Kind.DISEASE)
VALUE_KINDS = (Kind.SEX, Kind.TITLE, Kind.LABORATORY, Kind.PREGNANCY)


class Checks(Protocol):
    """A column's own check over all rows (recognise builds it)."""

    @property
    def filled(self) -> ir.BooleanValue:
        """Whether the cell holds anything."""

    @property
    def valid(self) -> ir.BooleanValue:
        """Whether the cell passes the kind's check."""

    @property
    def normal(self) -> ir.StringValue:
        """The cell as distinct values are counted."""


def cell_fields(column: Column, cell: ir.StringValue, checks: Checks, *, keep_text: bool) -> dict[str, ir.Value]:
    """Return the fields that one column leaves in the narrow table, by name (`keep_text`: its text too)."""
    index = column.index
    fields: dict[str, ir.Value] = {f"h{index}": ibis.ifelse(checks.filled, checks.normal.hash(), ibis.null("uint64"))}
    if checks.valid is not checks.filled:
        fields[f"v{index}"] = checks.valid
    if keep_text or column.kind in TEXT_KINDS or column.kind in VALUE_KINDS:
        fields[f"t{index}"] = cell.strip().nullif("")
    if column.kind in DATE_KINDS:
        fields[f"d{index}"] = dates.iso_expr(cell, column.layout).try_cast("date")
    elif column.kind in PHONE_KINDS:
        fields[f"m{index}"] = phone.is_mobile_expr(cell)
        fields[f"l{index}"] = phone.is_landline_expr(cell)
    elif column.kind is Kind.POSTCODE:
        fields[f"p{index}"] = postcode.departement_expr(cell)
    return fields
