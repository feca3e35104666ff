"""One way of comparing French words: upper case, no accents, one space where words meet.

Rules, in the order in which they apply:

1. Ligatures are spelt out (œ -> OE, æ -> AE, ß -> SS), the rest is upper case.
2. Accents go (NFKD, combining marks dropped).
3. Spaces, hyphens, apostrophes and underscores, any run of them, become one space; none at the ends.

`fold("  Cœur-de-l’Île ")` is `"COEUR DE L ILE"`.  Folding twice changes nothing.
"""

from __future__ import annotations

import re
import unicodedata

_JOINTS = re.compile(r"[\s\-_'’‘‛ʼ´`‐‑‒–—]+")
_LIGATURES = str.maketrans({"œ": "OE", "Œ": "OE", "æ": "AE", "Æ": "AE", "ß": "SS", "ẞ": "SS", "ø": "O", "Ø": "O"})


def fold(text: str) -> str:
    """Return `text` in upper case, accent-free, its inner joints squeezed to one space."""
    joined = _JOINTS.sub(" ", text)
    if not joined.isascii():
        decomposed = unicodedata.normalize("NFKD", joined.translate(_LIGATURES).upper())
        stripped = "".join(char for char in decomposed if not unicodedata.combining(char))
        joined = _JOINTS.sub(" ", stripped)
    return joined.upper().strip()
