"""Pairs to be judged as a file, for whoever judges without a terminal: CSV out, the same with answers in.

Rules, in the order in which they apply:

1. One line a pair: its number, an empty cell for the answer, each field of either side.  A cell that a spreadsheet
   would take for a formula gets an apostrophe before it.
2. Coming back, only the number and the answer count; a line without an answer was not judged.  One line that is wrong
   and nothing is taken.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from etanche.errors import ExitCode, UserError
from etanche.linking.labels import Answer, Question
from etanche.linking.sample import SHOWN

_FORMULA = "=+-@\t\r\n"
_SAID = {
    **dict.fromkeys(("yes", "y", "oui", "o", "1", "true", "vrai"), Answer.YES),
    **dict.fromkeys(("no", "n", "non", "0", "false", "faux"), Answer.NO),
    **dict.fromkeys(("unsure", "?"), Answer.UNSURE),
}
"""How an answer may be spelt."""
_BYTES = 64 << 20


def plain(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula (OWASP, "CSV injection")."""
    return f"'{cell}" if cell[:1] and cell[0] in _FORMULA else cell


def table(rows: Iterable[Sequence[str]]) -> bytes:
    """Return rows of text as CSV that spreadsheets open: UTF-8 with its mark, commas."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows([plain(cell) for cell in row] for row in rows)
    return b"\xef\xbb\xbf" + text.getvalue().encode("utf-8", "backslashreplace")


def pairs(questions: Iterable[Question]) -> bytes:
    """Return pairs as a file to be filled in."""
    return table(_pairs(questions))


def _pairs(questions: Iterable[Question]) -> Iterator[list[str]]:
    yield ["pair", "answer", *(f"{name}_{side}" for name in SHOWN for side in "ab")]
    for question in questions:
        held = {name: (one, other) for name, one, other in question.fields}
        yield [str(question.pair), "", *(cell for name in SHOWN for cell in held.get(name, ("", "")))]


def answers(path: Path) -> list[tuple[int, Answer]]:
    """Return what a file says of pairs; `UserError`: unreadable (3), or what is wrong with its first wrong line (2)."""
    try:
        with path.open("rb") as stream:
            text = stream.read(_BYTES).decode("utf-8-sig")
        dialect: type[csv.Dialect] | str = csv.Sniffer().sniff(text[:4096], ",;\t")
    except (OSError, UnicodeDecodeError):
        raise UserError("review_unreadable", ExitCode.UNREADABLE, path=str(path)) from None
    except csv.Error:
        dialect = "excel"
    lines = csv.DictReader(io.StringIO(text), dialect=dialect)
    if not {"pair", "answer"} <= set(lines.fieldnames or ()):
        raise UserError("review_columns", ExitCode.USAGE, path=str(path))
    found = []
    for line in lines:
        number, said = (str(line[name] or "").strip() for name in ("pair", "answer"))
        if not said:
            continue
        if not number.isdecimal() or said.lower() not in _SAID:
            raise UserError("review_line", ExitCode.USAGE, path=str(path), line=lines.line_num)
        found.append((int(number), _SAID[said.lower()]))
    return found
