"""A sheet that counsel or an officer keeps: one template of `sheets/`, filled, with what it was made of.

Rules, in the order in which they apply:

1. A sheet is a dated file `sheets/NAME.LANGUAGE.md`, with the article beside each sentence that states law
   (`template.py`).
2. It ends with the day of its template and whether a lawyer reviewed it.
3. A cell of a table is a value: it is spelt so that it stays a cell.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib import resources

from etanche.respond.page import page as page_of
from etanche.respond.template import Block, Template, Value, articles_of, fill, plain, read

__all__ = ["Block", "Sheet", "Value", "bullets", "cited", "names", "sheet", "sources", "table", "template", "verse"]

_SAID = {
    "fr": {
        "blank": "[à compléter : {label}]",
        "written": "Modèle du {day}.",
        "unreviewed": "Aucun juriste ne l'a encore relu.",
        "reviewed": "Relu par un juriste le {day}.",
    },
    "en": {
        "blank": "[to fill in: {label}]",
        "written": "Template of {day}.",
        "unreviewed": "No lawyer has reviewed it yet.",
        "reviewed": "Reviewed by a lawyer on {day}.",
    },
}


_FRENCH = ((re.compile(r"\bGDPR recital\b"), "RGPD considérant"), (re.compile(r"\bGDPR (?=\d)"), "RGPD "))
"""What the Regulation is called in a French sheet: the templates cite it by one name in each language."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet as it is written."""

    title: str
    text: str
    """Markdown."""
    blanks: tuple[str, ...]
    articles: tuple[str, ...]
    language: str

    def files(self, stem: str, created: datetime) -> dict[str, bytes]:
        """Return the sheet as the files to be written: its source, to be edited, and PDF/UA."""
        return {
            f"{stem}.md": self.text.encode("utf-8", "replace"),
            f"{stem}.pdf": page_of(self.text, self.language, created),
        }


def names(folder: str = "sheets") -> tuple[str, ...]:
    """Return the names of the sheets of a folder."""
    files = resources.files(__package__) / folder
    return tuple(sorted({file.name.split(".")[0] for file in files.iterdir() if file.name.endswith(".md")}))


def template(name: str, language: str, folder: str = "sheets") -> Template:
    """Return the template of a sheet, in French where there is none in a language."""
    files = resources.files(__package__) / folder
    own = files / f"{name}.{language}.md"
    return read(own if own.is_file() else files / f"{name}.fr.md")


def sheet(
    name: str,
    language: str,
    values: Mapping[str, str | Value | Block],
    label: Mapping[str, str] | None = None,
    *,
    folder: str = "sheets",
    foot: bool = True,
) -> Sheet:
    """Return a sheet with its values; `label` names those that may be missing; `foot`: with the day of its template."""
    found = template(name, language, folder)
    said = _SAID[found.language]
    filled = fill(
        found,
        {key: Value(each, "") if isinstance(each, str) else each for key, each in values.items()},
        said["blank"],
        label or {},
    )
    reviewed = said["reviewed"].format(day=found.reviewed) if found.reviewed else said["unreviewed"]
    notes = [
        f"[^{number}]: {plain(value.source)}"
        for number, value in enumerate((value for _, value in filled.used if value.noted), start=1)
    ]
    ending = ["", f"*{said['written'].format(day=found.written)} {reviewed}*"] if foot else []
    lines = [f"# {found.title}", "", *_spaced(filled.lines), *ending, *(["", *notes] if notes else [])]
    text = cited("\n".join(lines) + "\n", found.language)
    return Sheet(found.title, text, filled.blanks, filled.articles, found.language)


def cited(text: str, language: str) -> str:
    """Return a text with the Regulation called as a language calls it."""
    for pattern, name in _FRENCH if language == "fr" else ():
        text = pattern.sub(name, text)
    return text


def _spaced(lines: Iterable[str]) -> Iterator[str]:
    """Yield lines without the empty ones that a line left out leaves behind."""
    before = ""
    for line in lines:
        if line or before:
            yield line
        before = line


def sources(name: str, language: str, folder: str = "sheets") -> tuple[str, ...]:
    """Return the articles that a template cites, printed or not."""
    cited = (article for line in template(name, language, folder).body for article in articles_of(line))
    return tuple(dict.fromkeys(cited))


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Block:
    """Return a table; each cell is a text, whatever it holds."""
    lines = [list(header), ["---"] * len(header), *([plain(cell) for cell in row] for row in rows)]
    return tuple(f"| {' | '.join(line)} |" for line in lines)


def bullets(items: Iterable[str]) -> Block:
    """Return a list; each item is a text."""
    return tuple(f"- {plain(item)}" for item in items)


def verse(lines: Iterable[str]) -> Block:
    """Return lines that stay lines, as an address has them; each is a text."""
    return tuple(f"{plain(line)}  " for line in lines)
