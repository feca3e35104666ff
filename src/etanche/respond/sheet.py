"""A sheet that counsel or an officer keeps: one template of `sheets/`, filled, with what it was made of.

Rules, in the order in which they apply:

1. A sheet is a dated file `sheets/NAME.LANGUAGE.md`, with the article beside each sentence that states law
   (`template.py`).
2. It ends with the day of its template and whether a lawyer reviewed it.
3. A cell of a table is a value: it is spelt so that it stays a cell.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib import resources

from etanche.respond.document import articles
from etanche.respond.page import page as page_of
from etanche.respond.template import Block, Template, Value, articles_of, fill, plain, read

__all__ = [
    "Block",
    "Sheet",
    "Value",
    "bullets",
    "cited",
    "known_articles",
    "names",
    "sheet",
    "sources",
    "table",
    "template",
    "to_check",
    "verse",
]

_SAID = {
    "fr": {
        "blank": "[à compléter : {label}]",
        "written": "Modèle du {day}.",
        "unreviewed": "Aucun juriste ne l'a encore relu.",
        "reviewed": "Relu par un juriste le {day}.",
        "known": "Cités sans avoir été relus à leur source : {articles}.",
    },
    "en": {
        "blank": "[to fill in: {label}]",
        "written": "Template of {day}.",
        "unreviewed": "No lawyer has reviewed it yet.",
        "reviewed": "Reviewed by a lawyer on {day}.",
        "known": "Cited without having been read in their source: {articles}.",
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
    reviewed: bool
    """Whether a lawyer reviewed its template."""

    def files(self, stem: str, created: datetime) -> dict[str, bytes]:
        """Return the sheet as the files to be written: its source, to be edited, and PDF/UA."""
        return {
            f"{stem}.md": self.text.encode("utf-8", "replace"),
            f"{stem}.pdf": page_of(self.text, self.language, created),
        }


@cache
def known_articles() -> Mapping[str, Mapping[str, str]]:
    """Return the articles that sheets may cite, those of the documents among them: `gist`, `mark`, `source`."""
    own = tomllib.loads((resources.files(__package__) / "sheets" / "articles.toml").read_text(encoding="utf-8"))
    return {**{name.replace("RGPD", "GDPR", 1): each for name, each in articles().items()}, **own["article"]}


def to_check(cited_articles: Iterable[str]) -> tuple[str, ...]:
    """Return those of some articles that nobody read in their source: for counsel to check."""
    known = known_articles()
    return tuple(name for name in cited_articles if known[name]["mark"] != "read")


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
    unread = to_check(filled.articles)
    told = [said["known"].format(articles=", ".join(unread))] if unread else []
    ending = ["", f"*{' '.join([said['written'].format(day=found.written), reviewed, *told])}*"] if foot else []
    lines = [f"# {found.title}", "", *_spaced(filled.lines), *ending, *(["", *notes] if notes else [])]
    text = cited("\n".join(lines) + "\n", found.language)
    return Sheet(found.title, text, filled.blanks, filled.articles, found.language, found.reviewed is not None)


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
