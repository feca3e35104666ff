"""The chapters of CIM-10 (the French ICD-10): which one a code stands in.

>>> chapter("B20-B24"), chapter("D50"), chapter("H90")
('I', 'III', 'VIII')
"""

from __future__ import annotations

from bisect import bisect_right

_FIRST = (
    ("A00", "I"), ("C00", "II"), ("D50", "III"), ("E00", "IV"), ("F00", "V"), ("G00", "VI"), ("H00", "VII"),
    ("H60", "VIII"), ("I00", "IX"), ("J00", "X"), ("K00", "XI"), ("L00", "XII"), ("M00", "XIII"), ("N00", "XIV"),
    ("O00", "XV"), ("P00", "XVI"), ("Q00", "XVII"), ("R00", "XVIII"), ("S00", "XIX"), ("U00", "XXII"), ("V01", "XX"),
    ("Z00", "XXI"),
)  # fmt: skip
"""The first code of each chapter, in the order of the codes."""


def chapter(code: str) -> str:
    """Return the chapter, a Roman numeral, of a code or of the first code of a range."""
    return _FIRST[bisect_right(_FIRST, (code[:3], "~")) - 1][1]
