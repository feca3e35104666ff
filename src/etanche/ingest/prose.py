"""Whether a text is written for people: a letter, a note, a log.  Its commas and colons separate no cells.

1. Prose: commas have a space after them, sentences run over them, and lines do not agree on their number; or there
   are too few lines to agree.  Cells of figures, dates and codes speak against it.
2. A log: nearly all lines begin with a time that something else than a delimiter follows, and the lines do not agree
   on commas as the rows of a table do.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence

SEPARATE_NOTHING = frozenset(",: -=/_+#@&?!*$%")
"""Delimiters that are mere signs in such a text."""
_FEW = 3
_SEEN = 400
_AGREE = 0.95
_TIME = re.compile(
    r"[\[(<]?(?:"
    r"\d{2,4}[-/.]\d{1,2}[-/.]\d{1,4}[ T,]\d{1,2}:\d{2}(?::\d{2})?(?:[.,]\d+)?(?:Z|[+-]\d{2}:?\d{2})?"
    r"|[A-Z][a-zé]{2,3}\.? +\d{1,2} \d{1,2}:\d{2}:\d{2}"
    r"|\d{1,2}:\d{2}:\d{2}(?:[.,]\d+)?"
    r")[\])>]?:? +[^\s\d;|,]"
)
_SENTENCE_END = re.compile(r"[^\W\d_]{2}[.!?,:]$")
_STOP = re.compile(r"[^\W\d_]{2}[.!?]$")
_GREETING = re.compile(
    r"(?:(?:mon |ma )?ch[eè]re?s?|madame|monsieur|mesdames|messieurs|bonjour|bonsoir|docteur|dear|hello)\b[^,]{0,40}"
    r"(?:, (?:madame|monsieur|mesdames|messieurs|docteur|cher)[^,]{0,40})?,",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"\b[^\W\d_]+(?: [^\W_][\w'’\-]*){3,}")


def is_prose(lines: Sequence[str], typed: Callable[[str], bool]) -> bool:
    """Tell whether lines (none blank) are prose or a log.  `typed` tells cells that text holds on purpose only."""
    lines = [line.rstrip() for line in lines[:_SEEN]]
    return bool(lines) and (_is_log(lines) or _is_letter(lines, typed))


def _is_log(lines: Sequence[str]) -> bool:
    if len(lines) < _FEW or sum(bool(_TIME.match(line)) for line in lines) < 0.8 * len(lines):
        return False
    return not any(_agree(lines, delimiter, least) for delimiter, least in ((",", 2), (";", 1), ("\t", 1), ("|", 1)))


def _is_letter(lines: Sequence[str], typed: Callable[[str], bool]) -> bool:
    text = "\n".join(lines)
    commas = text.count(",")
    if any(sign in text for sign in "\t|;\x1f") or text.count('"') % 2 or '",' in text or ',"' in text:
        return False
    if commas and len(re.findall(r",(?=[ \n]|$)", text)) < 0.9 * commas:
        return False
    if len(lines) > _FEW and (not commas or _agree(lines, ",", 1)):
        return False
    cells = [cell.strip() for cell in re.split(r"[,\n]", text) if cell.strip()]
    if not cells or sum(map(typed, cells)) > 0.2 * len(cells):
        return False
    if len(lines) > _FEW:
        stops = sum(bool(_STOP.search(line)) for line in lines)
        if stops >= 0.6 * len(lines) or any(_GREETING.fullmatch(line.strip()) for line in lines):
            return True
    sentences = sum(bool(_SENTENCE.search(cell)) for cell in cells)
    ends = sum(bool(_SENTENCE_END.search(line)) for line in lines)
    return sentences * 3 >= len(cells) and (ends * 3 >= len(lines) or len(lines) <= _FEW)


def _agree(lines: Sequence[str], delimiter: str, least: int) -> bool:
    """Tell whether nearly all lines hold a delimiter so many times, and at least `least` times."""
    counts = Counter(line.count(delimiter) for line in lines)
    count, times = counts.most_common(1)[0]
    # A space after each is how people write, not programs.
    spaced = delimiter == "," and sum(line.count(", ") for line in lines) >= 0.9 * sum(map(_commas, lines))
    return count >= (max(least, 3) if spaced else least) and times >= _AGREE * len(lines)


def _commas(line: str) -> int:
    return line.count(",")
