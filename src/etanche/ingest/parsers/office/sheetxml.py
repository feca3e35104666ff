"""Rows of a worksheet's XML, as a stream: fast where rows look alike, careful where they do not.

1. The XML is cut at the end of each row.  A row that has the shape of those before it is taken apart by one regular
   expression made for that shape; its values are then spelled column by column.
2. Any other row is taken apart cell by cell; one that regular expressions cannot vouch for goes through expat; one that
   is no XML is set aside with its bytes.
3. What comes after the last whole row of a sheet that ends too soon is set aside as cut.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from xml.parsers import expat

from etanche.ingest.parsers.office.spelling import Context, Spelling, unescaped
from etanche.ingest.parsers.office.xmlwalk import decoded, local

_ROW = re.compile(r"<row\b([^>]*)>", re.DOTALL)
_ROW_NUMBER = re.compile(r'\sr="(\d{1,7})"')
_CELL = re.compile(r"<c\b([^>]*?)(?:/>|>(.*?)</c>)", re.DOTALL)
_ATTRIBUTE = re.compile(r'([\w:]+)="([^"]*)"')
_VALUE = re.compile(r"<v\b[^>]*>([^<]*)</v>")
_TEXT = re.compile(r"<t\b[^>]*>([^<]*)</t>")
_PHONETIC = re.compile(r"<rPh\b.*?</rPh>", re.DOTALL)
_REFERENCE = re.compile(r"([A-Z]{1,3})(\d{1,7})")
_LEARN_FROM = 24
_FORGET_AFTER = 200
_MOST_ROW = 16 << 20
_MOST_ROWS = 1 << 20
_MOST_TAG = 4096
_END = len("</row>")
_COLUMNS = 16384


@dataclass(slots=True)
class Row:
    """One row: its place from 1, and its cells from the first column on, without empty ones at the end."""

    number: int
    cells: Sequence[str] = field(repr=False)


@dataclass(slots=True)
class Block:
    """Rows that follow one another and look alike, column by column."""

    number: int
    columns: list[Sequence[str]] = field(repr=False)
    count: int

    def rows(self) -> list[Row]:
        """Return the rows one by one."""
        cells = zip(*self.columns, strict=True) if self.columns else [()] * self.count
        return [Row(self.number + k, row) for k, row in enumerate(cells)]


@dataclass(slots=True)
class Broken:
    """Bytes that make no row."""

    number: int
    why: str
    raw: bytes = field(repr=False)


_letters: dict[str, int] = {}


def column_of(letters: str) -> int:
    """Return the 0-based column of its letters."""
    found = _letters.get(letters)
    if found is None:
        found = 0
        for letter in letters:
            found = found * 26 + ord(letter) - 64
        _letters[letters] = found
    return found - 1


def letters_of(column: int) -> str:
    """Return the letters of a 0-based column."""
    text = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text


Item = Row | Broken | Block
Signature = tuple[str, str, str]
"""Type, style and form ("v", "is", "f": a formula before the value) of a cell."""


class _Template:
    """The regular expression of rows that look alike, and how each of its groups is spelled."""

    def __init__(self, shapes: dict[int, list[Signature]]) -> None:
        # Possessive throughout: what matched is never tried again shorter, and need not be remembered.
        parts = [r'[^<]*+<row(?: r="(\d{1,7}+)"(?: [^<>]*+)?+)?+>']
        self.groups: list[tuple[int, str, str]] = []
        for column in sorted(shapes):
            choices = []
            for kind, style, form in shapes[column]:
                head = (rf' s="{style}"' if style else "") + (rf' t="{kind}"' if kind else "") + ">"
                if form == "is":
                    body = r'<is><t(?: xml:space="preserve")?+>([^<]*+)</t></is>'
                else:
                    formula = r"<f(?:[^<>]*/>|[^<>]*+>[^<]*+</f>)" if form == "f" else ""
                    body = formula + r"(?:<v>([^<]*+)</v>|<v ?+/>)"
                choices.append(head + body + "</c>")
                self.groups.append((column, kind, style))
            choices.append(r'(?: s="\d++")?+ ?+/>')
            parts.append(rf'(?:<c r="{letters_of(column)}\d++"(?:{"|".join(choices)}))?+')
        pattern = "".join(parts)
        self.match: Callable[[str], re.Match[str] | None] = re.compile(pattern).fullmatch
        self.find: Callable[[str], list[tuple[str, ...]]] = re.compile(pattern + "()</row>").findall
        """Finds all rows of a block; a group more, so that there are always several."""
        self.width = max(shapes, default=-1) + 1


class SheetReader:
    """Rows of one worksheet."""

    def __init__(self, context: Context) -> None:
        self.spelling = Spelling(context)
        self._number = 0
        self._template: _Template | None = None
        self._recent: list[dict[int, Signature]] = []
        self._misses = 0

    def rows(self, chunks: Iterator[bytes], troubled: Callable[[], bool]) -> Iterator[list[Item]]:
        """Yield rows in batches; `troubled` tells after the last chunk whether the sheet was whole."""
        carry, prefix, body, over, giant = "", "", False, False, False
        for text in decoded(chunks):
            if over:
                continue  # to the end all the same: only there is the sheet's checksum known
            carry += text
            if not body:
                found = re.search(r"<(\w+:)?sheetData\b[^>]*>", carry)
                if not found:
                    carry = carry[-_MOST_TAG:] if len(carry) > _MOST_ROW else carry
                    continue
                body, prefix = True, found[1] or ""
                carry = "" if found[0].endswith("/>") else carry[found.end() :]
            if prefix:
                carry = carry.replace(f"<{prefix}", "<").replace(f"</{prefix}", "</")
            if giant:
                # What is left of a row that was given up.
                end = carry.find("</row>")
                giant, carry = end < 0, carry[end + _END if end >= 0 else 1 - _END :]
            end = carry.rfind("</row>") + _END
            if end >= _END:
                yield self._batch(carry[:end])
                carry = carry[end:]
            if len(carry) > _MOST_ROW:
                yield [self._broken("too_long", carry)]
                giant, carry = True, carry[1 - _END :]
            over = "</sheetData>" in carry
        if body and not over and carry.strip() and troubled():
            yield [Broken(self._number + 1, "cut", carry.encode("utf-8", "surrogatepass"))]

    def _batch(self, block: str) -> list[Item]:
        """Return the rows of a block of XML that ends with a row."""
        out: list[Item] = []
        alike: list[tuple[str, ...]] = []
        template = self._template
        if template:
            alike = template.find(block)
            if len(alike) == block.count("</row>"):
                self._spell(alike, template, out)
                return out
            alike = []
        for fragment in block.split("</row>")[:-1]:
            found = template.match(fragment) if template else None
            if found:
                alike.append(found.groups(""))
                continue
            if alike and template:
                self._spell(alike, template, out)
                alike = []
            out.append(self._careful(fragment))
            template = self._template
        if alike and template:
            self._spell(alike, template, out)
        return out

    def _spell(self, alike: list[tuple[str, ...]], template: _Template, out: list[Item]) -> None:
        """Add the rows that the groups of a template give."""
        columns = list(zip(*alike, strict=True))
        made: list[Sequence[str] | None] = [None] * template.width
        for values, (column, kind, style) in zip(columns[1:], template.groups, strict=False):
            texts = self.spelling.column(kind, style, values)
            before = made[column]
            if before is not None and any(before):
                texts = [a or b for a, b in zip(before, texts, strict=True)] if any(texts) else before
            made[column] = texts
        empty = ("",) * len(alike)
        cells = [empty if texts is None else texts for texts in made]
        numbers = columns[0]
        count = len(numbers)
        first = self._place(numbers[0])
        if numbers[0] == numbers[-1] == "" or self._place(numbers[-1]) == first + count - 1:
            self._number = first + count - 1
            out.append(Block(first, cells, count))
            return
        for written, row in zip(numbers, zip(*cells, strict=True) if cells else [()] * count, strict=True):
            self._number = self._place(written)
            out.append(Row(self._number, row))

    def _place(self, written: str) -> int:
        number = int(written) if written else 0
        return number if self._number < number <= _MOST_ROWS else self._number + 1

    def _broken(self, why: str, text: str) -> Broken:
        """Return what is no row, at the next place."""
        self._number += 1
        return Broken(self._number, why, text.encode("utf-8", "surrogatepass"))

    def _careful(self, fragment: str) -> Row | Broken:
        """Return the row of one fragment, and learn from it."""
        begin = fragment.rfind("<row")
        head = _ROW.match(fragment, begin) if begin >= 0 else None
        if head is None or len(fragment) > _MOST_ROW:
            return self._broken("too_long" if len(fragment) > _MOST_ROW else "undecodable", fragment)
        written = _ROW_NUMBER.search(head[1])
        self._number = self._place(written[1] if written else "")
        inner = fragment[head.end() :]
        cells = None if "<!" in inner or "'" in _tags(inner) else self._by_cells(inner)
        if cells is None:
            cells = self._by_expat(inner)
        if cells is None:
            return Broken(self._number, "undecodable", fragment[begin:].encode("utf-8", "surrogatepass"))
        return Row(self._number, cells)

    def _by_cells(self, inner: str) -> list[str] | None:
        """Return the cells of a row by regular expressions, None when they cannot vouch for it."""
        cells: list[str] = []
        shape: dict[int, Signature] = {}
        taken = 0
        for found in _CELL.finditer(inner):
            taken += found.end() - found.start()
            attributes = dict(_ATTRIBUTE.findall(found[1]))
            column = _column(attributes.get("r", ""), len(cells))
            content = found[2] or ""
            kind, style = attributes.get("t", ""), attributes.get("s", "")
            form, value = _form(content, kind)
            if form is None:
                return None
            if content and style.isalnum() | (not style) and kind.isalpha() | (not kind):
                shape[column] = (kind, style, form)
            _put(cells, column, self.spelling.cell(kind, style, value))
        if taken != len(inner.strip()) and _CELL.sub("", inner).strip():
            return None
        self._learn(shape)
        return cells

    def _by_expat(self, inner: str) -> list[str] | None:
        """Return the cells of a row by expat, None when it is no XML."""
        cells: list[str] = []
        state: dict[str, str] = {}
        stack: list[str] = []
        parts: dict[str, list[str]] = {"v": [], "t": []}

        def start(tag: str, attributes: dict[str, str]) -> None:
            stack.append(local(tag))
            if stack[-1] == "c":
                state.clear()
                state.update({local(k): v for k, v in attributes.items()})
                parts["v"], parts["t"] = [], []

        def end(_tag: str) -> None:
            if stack.pop() == "c":
                kind = state.get("t", "")
                # What expat read has its entities undone already: "d", "e" and texts must not be undone twice.
                if kind in {"", "n", "s", "b", "d"}:
                    value = self.spelling.cell(kind, state.get("s", ""), "".join(parts["v"]))
                else:
                    value = unescaped("".join(parts["t"] if kind == "inlineStr" else parts["v"]))
                _put(cells, _column(state.get("r", ""), len(cells)), value)

        def text(data: str) -> None:
            if stack and stack[-1] in parts and "rPh" not in stack:
                parts[stack[-1]].append(data)

        parser = expat.ParserCreate()
        parser.StartElementHandler, parser.EndElementHandler = start, end
        parser.CharacterDataHandler = text
        try:
            parser.Parse(f"<row>{inner}</row>".encode("utf-8", "surrogatepass"), True)
        except expat.ExpatError:
            return None
        return cells

    def _learn(self, shape: dict[int, Signature]) -> None:
        """Remember a row that the template did not fit; make a new one when there are enough of them."""
        self._recent.append(shape)
        self._misses += 1
        # The first template comes soon; a later one only when many rows look otherwise.
        if self._misses < (_LEARN_FROM if self._template is None else _FORGET_AFTER):
            return
        counts: dict[int, dict[Signature, int]] = {}
        for known in self._recent:
            for column, signature in known.items():
                kinds = counts.setdefault(column, {})
                kinds[signature] = kinds.get(signature, 0) + 1
        previous = self._template
        if previous is not None:
            for column, kind, style in previous.groups:
                kinds = counts.setdefault(column, {})
                for form in ("v", "is"):
                    kinds.setdefault((kind, style, form), 0)
        shapes = {
            column: sorted(kinds, key=lambda one, kinds=kinds: -kinds[one])[:4]  # type: ignore[misc]
            for column, kinds in counts.items()
            if column < _COLUMNS
        }
        if sum(map(len, shapes.values())) <= 4000:
            self._template = _Template(shapes)
        self._recent.clear()
        self._misses = 0


def _tags(inner: str) -> str:
    """Return the insides of tags, where an apostrophe would quote an attribute."""
    return "".join(re.findall(r"<[^<>]*>", inner)) if "'" in inner else ""


def _form(content: str, kind: str) -> tuple[str | None, str]:
    """Return the form and value of a cell's content; no form when it is not understood."""
    if not content:
        return "v", ""
    if kind == "inlineStr":
        inside = _PHONETIC.sub("", content) if "<rPh" in content else content
        texts = _TEXT.findall(inside)
        return "is", "".join(texts)
    found = _VALUE.search(content)
    if found is None and "<is" in content:
        return None, ""
    return "f" if "<f" in content else "v", found[1] if found else ""


def _column(reference: str, otherwise: int) -> int:
    found = _REFERENCE.fullmatch(reference)
    column = column_of(found[1]) if found else otherwise
    return column if column < _COLUMNS else otherwise


def _put(cells: list[str], column: int, value: str) -> None:
    """Set a cell of a row that grows as far as cells have something in them."""
    if not value:
        return
    if column >= len(cells):
        cells.extend([""] * (column + 1 - len(cells)))
    cells[column] = value
