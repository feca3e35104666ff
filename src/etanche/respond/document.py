"""A document of the response: what it draws from, which there are, and how one is written as Markdown.

Rules, in the order in which they apply:

1. A document is a file of `documents/`, found by looking there: `NAME.py` says where it goes, when it applies and what
   it needs besides the common values; `NAME.fr.md`, and `NAME.en.md` where English is useful, are its words.
2. It draws from one `Dossier`, which holds one controller and nothing of another.
3. It ends with what has to be taken off before it is sent: what is missing, where the figures are from, which texts it
   cites and which of them nobody has read in their source.
4. What belongs to counsel alone goes to `PRIVILEGED`, which no file for an inspector includes.
"""

from __future__ import annotations

import importlib
import pkgutil
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from importlib import resources
from typing import Any

from etanche.respond.controllers import Controller
from etanche.respond.notification import Answer, Facts
from etanche.respond.template import Block, Filled, Template, Value, fill, plain, read
from etanche.respond.terms import terms

FOLDER = "documents"
PRIVILEGED = "privileged"
"""The folder of what counsel alone should see."""
BLANKS = "blanks"
"""The block of values in which a document names what is blank in its other blocks."""
NATIVE = "fr"
"""The language in which every document is written."""


@dataclass(frozen=True, slots=True)
class Dossier:
    """All that a document may draw from: one controller."""

    controller: Controller
    duties: Sequence[Mapping[str, Any]]
    """Its duties as `deadlines.json` has them."""
    facts: Facts
    seen: Mapping[str, int | str]
    """Figures of the whole file, by key of the census."""
    case: Mapping[str, str]
    """What the case says of itself: `id`, `created`, `head`, `sha256` of the leak's first file."""
    answers: Sequence[Answer]
    """The draft of its notification."""
    initial: Mapping[str, str | None] | None
    """The answers of its initial notification, by code; None: none was prepared here."""
    now: datetime


@dataclass(frozen=True, slots=True)
class Made:
    """A document as it was written."""

    name: str
    language: str
    path: str
    """In the controller's folder, with slashes."""
    title: str
    written: date
    reviewed: date | None
    text: str = field(repr=False)
    blanks: tuple[str, ...]
    figures: tuple[tuple[str, str], ...] = field(repr=False)
    """Each figure and where it is from."""
    articles: tuple[str, ...]


More = Callable[["Dossier", str, Sequence[Made]], Mapping[str, "Value | Block"]]


def _nothing_more(_dossier: Dossier, _language: str, _made: Sequence[Made]) -> Mapping[str, Value | Block]:
    return {}


def _always(_dossier: Dossier) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Document:
    """A kind of document."""

    order: int
    """When a controller needs it; the last may draw from those before it."""
    duty: str = ""
    """The duty that it serves, by code; empty: none alone."""
    folder: str = FOLDER
    """In the controller's folder; empty: that folder itself."""
    applies: Callable[[Dossier], bool] = _always
    more: More = _nothing_more
    """Values besides the common ones, for a language, after the documents made before."""
    goes_out: bool = True
    """Whether it is sent or filed, so that it ends with what has to be taken off before."""
    name: str = ""
    """The name of its file; set when it is found."""

    def template(self, language: str) -> Template | None:
        """Return its template in a language, None where there is none."""
        return _template(self.name, language)

    @property
    def stem(self) -> str:
        """The name of its files in the controller's folder, without language and ending."""
        return "/".join(part for part in (self.folder, self.name.replace("_", "-")) if part)


@cache
def _template(name: str, language: str) -> Template | None:
    file = resources.files(f"{__package__}.documents") / f"{name}.{language}.md"
    return read(file) if file.is_file() else None


@cache
def known_documents() -> tuple[Document, ...]:
    """Return the documents that there are, in their order."""
    folder = importlib.import_module(f"{__package__}.documents")
    found = []
    for module in pkgutil.iter_modules(folder.__path__):
        one: Document = importlib.import_module(f"{folder.__name__}.{module.name}").DOCUMENT
        values = {name: getattr(one, name) for name in ("order", "duty", "folder", "applies", "more", "goes_out")}
        found.append(Document(**values, name=module.name))
    return tuple(sorted(found, key=lambda each: (each.order, each.name)))


def make(
    dossier: Dossier, values: Callable[[Dossier, str], Mapping[str, Value | Block]], languages: Sequence[str]
) -> tuple[Made, ...]:
    """Return the documents of one controller, in French and in each further language that there is a template in."""
    made: list[Made] = []
    common = {language: values(dossier, language) for language in dict.fromkeys((NATIVE, *languages))}
    for document in known_documents():
        if not document.applies(dossier):
            continue
        for language, own in common.items():
            template = document.template(language)
            if template is not None:
                more = document.more(dossier, language, made)
                made.append(_made(document, template, {**own, **more}, dossier))
    return tuple(made)


def _made(document: Document, template: Template, values: Mapping[str, Value | Block], dossier: Dossier) -> Made:
    said = terms(template.language)
    filled = fill(template, values, said["blank_of"], said["label"])
    listed = values.get(BLANKS, ())
    blanks = filled.blanks + (listed if isinstance(listed, tuple) else ())
    noted = [(name, value) for name, value in filled.used if value.noted]
    notes = [f"[^{number}]: {plain(value.source)}" for number, (_, value) in enumerate(noted, start=1)]
    lines = [
        f"# {template.title}",
        "",
        f"*{_draft(template, dossier, said)}*",
        "",
        *_spaced(filled.lines),
        "",
        *(_ending(filled, blanks, bool(notes), said) if document.goes_out else ()),
        *(["", *notes] if notes else []),
    ]
    suffix = "" if template.language == NATIVE else f".{template.language}"
    return Made(
        name=document.name,
        language=template.language,
        path=f"{document.stem}{suffix}.md",
        title=template.title,
        written=template.written,
        reviewed=template.reviewed,
        text="\n".join(lines) + "\n",
        blanks=blanks,
        figures=tuple((value.text, value.source) for _, value in noted),
        articles=filled.articles,
    )


def _draft(template: Template, dossier: Dossier, said: Mapping[str, Any]) -> str:
    day = dossier.now.astimezone(dossier.controller.calendar.zone)
    shape = said["day"]
    reviewed = (
        said["reviewed"].format(day=format(template.reviewed, shape)) if template.reviewed else said["unreviewed"]
    )
    name, written = plain(dossier.controller.name), format(template.written, shape)
    return f"{said['draft'].format(name=name, day=format(day, shape), written=written)} {reviewed}"


def _spaced(lines: Sequence[str]) -> Iterator[str]:
    """Yield lines with one empty line between paragraphs, none doubled by a line that was left out."""
    before = ""
    for line in lines:
        if line or before:
            yield line
        before = line


def _ending(filled: Filled, blanks: Sequence[str], noted: bool, said: Mapping[str, Any]) -> Iterator[str]:
    """Yield what has to be taken off before the document is sent."""
    yield "---"
    yield ""
    yield f"## {said['ending']}"
    yield ""
    yield said["missing_some"] if blanks else said["missing_none"]
    yield ""
    yield from (f"- {plain(label)}" for label in blanks)
    known = _known()
    for mark in ("read", "known"):
        named = [article for article in filled.articles if known[article.replace("GDPR", "RGPD")]["mark"] == mark]
        if named:
            yield ""
            yield f"{said[f'cited_{mark}']} {', '.join(named)}."
    for key, holds in (("confirm", any(value.whole for _, value in filled.used)), ("traced", noted)):
        if holds:
            yield ""
            yield said[key]


@cache
def _known() -> dict[str, dict[str, str]]:
    file = resources.files(__package__) / "articles.toml"
    found: dict[str, dict[str, str]] = tomllib.loads(file.read_text(encoding="utf-8"))["article"]
    return found


def articles() -> Mapping[str, Mapping[str, str]]:
    """Return the articles that templates may cite: `gist`, `mark` ("read" in a source, or "known"), `source`."""
    return _known()
