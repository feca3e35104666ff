"""Which characters separate and quote the cells, told by consistency times plausibility.

For each candidate delimiter and quote, lines from all over the file are split; the score is the product of

1. consistency: the squared share of lines that have the most common number of cells;
2. plausibility: the share of cells that look like something (a number, a date, an e-mail, words…) once unquoted;
3. a small preference for more cells, so that `a;b` beats one column of everything.

After van den Burg, Nazábal & Sutton, "Wrangling messy CSV files by detecting row and type patterns" (2019), with
shares instead of pattern counts, since a leak's damaged lines each make a pattern of their own.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from etanche.ingest.careful import Shape, parse
from etanche.model import Dialect

DELIMITERS = (";", ",", "\t", "|", ":", "^", "~", "\x1f", "\x01", "#", "!", "@", "=", "&", "*", " ")
_WEAK = {" ": 0.3, ":": 0.9, "#": 0.7, "!": 0.6, "@": 0.5, "=": 0.6, "&": 0.6, "*": 0.7}
NO_DELIMITER = "\x1f"
"""The delimiter of a text of one column: a character that text does not hold."""
_JOIN = 30
_MARKS = r"|;,\t~^#:&*@!$%+=\x01-\x08\x0e-\x1f"
LEAST_LONG = 3
PADDED = 0.9

_STRONG = (
    r"[+-]?\d{1,3}(?:[ \u00a0\u202f]?\d{3})*(?:[.,]\d+)?\s?[%€]?|[+-]?\d*[.,]?\d+(?:[eE][+-]?\d+)?",
    r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:[ T]\d{1,2}[:hH]\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?",
    r"\d{1,2}[:hH]\d{2}(?::\d{2})?",
    r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+",
    r"(?:https?|ftp)://[^\s;|]+|www\.[^\s;|]+",
    r"(?:\+|00)?\d[\d .\-]{6,20}\d",
    r"[12][ ]?\d\d[ ]?\d\d[ ]?(?:\d\d|2[AB])[ ]?\d{3}[ ]?\d{3}(?:[ ]?\d\d)?",
)
STRONG = re.compile("|".join(f"(?:{pattern})" for pattern in _STRONG))
"""Cells of a type that text has only on purpose."""
_WORDS = re.compile(r"[\w][\w '’.\-()/&°+*,:!?%\u00a0]*", re.UNICODE)
_CODE = re.compile(r"[A-Za-z0-9_\-./+]+")


@dataclass(frozen=True, slots=True)
class Guess:
    """A dialect, the number of cells of its rows, and its score (0 to 1)."""

    dialect: Dialect
    cells: int
    score: float
    pad: str = ""
    """Spaces that are layout: "after" delimiters or on "both" sides."""


def sniff(places: Sequence[Sequence[str]]) -> Guess:
    """Return the dialect of lines taken from several places of a file (no line end; blank ones are ignored)."""
    lines = [[line for line in place if line.strip()] for place in places]
    lines = [place for place in lines if place]
    named = _named(lines)
    text = "\n".join(line for place in lines for line in place)
    quotes = [quote for quote in ('"', "'") if quote in text]
    best = _one_column(lines)
    for delimiter in [named] if named else _candidates(text):
        for quote in ("", *(q for q in quotes if _at_edges(text, delimiter, q))):
            guess = _score(lines, delimiter, quote, text)
            if guess.score > best.score + 1e-9:
                best = guess
    return replace(best, pad=_pad(text, best.dialect)) if best.cells > 1 else best


def _candidates(text: str) -> list[str]:
    """Return the delimiters that a text may have; of one that stands only in longer ones, the longer."""
    found: list[str] = []
    for delimiter in DELIMITERS:
        times = text.count(delimiter)
        if not times:
            continue
        longer = _longer(text, delimiter, times) if delimiter != " " else ""
        found.append(longer or delimiter)
    return list(dict.fromkeys(found))


def _longer(text: str, delimiter: str, times: int) -> str:
    """Return the delimiter of several characters that alone a character stands in, or ""."""
    d = re.escape(delimiter)
    forms = Counter(match[0] for match in re.finditer(f"[{_MARKS}]*{d}[{_MARKS}]*", text))
    form, count = forms.most_common(1)[0]
    if count < LEAST_LONG or len(form) < 2 or form != form[::-1] or len(form) > 4:
        return ""
    # Empty cells make runs of delimiters: those are whole numbers of the longer one.
    whole = {f: n for f, n in forms.items() if form in f and not f.replace(form, "").strip(delimiter)}
    inside = sum(n * f.count(delimiter) for f, n in whole.items())
    return form if inside >= 0.98 * times and text.count(form) > 0.6 * times / form.count(delimiter) else ""


def _pad(text: str, dialect: Dialect) -> str:
    """Tell where spaces beside delimiters are layout: nearly every delimiter has them."""
    delimiter, quote = dialect.delimiter, dialect.quote
    if delimiter in {" ", "\t"}:
        return ""
    bare = re.sub(f"{quote}(?:[^{quote}\n]|{quote}{quote})*{quote}", quote, text) if quote else text
    times = bare.count(delimiter)
    after = len(re.findall(re.escape(delimiter) + "(?: |$)", bare, re.MULTILINE))
    if times < LEAST_LONG or bare.count(delimiter + " ") < PADDED * after or after < PADDED * times:
        return ""
    before = len(re.findall("(?: |^)" + re.escape(delimiter), bare, re.MULTILINE))
    return "both" if before >= PADDED * times else "after"


def _named(lines: list[list[str]]) -> str:
    """Return the delimiter that a first line `sep=;` names, or ""."""
    match = re.fullmatch(r"\"?sep=(.)\"?", lines[0][0].strip("\ufeff"), re.IGNORECASE) if lines else None
    return match[1] if match else ""


def _at_edges(text: str, delimiter: str, quote: str) -> bool:
    """Tell whether a quote both opens and closes cells somewhere."""
    d, q = re.escape(delimiter), re.escape(quote)
    opens = re.search(f"(?:^|{d}) *{q}", text, re.MULTILINE)
    return bool(opens and re.search(f"{q} *(?:$|{d})", text, re.MULTILINE))


def _score(places: list[list[str]], delimiter: str, quote: str, text: str) -> Guess:
    escaped = bool(quote) and f"\\{quote}" in text and _backslashed(text, delimiter, quote)
    shape = Shape(0, delimiter, quote or '"', not escaped)
    rows = [row for place in places for row in _rows(place, shape, quoted=bool(quote))]
    counts = Counter(map(len, rows))
    cells, times = max(counts.items(), key=lambda item: (item[1] * item[0], item[0])) if counts else (1, 0)
    most, most_times = counts.most_common(1)[0]
    if most > 1 and most_times > times:
        cells, times = most, most_times
    if cells < 2:
        return Guess(Dialect(delimiter, quote), cells, 0.0)
    share = times / len(rows)
    kept = [row for row in rows if len(row) == cells]
    score = share**2 * plausible(kept, quote) * (0.6 + 0.4 * (1 - 1 / cells)) * _WEAK.get(delimiter, 1.0)
    return Guess(Dialect(delimiter, quote, not escaped), cells, score)


def _backslashed(text: str, delimiter: str, quote: str) -> bool:
    """Tell whether quotes inside quotes are written with a backslash, by what there is more of."""
    bare = text.replace(f"\\{quote}", "")
    doubled = len(re.findall(f"(?<![{re.escape(delimiter)}\n{quote}]){quote}{quote}(?!{quote})", bare))
    return text.count(f"\\{quote}") > doubled


def _rows(lines: list[str], shape: Shape, *, quoted: bool) -> list[list[str]]:
    """Split lines; with quotes, a record may take a few lines."""
    if not quoted:
        return [line.split(shape.delimiter) for line in lines]
    rows: list[list[str]] = []
    at = 0
    while at < len(lines):
        taken = 1
        parsed = parse(lines[at], shape)
        if parsed.open:
            for end in range(at + 2, min(at + _JOIN, len(lines)) + 1):
                joined = parse("\n".join(lines[at:end]), shape)
                if not joined.open:
                    parsed, taken = joined, end - at
                    break
            else:
                parsed = parse(lines[at], shape, lenient=True)
        rows.append(parsed.cells)
        at += taken
    return rows


def plausible(rows: Sequence[Sequence[str]], quote: str) -> float:
    """Return the share of cells that look like something; 1 for strong types and blanks, less for mere words."""
    total = weight = 0.0
    for row in rows:
        for cell in row:
            total += 1
            weight += _plausible(cell.strip(), quote)
    return weight / total if total else 0.0


def _plausible(cell: str, quote: str) -> float:
    if not cell:
        return 0.9
    if STRONG.fullmatch(cell):
        return 1.0
    if _CODE.fullmatch(cell):
        return 0.97
    if not quote and cell[0] in "\"'" and cell[-1] == cell[0] and len(cell) > 1:
        return 0.1
    if _WORDS.fullmatch(cell):
        return 0.95 if len(cell) < 60 else 0.85
    return 0.3


def _one_column(places: list[list[str]]) -> Guess:
    """Return the guess that lines are not separated at all: strong when each line is of one type as it stands."""
    lines = [line.strip() for place in places for line in place]
    if lines and "," in lines[0]:
        # "1,2" under "a,b" is two cells; under "price" it is a figure.
        return Guess(Dialect(NO_DELIMITER), 1, 0.25)
    strong = sum(bool(STRONG.fullmatch(line)) for line in lines[1:] or lines) / max(1, len(lines[1:] or lines))
    quoted = any(len(line) > 1 and line[0] == line[-1] == '"' for line in lines)
    return Guess(Dialect(NO_DELIMITER, '"' if quoted else ""), 1, 0.95 if strong > 0.9 else 0.25)
