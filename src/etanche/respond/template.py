"""Templates of documents: dated Markdown files that a lawyer can read, filled with values that say where they are from.

Rules, in the order in which they apply:

1. A file opens with `+++`, what it is (TOML: `title`, `written`, `reviewed` once a lawyer has), `+++`.  Each line of
   its body is one paragraph, item or row.
2. `{name}` is a value, and `{ask: label}` what a person has to write.  Without a value it is a blank, shown and listed.
3. A line that begins with `{?name}` stands only where there is such a value, with `{!name}` only where there is none.
   `{{name}}` alone on a line is a block of lines.
4. `[[GDPR 33(5)]]` is the article that a sentence rests on: printed beside it, or, where `laws = false`, kept in the
   source only.  `[[advice]]` says that the sentence is advice and no law; it is never printed.
5. A value that was counted or seen bears a note that names its source.
6. A value is text, whatever it holds: it is spelt so that Markdown takes nothing in it for its own.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.resources.abc import Traversable
from typing import Any

ADVICE = "advice"
_GAP = re.compile(r"[^\S\u00a0\u202f]+")
"""Any white space but that which holds the groups of a number together."""
_UNSEEN = frozenset({"Cc", "Cf", "Cs"})
_HOLE = re.compile(r"\{(?:([a-z][a-z0-9_]*)|ask: ?([^{}]+))\}")
_BLOCK = re.compile(r"\{\{([a-z][a-z0-9_]*)\}\}")
_ONLY = re.compile(r"((?:[-*] |\d+\. |> )?)\{([?!])([a-z][a-z0-9_]*)\} ?")
_LAW = re.compile(r" ?\[\[([^\[\]]+)\]\]")


@dataclass(frozen=True, slots=True)
class Value:
    """What stands in a document, and where it is from."""

    text: str
    source: str
    """File and key: "census.json: laboratories"."""
    noted: bool = False
    """Whether a note in the document names the source: every figure, and what was seen in the whole file."""
    whole: bool = False
    """Whether it was seen in the whole file, and is still to be confirmed for the controller's own patients."""


Block = tuple[str, ...]
"""Lines of Markdown, made by étanche, in which every value was spelt by `plain`."""


@dataclass(frozen=True, slots=True)
class Template:
    """A document before it is filled."""

    name: str
    language: str
    title: str
    written: date
    reviewed: date | None
    """The day on which a lawyer held it against its sources; None: nobody has."""
    laws: bool
    """Whether the articles are printed beside their sentences."""
    body: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Filled:
    """A document's body."""

    lines: tuple[str, ...]
    blanks: tuple[str, ...]
    """What is still to be written, by its label, in the order of the document."""
    used: tuple[tuple[str, Value], ...]
    """Each value that stands in it, by name, once."""
    articles: tuple[str, ...]


def read(file: Traversable) -> Template:
    """Return the template of a file `NAME.LANGUAGE.md`; `ValueError` for one without its heading."""
    name, language, _ = file.name.split(".")
    _, heading, body = file.read_text(encoding="utf-8").split("+++\n", 2)
    said: dict[str, Any] = tomllib.loads(heading)
    if stray := said.keys() - {"title", "written", "reviewed", "laws"}:
        msg = f"{file.name}: {sorted(stray)}"
        raise ValueError(msg)
    return Template(
        name=name,
        language=language,
        title=said["title"],
        written=said["written"],
        reviewed=said.get("reviewed"),
        laws=said.get("laws", True),
        body=tuple(body.strip().splitlines()),
    )


def articles_of(line: str) -> tuple[str, ...]:
    """Return the articles that a line rests on, advice left out."""
    marks = (mark.strip() for match in _LAW.finditer(line) for mark in match[1].split(";"))
    return tuple(mark for mark in marks if mark != ADVICE)


def fill(template: Template, values: Mapping[str, Value | Block], blank: str, label: Mapping[str, str]) -> Filled:
    """Return a template's body with its values; `blank` is how a blank is shown ("[to fill in: {label}]").

    `label` names the values that may be missing.  `KeyError` for a hole that has neither a value nor a label: a slip in
    the template.
    """
    filler = _Filler(template, values, blank, label)
    lines = tuple(filler.lines())
    return Filled(lines, tuple(dict.fromkeys(filler.blanks)), tuple(filler.used.items()), tuple(filler.articles))


class _Filler:
    """Fills one document, and keeps what it used."""

    def __init__(
        self, template: Template, values: Mapping[str, Value | Block], blank: str, label: Mapping[str, str]
    ) -> None:
        self._template, self._values, self._blank, self._label = template, values, blank, label
        self.blanks: list[str] = []
        self.used: dict[str, Value] = {}
        self.articles: dict[str, None] = {}

    def lines(self) -> Iterator[str]:
        for line in self._template.body:
            if only := _ONLY.match(line):
                if (only[3] in self._values) != (only[2] == "?"):
                    continue
                line = only[1] + line[only.end() :]  # noqa: PLW2901 - the line without its condition
            if block := _BLOCK.fullmatch(line):
                yield from self._block(block[1])
                continue
            self.articles |= dict.fromkeys(articles_of(line))
            yield _HOLE.sub(self._hole, _LAW.sub(self._law, line))

    def _block(self, name: str) -> Sequence[str]:
        found = self._values.get(name)
        return found if isinstance(found, tuple) else (self._missing(self._label[name]),)

    def _law(self, match: re.Match[str]) -> str:
        named = articles_of(match[0])
        return f" ({', '.join(named)})" if named and self._template.laws else ""

    def _hole(self, match: re.Match[str]) -> str:
        if match[2]:
            return self._missing(match[2])
        name = match[1]
        value = self._values.get(name)
        if not isinstance(value, Value):
            return self._missing(self._label[name])
        self.used.setdefault(name, value)
        if not value.noted:
            return plain(value.text)
        number = [each for each, own in self.used.items() if own.noted].index(name) + 1
        return f"{plain(value.text)}[^{number}]"

    def _missing(self, label: str) -> str:
        self.blanks.append(label)
        return f"**{self._blank.format(label=label)}**"


def plain(text: str) -> str:
    """Return a text on one line, with what Markdown would take as its own spelt, and nothing that reverses its reading.

    >>> plain("a *b* [c](d)")
    'a \\\\*b\\\\* \\\\[c\\\\](d)'
    """
    kept = (char for char in _GAP.sub(" ", text).strip() if unicodedata.category(char) not in _UNSEEN)
    return "".join(f"\\{char}" if char in "\\`*_[]<>#|!~&" else char for char in kept)
