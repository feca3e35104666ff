"""IBAN, the international bank account number (ISO 13616): country, key, account; mod 97 over letters as numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from etanche.identifiers import celltext
from etanche.model import Kind

if TYPE_CHECKING:
    import ibis.expr.types as ir

KINDS = (Kind.IBAN,)

_G = celltext.GAP
_SHAPE = celltext.Shape(f"[A-Za-z]{{2}}{_G}[0-9]{{2}}(?:{_G}[0-9A-Za-z]){{11,30}}")
_LENGTHS = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BI": 27, "BR": 29,
    "BY": 28, "CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DJ": 27, "DK": 18, "DO": 28, "EE": 20, "EG": 29,
    "ES": 24, "FI": 18, "FK": 18, "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28,
    "HN": 28, "HR": 21, "HU": 28, "IE": 22, "IL": 23, "IQ": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20,
    "LB": 28, "LC": 32, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "LY": 25, "MA": 28, "MC": 27, "MD": 24, "ME": 22,
    "MK": 19, "MN": 20, "MR": 27, "MT": 31, "MU": 30, "NI": 28, "NL": 18, "NO": 15, "OM": 23, "PK": 24, "PL": 28,
    "PS": 29, "PT": 25, "QA": 29, "RO": 24, "RS": 22, "RU": 33, "SA": 24, "SC": 31, "SD": 18, "SE": 24, "SI": 19,
    "SK": 24, "SM": 27, "SO": 23, "ST": 25, "SV": 28, "TL": 23, "TN": 24, "TR": 26, "UA": 29, "VA": 22, "VG": 24,
    "XK": 20, "YE": 30,
}  # fmt: skip
"""Characters by country (SWIFT, IBAN registry)."""
_LETTERS = {chr(55 + value): str(value) for value in range(10, 36)}
_RUN = 15

fits = _SHAPE.fits
normalise = celltext.compact
normal_expr = celltext.compact_expr


def valid(text: str) -> bool:
    """Tell whether shape, length of a listed country and mod 97 are right."""
    if not fits(text):
        return False
    number = normalise(text)
    if len(number) != _LENGTHS.get(number[:2], len(number)):
        return False
    return int("".join(_LETTERS.get(char, char) for char in number[4:] + number[:4])) % 97 == 1


def valid_expr(cell: ir.StringValue) -> ir.BooleanValue:
    """Return `valid` as an expression; mod 97 is taken over runs of 15 digits, each begun by the rest of the last."""
    right = celltext.let(
        normal_expr(cell), lambda number: celltext.all_of(_length_expr(number), _rest_expr(number) == 1)
    )
    return celltext.all_of(_SHAPE.expr(cell), right)


def _length_expr(number: ir.StringValue) -> ir.BooleanValue:
    country = number.substr(0, 2)
    result = ~country.isin(list(_LENGTHS))
    for size in sorted(set(_LENGTHS.values())):
        of_size = [name for name, length in _LENGTHS.items() if length == size]
        result = result | (country.isin(of_size) & (number.length() == size))
    return result


def _rest_expr(number: ir.StringValue) -> ir.IntegerValue:
    """Return the rest mod 97; the 26 replacements are for accounts that hold letters, in France a minority."""
    france = number.startswith("FR") & ~number.substr(2, 30).re_search("[A-Z]")
    turned = number.substr(4, 30) + number.substr(0, 4)
    spelt = turned
    for letter, value in _LETTERS.items():
        spelt = spelt.replace(letter, value)
    digits = france.ifelse(number.substr(4, 30) + "1527" + number.substr(2, 2), spelt)

    def rest(text: ir.StringValue) -> ir.IntegerValue:
        result = text.substr(0, _RUN).try_cast("int64") % 97
        for start in range(_RUN, 75, _RUN):
            result = (result.cast("string") + text.substr(start, _RUN)).try_cast("int64") % 97
        return result

    return celltext.let(digits, rest)


def mask(text: str) -> str:
    """Return the layout with the country only."""
    return celltext.mask_keeping(text, 2)
