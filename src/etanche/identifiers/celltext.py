"""What every identifier is built of: blanks, shapes, check sums; each once in Python and once as an expression.

Rules, in the order in which they apply:

1. The Python function is the truth; the Ibis expression must say the same of every cell (tests/engines).
2. A null cell has no verdict: an expression on it is null or false, never true.
3. Expressions use what DuckDB and Spark share (substring, length, replace, regular expressions of classes and
   counts, casts that may fail, CASE).  Costly steps stand behind a CASE, which engines evaluate only for the rows
   that need them: measured on DuckDB 1.5, `translate` costs 200-600 ns a cell, a shape 75, `upper` 18, `length` 3.
4. An expression used several times is named by `let`: SQL would spell it out, and DuckDB shares nothing below a CASE or
   an AND (a Luhn check of 11 digits: 940 ms without, 160 ms with it, for 491,840 cells).
5. Nothing here reads the environment, keeps a cell or raises on one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    import ibis.expr.types as ir

BLANKS = " \t\n\r\x0b\x0c\x85\xa0\u2007\u200b\u202f\ufeff"
"""Characters that say nothing at the edge of a cell, non-breaking spaces and byte order marks included."""

QUOTES = "\"'"
"""Marks that an export leaves around a cell: quotes twice, the apostrophe that keeps a spreadsheet from counting."""
BEFORE, AFTER = f"[{BLANKS}{QUOTES}=]*", f"[{BLANKS}{QUOTES}]*"
"""What may stand before and after a cell's own text; a spreadsheet writes ="0612345678" to keep a zero."""

_BEFORE, _AFTER = f"{BLANKS}{QUOTES}=", f"{BLANKS}{QUOTES}"
_EDGES = f"^[{BLANKS}{QUOTES}=]+|[{BLANKS}{QUOTES}]+$"
GAP = "[" + BLANKS + "./-]?"
"""One optional separator, as part of a shape."""

_SEPARATOR_SOURCE = "[" + BLANKS + QUOTES + "=./()-]"
_separators = re.compile(_SEPARATOR_SOURCE)
_NOT_COMPACT = "[^0-9A-Z]"


class Shape:
    """A regular expression that a whole cell must match, blanks and quotes at its edges apart."""

    def __init__(self, pattern: str) -> None:
        self.source = f"^{BEFORE}(?:{pattern}){AFTER}$"
        self._search = re.compile(self.source).search

    def fits(self, text: str) -> bool:
        """Tell whether the whole text has this shape."""
        return self._search(text) is not None

    def expr(self, cell: ir.StringValue) -> ir.BooleanValue:
        """Return `fits` as an expression."""
        return cell.re_search(self.source)


def let(value: ir.Value, body: Callable[[Any], ir.Value]) -> Any:  # noqa: ANN401 - an expression of any type
    """Return `body(value)` with the value computed once, however often the body uses it."""
    import ibis  # noqa: PLC0415 - half a second that plain Python callers need not pay

    return ibis.array([value]).map(body)[0]


def tidy(text: str) -> str:
    """Return the text without blanks and quotes at its edges."""
    return text.lstrip(_BEFORE).rstrip(_AFTER)


def tidy_expr(cell: ir.StringValue) -> ir.StringValue:
    """Return `tidy` as an expression; only cells with a doubtful edge take the slow way.

    A dozen `endswith` cost half of one `right(1)` (DuckDB 1.5: 4 ns each against 55).
    """
    doubtful = (cell < "(") | (cell >= "\x7f") | cell.startswith("=")
    for mark in BLANKS + QUOTES:
        doubtful = doubtful | cell.endswith(mark)
    return doubtful.ifelse(cell.re_replace(_EDGES, ""), cell)


def filled(text: str) -> bool:
    """Tell whether the cell holds more than blanks."""
    return bool(text.strip(BLANKS))


def filled_expr(cell: ir.StringValue) -> ir.BooleanValue:
    """Return `filled` as an expression: false for null too."""
    plain = (cell >= "!") & (cell < "\x7f")
    slow = cell.notnull() & (cell != "") & (cell.re_replace(f"[{BLANKS}]+", "") != "")
    return plain.ifelse(True, slow)


def upper(text: str) -> str:
    """Return the text in capitals, letter by letter, without blanks at its edges."""
    return "".join(capital if len(capital := letter.upper()) == 1 else letter for letter in tidy(text))


def upper_expr(cell: ir.StringValue) -> ir.StringValue:
    """Return `upper` as an expression."""
    return tidy_expr(cell).upper()


def lower(text: str) -> str:
    """Return the text in small letters without blanks at its edges."""
    return tidy(text).lower()


def lower_expr(cell: ir.StringValue) -> ir.StringValue:
    """Return `lower` as an expression."""
    return tidy_expr(cell).lower()


def compact(text: str) -> str:
    """Return the text in capitals without any separator: what a number with groups is compared by."""
    return upper(_separators.sub("", text))


def compact_expr(cell: ir.StringValue) -> ir.StringValue:
    """Return `compact` as an expression."""

    def rest(text: ir.StringValue) -> ir.StringValue:
        return text.re_search(_NOT_COMPACT).ifelse(text.re_replace(_SEPARATOR_SOURCE, "").upper(), text)

    return cell.re_search(_NOT_COMPACT).ifelse(let(cell.replace(" ", ""), rest), cell)


def luhn(digits: str) -> bool:
    """Tell whether a run of digits passes the Luhn check (ISO/IEC 7812-1); an empty run does not."""
    if not digits or not (digits.isascii() and digits.isdigit()):
        return False
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 * (value > 9)
    return total % 10 == 0


def digit_expr(number: ir.IntegerValue, place: int) -> ir.IntegerValue:
    """Return the decimal digit of a number under 10**15 at a place counted from the right, from 0."""
    return (number // 10**place) % 10 if place else number % 10


def luhn_expr(digits: ir.StringValue, length: int) -> ir.BooleanValue:
    """Return `luhn` for cells that hold exactly `length` digits; false or null for any other text.

    The number is cut in runs of 14 digits, which double precision holds exactly.
    """
    starts = range(0, length, 14)

    def run_sum(start: int) -> ir.IntegerValue:
        size = min(14, length - start)
        odd = (length - start - size) % 2
        return let(digits.substr(start, size).try_cast("int64"), lambda run: _luhn_sum(run, size, odd))

    totals = [run_sum(start) for start in starts]
    return (sum(totals[1:], totals[0]) % 10) == 0


def _luhn_sum(run: ir.IntegerValue, size: int, odd: int) -> ir.IntegerValue:
    values = []
    for place in range(size):
        value = digit_expr(run, place)
        # Twice a digit, less nine when over nine, is 2.2 times it rounded down, but for multiples of ten.
        values.append((value * 11) // 5 if (odd + place) % 2 else value)
    return sum(values[1:], values[0])


def all_of(first: ir.BooleanValue, second: ir.BooleanValue) -> ir.BooleanValue:
    """Return the conjunction; the second is evaluated only where the first holds, and null counts as false."""
    return first.ifelse(second, False).fill_null(False)


def mask_all(text: str) -> str:
    """Return the layout of a text: separators kept, every letter and digit a star, at most 24 characters."""
    return mask_keeping(text, 0)


def mask_keeping(text: str, keep: int) -> str:
    """Return the text masked but for its first `keep` letters or digits (ASCII ones only)."""
    out: list[str] = []
    for char in tidy(text)[:24]:
        shown = char.isascii() and char.isalnum() and keep > 0
        keep -= shown
        out.append(char if shown or char in " .-/:@,+_()" else "*")
    return "".join(out)
