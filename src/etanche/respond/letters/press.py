"""Letters as PDF/UA-1: many in one document, each on pages of its own.

Rules, in the order in which they apply:

1. A batch is letters of one controller and one release; what it holds of a letter is its number, the lines of its
   window, its salutation and which wording it has.
2. Pages of a letter depend on its wording alone, since the window is placed apart from the text: they are counted once
   for each wording, and every batch must have as many pages as its letters add up to.
3. The date is the release's, so that the same batch made again is the same bytes.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cache
from importlib import resources

import pypdfium2  # type: ignore[import-untyped]

from etanche.respond import typeset
from etanche.respond.controllers import Controller
from etanche.respond.letters.recipients import Who
from etanche.respond.letters.wording import Block, Template, blocks, day, facts, sender, title

BATCH = 500
"""Letters of one document: some 0.4 GB while it is made, 7 MB when it is."""


_FOOT = re.compile(r"PAGES-(\d{6})")
_PLAIN: dict[str, Callable[[str], list[str]]] = {
    "heading": lambda text: ["", text.upper(), ""],
    "item": lambda text: [f"- {text}"],
    "text": lambda text: ["", text, ""],
}


@dataclass(frozen=True, slots=True)
class Wording:
    """What some letters of a controller say."""

    template: str
    who: Who
    families: tuple[str, ...]
    language: str
    size: float
    title: str
    date: str
    reference: str
    blocks: tuple[Block, ...]
    salutations: tuple[tuple[str, str], ...]
    pages: int = 0

    def salutation(self, code: str) -> str:
        """Return how somebody is greeted."""
        return dict(self.salutations)[code]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One letter, ready to be set."""

    number: str
    lines: tuple[str, ...] = field(repr=False)
    salutation: str
    wording: int
    """Its place among the wordings of the batch."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Letters that become one document."""

    sender: tuple[str, ...]
    wordings: tuple[Wording, ...]
    sheets: tuple[Sheet, ...] = field(repr=False)
    created: datetime

    @property
    def pages(self) -> int:
        """Pages that the document must have."""
        return sum(self.wordings[sheet.wording].pages for sheet in self.sheets)


def worded(controller: Controller, made: Template, who: Who, families: tuple[str, ...], dated: date) -> Wording:
    """Return what a controller's letters to some readers say."""
    known = facts(controller, made)
    label = made.content["label"]
    when = day(dated, made.language)
    place = known.get("commune")
    return Wording(
        template=made.name,
        who=who,
        families=families,
        language=made.language,
        size=made.size,
        title=title(made, who),
        date=label["date"].format(commune=place, date=when) if place else when,
        reference=label["reference"],
        blocks=blocks(made, who, families, known),
        salutations=tuple(made.content["salutation"].items()),
    )


def paged(sender_lines: Sequence[str], wordings: Sequence[Wording], created: datetime) -> tuple[Wording, ...]:
    """Return the wordings with the pages that a letter of each takes."""
    window = ("M", "RUE", "75000 PARIS")
    sheets = tuple(
        Sheet(f"PAGES-{place:06}", window, each.salutation("both"), place) for place, each in enumerate(wordings)
    )
    if not sheets:
        return ()
    found = pypdfium2.PdfDocument(document(Batch(tuple(sender_lines), tuple(wordings), sheets, created)))
    # Each page says at its foot which letter it is of.
    feet = Counter(foot for page in found for foot in _FOOT.findall(page.get_textpage().get_text_range())[-1:])
    return tuple(replace(each, pages=feet[f"{place:06}"]) for place, each in enumerate(wordings))


def count(data: bytes) -> int:
    """Return how many pages a document of ours has."""
    return max(map(int, re.findall(rb"/Type/Pages/Count (\d+)", data)))


def document(batch: Batch) -> bytes:
    """Return a batch as one PDF/UA-1 document; `TypesetError` where it cannot be set or its pages do not add up."""
    data = typeset.pdf(
        _source(),
        {
            "sender": list(batch.sender),
            "wordings": [
                {
                    "size": each.size,
                    "language": each.language,
                    "title": each.title,
                    "date": each.date,
                    "label": {"reference": each.reference},
                    "blocks": [{"k": block.kind, "t": block.text} for block in each.blocks],
                }
                for each in batch.wordings
            ],
            "letters": [
                {"w": each.wording, "n": each.number, "a": list(each.lines), "s": each.salutation}
                for each in batch.sheets
            ],
        },
        title=batch.wordings[0].title,
        language=batch.wordings[0].language,
        created=batch.created,
    )
    if batch.pages and count(data) != batch.pages:
        raise typeset.TypesetError
    return data


def sender_of(controller: Controller) -> tuple[str, ...]:
    """Return the lines that say who writes."""
    return tuple(sender({**controller.cells, "name": controller.name}))


def plain(batch: Batch, sheet: Sheet) -> str:
    """Return a letter as plain text, for an e-mail."""
    wording = batch.wordings[sheet.wording]
    lines = [*batch.sender, "", wording.date, f"{wording.reference} {sheet.number}", "", wording.title, ""]
    lines += [sheet.salutation, ""]
    for block in wording.blocks:
        lines += _PLAIN[block.kind](block.text)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n"


@cache
def _source() -> str:
    return (resources.files(__package__) / "letter.typ").read_text(encoding="utf-8")
