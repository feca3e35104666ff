"""Questions about positions on the earth: degrees, pairs of them, metres of the projections used in France.

Rules:

1. Degrees have decimals, or minutes and seconds; a pair is two of them, latitude first or last.
2. Metres: northing and easting of Lambert-93 (EPSG 2154), of the conical zones CC42 to CC50, of Lambert II étendu and
   of the overseas UTM zones.  Whole numbers of such size are many things: only a header that names an axis makes them
   a position.
"""

from __future__ import annotations

import re

_DECIMAL = re.compile(r"[+-]?\d{1,3}[.,]\d{2,}(?:[eE]-\d+)?")
_FINE = re.compile(r"-?\d{1,2}[.,]\d{4,}")
_SEXAGESIMAL = re.compile(r"[NSEOW]?\s?\d{1,3}\s?[°dº]\s?\d{1,2}(?:[.,]\d+)?\s?['’′m].*", re.IGNORECASE)
_METRES = re.compile(r"-?\d{4,7}(?:[.,]\d+)?")
_PAIR = re.compile(r"[\[(]?\s*(-?\d{1,3}\.\d{3,})\s*[,; ]\s*(-?\d{1,3}\.\d{3,})\s*[\])]?")
_LAMBERT_93 = (6_000_000, 7_200_000)


def _value(text: str) -> float:
    return float(text.replace(",", "."))


def point(text: str) -> bool:
    """A pair of latitude and longitude in decimal degrees."""
    found = _PAIR.fullmatch(text)
    return found is not None and abs(float(found[1])) <= 180 and abs(float(found[2])) <= 180


def latitude_like(text: str) -> bool:
    """Decimal degrees within metropolitan France, at least four decimals."""
    return _FINE.fullmatch(text) is not None and 41 <= _value(text) <= 51.5


def longitude_like(text: str) -> bool:
    """Decimal degrees within metropolitan France, at least four decimals."""
    return _FINE.fullmatch(text) is not None and -5.3 <= _value(text) <= 9.7


def northing_like(text: str) -> bool:
    """A northing of Lambert-93, with decimals."""
    return ("." in text or "," in text) and northing_93(text)


def northing_93(text: str) -> bool:
    """A northing of Lambert-93."""
    return _METRES.fullmatch(text) is not None and _LAMBERT_93[0] <= _value(text) <= _LAMBERT_93[1]


def degrees(text: str) -> bool:
    """Degrees in any writing, or a pair of them; metres of Lambert-93 where nothing else could be meant."""
    if _DECIMAL.fullmatch(text):
        return abs(_value(text)) <= 180
    return _SEXAGESIMAL.fullmatch(text) is not None or point(text) or northing_93(text)


def axis(text: str) -> bool:
    """A number along an axis: degrees, or metres of a projection."""
    return degrees(text) or (_METRES.fullmatch(text) is not None and abs(_value(text)) >= 5_000)
