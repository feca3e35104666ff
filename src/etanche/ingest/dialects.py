"""Which characters separate and quote the cells, told by consistency times plausibility.

For each candidate delimiter and quote, lines from all over the file are split; the score is the product of

1. consistency: the squared shares of lines that have the same number of cells, two at least, added up;
2. plausibility: the share of cells that look like something (a number, a date, an e-mail, words…) once unquoted;
3. the share of quotes that stand where cells begin and end, where there are quotes;
4. a small preference for more cells, so that `a;b` beats one column of everything, and for delimiters met more often.

After van den Burg, Nazábal & Sutton, "Wrangling messy CSV files by detecting row and type patterns" (2019), with
shares instead of pattern counts, since a leak's damaged lines each make a pattern of their own.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np

from etanche.ingest.careful import Shape, parse
from etanche.ingest.prose import SEPARATE_NOTHING, is_prose
from etanche.model import Dialect

DELIMITERS = (*";,\t|:^~\x1f\x01#!@=&*+?$% /-_",)
_WEAK = {":": 0.9, "#": 0.7, "!": 0.6, "@": 0.5, "=": 0.6, "&": 0.6, "*": 0.7, "+": 0.6, "?": 0.6, "$": 0.5, "%": 0.5}
_WEAK |= {"/": 0.35, "-": 0.35, "_": 0.35}
NO_DELIMITER = "\x1f"
"""The delimiter of a text of one column: a character that text does not hold."""
_JOIN = 30
_MARKS = r"|;,\t~^#:&*@!$%+=\x01-\x08\x0e-\x1f"
_IS_MARK = np.array([chr(b) in "|;,\t~^#:&*@!$%+=" or (b < 32 and b not in (9, 10, 11, 12, 13)) for b in range(256)])
LEAST_LONG = 3
_AT_EDGES, _QUOTES_TELL = 0.95, 8
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
_MAYBE_STRONG = re.compile(r"\d|@|://|www\.")
_FIGURES = re.compile(r"\d[.,]\d+ +[\d.,-]")
"""Figures side by side, which a telephone number is not."""
_WORDS = re.compile(r"[\w][\w '’.\-()/&°+*,:!?%\u00a0]*", re.UNICODE)
_UNSPLIT = re.compile(r"[;|][^\s;|]*[;|]\S|\t|[^\s,],[^\s,]+,[^\s,]")
"""Cells that hold several of another delimiter, as no prose writes it."""
_CODE = re.compile(r"[A-Za-z0-9_\-./+]+")


@dataclass(frozen=True, slots=True)
class Guess:
    """A dialect, the number of cells of its rows, and its score (0 to 1)."""

    dialect: Dialect
    cells: int
    score: float
    pad: str = ""
    """Spaces that are layout: "after" delimiters or on "both" sides."""
    prose: bool = False
    """The text is written for people: no line of it names columns."""


def sniff(places: Sequence[Sequence[str]]) -> Guess:
    """Return the dialect of lines taken from several places of a file (no line end; blank ones are ignored)."""
    lines = [[line for line in place if line.strip()] for place in places]
    lines = [place for place in lines if place]
    named = _named(lines)
    text = "\n".join(line for place in lines for line in place)
    quotes = [quote for quote in ('"', "'") if quote in text]
    best = _one_column(lines)
    edges = {quote: _edges(text, quote) for quote in quotes}
    split: list[_Split] = []
    prose = not named and is_prose([line for place in lines for line in place], strong)
    candidates = [one for one in _candidates(text) if not prose or one[0] not in SEPARATE_NOTHING]
    for delimiter in [named] if named else candidates:
        for quote in ("", *(q for q in quotes if _at_edges(edges[q], delimiter))):
            one = _split(lines, delimiter, quote, text)
            if one.cells > 1:
                split.append(one)
    if any(one.edges >= _AT_EDGES and one.most >= 0.25 for one in split):
        # Quotes stand where one delimiter has cells begin and end: a way to read that ignores them is rather wrong.
        split = [one if one.dialect.quote else replace(one, most=one.most / 2) for one in split]
        best = best if best.dialect.quote else replace(best, score=best.score / 2)
    for one in sorted(split, key=lambda one: -one.most):
        if one.most <= best.score + 1e-9:
            break
        score = one.most * plausible(one.kept(), one.dialect.quote) * _spaced(one)
        if score > best.score + 1e-9:
            best = Guess(one.dialect, one.cells, score)
    if best.cells > 1:
        return replace(best, pad=_pad(text, best.dialect))
    # A single word may name a column of sentences.
    return replace(best, prose=prose and not lines[0][0].strip("\ufeff ").isidentifier())


@lru_cache(maxsize=50_000)
def strong(cell: str) -> bool:
    """Tell whether a cell is of a type that text has only on purpose."""
    return bool(_MAYBE_STRONG.search(cell) and STRONG.fullmatch(cell))


def _candidates(text: str) -> list[str]:
    """Return the delimiters that a text may have; of one that stands only in longer ones, the longer."""
    found: list[str] = []
    a = np.frombuffer(text.encode("utf-8", "replace"), np.uint8)
    marks = np.concatenate(([False], _IS_MARK[a], [False]))
    beside = marks[:-2] | marks[2:]
    for delimiter in DELIMITERS:
        times = text.count(delimiter)
        if not times:
            continue
        # Nearly all of a character that stands in a longer delimiter has a mark beside it.
        alone = np.count_nonzero(~beside[a == ord(delimiter)])
        longer = _longer(text, delimiter, times) if delimiter != " " and alone <= 0.02 * times else ""
        found.append(longer or delimiter)
    return list(dict.fromkeys(found))


def _longer(text: str, delimiter: str, times: int) -> str:
    """Return the delimiter of several characters that alone a character stands in, or ""."""
    d = re.escape(delimiter)
    forms = Counter(re.findall(f"[{_MARKS}]*{d}[{_MARKS}]*", text))
    form, count = forms.most_common(1)[0]
    if count < LEAST_LONG or len(form) < 2 or form != form[::-1] or len(form) > 4:
        return ""
    lines = text.count("\n") + 1
    if len(set(form)) == 1 and delimiter in ",;\t" and (lines < LEAST_LONG or times < 2 * len(form) * lines):
        # Rather a column that is empty all over.
        return ""
    # Empty cells make runs of delimiters: those are whole numbers of the longer one.
    whole = {f: n for f, n in forms.items() if form in f and delimiter not in f.replace(form, "")}
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


def _edges(text: str, quote: str) -> tuple[set[str], set[str]]:
    """Return the characters before and after a quote, and beyond spaces beside it; LF for the text's ends."""
    pieces = text.split(quote)
    before = {"\n"} if not pieces[0].strip(" ") else set()
    before |= {piece.rstrip(" ")[-1:] for piece in pieces[:-1]}
    after = {"\n"} if not pieces[-1].strip(" ") else set()
    after |= {piece.lstrip(" ")[:1] for piece in pieces[1:]}
    if " " + quote in text:
        before.add(" ")
    if quote + " " in text:
        after.add(" ")
    return before, after


def _at_edges(edges: tuple[set[str], set[str]], delimiter: str) -> bool:
    """Tell whether a quote both opens and closes cells somewhere."""
    before, after = edges
    return bool({delimiter[-1], "\n"} & before and {delimiter[0], "\n"} & after)


@dataclass(frozen=True, slots=True)
class _Split:
    """Lines split one way: rows of the most common number of cells, and the highest score this way may have."""

    dialect: Dialect
    cells: int
    kept: Callable[[], list[list[str]]] = field(repr=False)
    share: float
    most: float
    edges: float = 0.0
    """The share of quotes that stand at the edges of cells; 0 where there are too few to tell."""


def _split(places: list[list[str]], delimiter: str, quote: str, text: str) -> _Split:
    escaped = bool(quote) and f"\\{quote}" in text and _backslashed(text, delimiter, quote)
    dialect = Dialect(delimiter, quote, not escaped)
    rows: list[list[str]] = []
    if quote:
        shape = Shape(0, delimiter, quote, not escaped)
        rows = [row for place in places for row in _rows(place, shape)]
        counts = Counter(map(len, rows))
    else:
        counts = Counter(line.count(delimiter) + 1 for place in places for line in place)
    cells, times = max(counts.items(), key=lambda item: (item[1] * item[0], item[0])) if counts else (1, 0)
    most, most_times = counts.most_common(1)[0]
    if most > 1 and most_times > times:
        cells, times = most, most_times
    if cells < 2:
        return _Split(dialect, 1, list, 0.0, 0.0)
    total = counts.total()
    consistency = sum((n / total) ** 2 for c, n in counts.items() if c > 1)
    score = consistency * (0.6 + 0.4 * (1 - 1 / cells)) * _WEAK.get(delimiter, 1.0)
    if delimiter in ":/-" and len(re.findall(rf"\d{delimiter}\d", text)) > 0.8 * text.count(delimiter):
        # Times and dates have these inside.
        score *= 0.4
    edges = _edge_share(text, delimiter, quote) if quote else 0.0
    if quote:
        score *= 0.5 + 0.5 * edges

    def kept() -> list[list[str]]:
        if quote:
            return [row for row in rows if len(row) == cells]
        return [row.split(delimiter) for place in places for row in place if row.count(delimiter) == cells - 1]

    return _Split(dialect, cells, kept, times / total, score, edges if text.count(quote) >= _QUOTES_TELL else 0.0)


def _edge_share(text: str, delimiter: str, quote: str) -> float:
    """Return the share of quotes that stand where cells begin or end, doubled and escaped ones left out."""
    d, q = re.escape(delimiter), re.escape(quote)
    bare = re.sub(f"(?<=[^\n]){q}{q}(?=[^\n])", "", text.replace("\\" + quote, ""))
    times = bare.count(quote)
    edges = len(re.findall(f"(?:^|{d}) *{q}|{q}(?= *(?:$|{d}))", bare, re.MULTILINE))
    return min(1.0, edges / times) if times else 1.0


def _spaced(one: _Split) -> float:
    """Return how far a space may be believed to separate cells: words do not, types and quotes do."""
    if one.dialect.delimiter != " ":
        return 1.0
    if one.dialect.quote:
        return 0.85
    cells = [cell for row in one.kept() for cell in row if cell]
    typed = sum(map(strong, cells)) / max(1, len(cells))
    return 0.75 if one.cells > 2 and one.share >= 0.8 and typed >= 0.25 else 0.3


def _backslashed(text: str, delimiter: str, quote: str) -> bool:
    """Tell whether quotes inside quotes are written with a backslash, by what there is more of."""
    bare = text.replace(f"\\{quote}", "")
    doubled = len(re.findall(f"(?<![{re.escape(delimiter)}\n{quote}]){quote}{quote}(?!{quote})", bare))
    return text.count(f"\\{quote}") > doubled


def _rows(lines: list[str], shape: Shape) -> list[list[str]]:
    """Split lines with quotes; a record may take a few lines."""
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
    counts = Counter(cell.strip() for row in rows for cell in row)
    total = counts.total()
    return sum(n * _plausible(cell, quote) for cell, n in counts.items()) / total if total else 0.0


@lru_cache(maxsize=50_000)
def _plausible(cell: str, quote: str) -> float:
    if not cell:
        return 0.9
    if strong(cell):
        return 1.0
    if _CODE.fullmatch(cell):
        return 0.97
    if not quote and cell[0] in "\"'" and cell[-1] == cell[0] and len(cell) > 1:
        return 0.1
    if _WORDS.fullmatch(cell) and not _UNSPLIT.search(cell):
        return 0.95 if len(cell) < 60 else 0.85
    return 0.1 if _UNSPLIT.search(cell) else 0.3


def _one_column(places: list[list[str]]) -> Guess:
    """Return the guess that lines are not separated at all: strong when each line is of one type as it stands."""
    lines = [line.strip(" ") for place in places for line in place]
    if lines and "," in lines[0]:
        # "1,2" under "a,b" is two cells; under "price" it is a figure.
        return Guess(Dialect(NO_DELIMITER), 1, 0.25)
    body = lines[1:] or lines
    typed = sum(strong(line) and not _FIGURES.search(line) for line in body) / max(1, len(body))
    quoted = any(len(line) > 1 and line[0] == line[-1] == '"' for line in lines)
    return Guess(Dialect(NO_DELIMITER, '"' if quoted else ""), 1, 0.95 if typed > 0.9 else 0.25)
