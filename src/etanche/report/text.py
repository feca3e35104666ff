"""The one gate for text that comes from a leaked file: column names, titles, laboratory names, paths.

Rules, in the order in which they apply:

1. Terminal sequences (ESC [ … m and the like) are removed whole, so that no half of one is left to read.
2. Control, format and bidirectional characters become visible (`␀`, `␛`, `<U+202E>`), line breaks included: a value
   takes one line and reads in the order in which it is stored.
3. Lone surrogates and unassigned or private characters become `�`.
4. A long value is cut, and the cut shows (`…`).

HTML escaping is the business of `markup`, which escapes every text there is; Rich markup that of `screen`.
"""

from __future__ import annotations

import re
import unicodedata

LONGEST = 80
"""Characters of a value that a report shows."""
_SEQUENCE = re.compile(
    r"(?:\x1b[PX^_\]]|[\x90\x98\x9d-\x9f]).*?(?:\x1b\\|\x07|\x9c|$)"  # strings: OSC, DCS, APC… up to their end
    r"|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?"  # CSI
    r"|\x1b[ -/]*[0-~]?",  # other escapes
    re.DOTALL,
)


def _visible(character: str) -> str:
    category = unicodedata.category(character)
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "␡"
    if category in {"Cc", "Cf", "Zl", "Zp"}:
        return f"<U+{code:04X}>"
    return "\ufffd" if category in {"Cs", "Cn", "Co"} else character


def visible(value: str) -> str:
    """Return a delimiter or a quote as it can be shown: a tab reads `␉`, a space stays one."""
    return "".join(_visible(character) for character in value[:4])


def plain(value: str, longest: int = LONGEST) -> str:
    """Return a value fit for any screen or page: one line, nothing hidden, at most `longest` characters."""
    kept = _SEQUENCE.sub("", value[: longest * 8])
    text = "".join(_visible(character) for character in kept).strip()
    return text if len(text) <= longest else text[: longest - 1] + "…"


def looks_like_a_name(name: str) -> bool:
    """Say whether a column's name is one, not a person's value that stood where a header was looked for."""
    return len(name) <= 40 and "@" not in name and re.search(r"\d{4}|\d\D?\d\D?\d\D?\d\D?\d", name) is None
