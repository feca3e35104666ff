"""Values of the listed columns, each checked once: what a value is worth weighs as many rows as have it.

The table `checked` has a line a column and value: `col`, `value`, `n` rows, `raw` (hash of the value as it stands, by
which rows are found again), `key` (hash of its normal form), `valid`, and for the kinds that have it `day`,
`landline`, `mobile`, `departement`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import ibis

from etanche.assess.fields import DATE_KINDS, PHONE_KINDS, Checker, kind_has_check, union
from etanche.identifiers import dates, phone, postcode
from etanche.identifiers._hash import hash64
from etanche.model import Column, Kind

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from etanche.assess.engine import Runner


_LISTED = "listed_values"


def merge_values(engine: Runner, lists: ir.Table) -> ir.Table:
    """Keep and return the value lists of all parts as one: `col, value, n`."""
    merged = lists.group_by("col", "value").aggregate(n=lists.n.sum())
    return engine.keep(_LISTED, merged)


def value_checks(columns: Sequence[Column], check: Checker) -> ir.Table:
    """Return what makes `checked` for these (listed) columns; columns with the same check are checked together.

    It asks for what `merge_values` keeps, and may be built before that is there.
    """
    values = ibis.table({"col": "int32", "value": "string", "n": "int64"}, name=_LISTED)
    alike: dict[tuple[Kind | None, str], list[Column]] = {}
    for column in columns:
        own = kind_has_check(check, column.kind, column.layout) or column.kind in (*PHONE_KINDS, Kind.POSTCODE)
        alike.setdefault((column.kind if own else None, column.layout), []).append(column)
    pieces = [
        _checked(values.filter(values.col.isin([column.index for column in same])), same[0], check)
        for same in alike.values()
    ]
    if not pieces:
        pieces = [_checked(values.filter(ibis.literal(False)), _NOBODY, check)]
    return union(pieces)


def _checked(values: ir.Table, column: Column, check: Checker) -> ir.Table:
    checks = check(column, values.value)
    checked = checks.checked
    # Without a check nothing says which spellings are one value (a password's case is its own): as written.
    told: dict[str, ir.Value] = {"normal": checks.normal if checked else values.value}
    if column.kind in DATE_KINDS and column.layout:
        told["day"] = dates.date_expr(values.value, column.layout)
    elif column.kind in PHONE_KINDS:
        told["landline"] = phone.is_landline_expr(values.value).fill_null(False)
        told["mobile"] = phone.is_mobile_expr(values.value).fill_null(False)
    else:
        told["valid"] = checks.valid.fill_null(False) if checked else ibis.literal(True)
    if column.kind is Kind.POSTCODE:
        told["departement"] = postcode.departement_expr(values.value)
    rows = values.mutate(**told)
    no = ibis.literal(False)
    said: dict[str, ir.Value] = {
        "day": ibis.null("date"),
        "landline": no,
        "mobile": no,
        "departement": ibis.null("string"),
    }
    said |= {name: rows[name] for name in said if name in told}
    valid = rows.valid if "valid" in told else rows.day.notnull() if "day" in told else rows.landline | rows.mobile
    return rows.select(
        col=rows.col,
        value=rows.value,
        n=rows.n,
        raw=hash64(rows.value),
        key=hash64(rows.normal),
        valid=valid,
        **said,
    )


_NOBODY = Column(0, "", Kind.UNKNOWN, role=None, confidence=0.0, reason=None)  # type: ignore[arg-type]
