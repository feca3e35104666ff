"""A document in Markdown, edited by hand or not, as a PDF/UA-1 page.

Rules, in the order in which they apply:

1. Markdown is read by a parser of its standard (CommonMark, with tables), never by Typst: what a cell of the
   controllers file holds is data in the page, whatever it looks like.
2. `[^1]` and a line `[^1]: …` are a note.  A strong text between brackets is a blank, and stands out.
3. Raw HTML is text.  A rule (`---`) begins a new page: what comes after it need not be sent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from importlib import resources
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from etanche.respond import typeset

_NOTE = re.compile(r"^\[\^(\w+)\]: (.*)$", re.MULTILINE)
_CALL = re.compile(r"(?<!\\)\[\^(\w+)\]")
_CALLED = re.compile("\ue000(\\w+)\ue001")
"""A call of a note while the rest is parsed: what was spelt `\\[^1\\]` is text by then, and must stay it."""
_WRAPS = {
    "strong_open": "strong",
    "em_open": "emph",
    "bullet_list_open": "list",
    "ordered_list_open": "enum",
    "list_item_open": "item",
    "blockquote_open": "quote",
    "table_open": "table",
    "tr_open": "row",
    "th_open": "cell",
    "td_open": "cell",
    "paragraph_open": "par",
    "thead_open": "group",
    "tbody_open": "group",
    "link_open": "group",
    "s_open": "group",
}
_NARROW, _WIDE = 12, 40

Node = dict[str, Any]


def page(markdown: str, language: str, created: datetime) -> bytes:
    """Return a document as PDF/UA-1; its first heading is its title."""
    nodes = tree(markdown)
    title = next((_text(node) for node in nodes if node["kind"] == "heading"), "")
    return typeset.pdf(_source(), {"nodes": nodes}, title=title or "-", language=language, created=created)


@cache
def _source() -> str:
    return (resources.files(__package__) / "page.typ").read_text(encoding="utf-8")


@cache
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable("table")


def tree(markdown: str) -> list[Node]:
    """Return a document as nodes: `kind`, and `text` or `items`; headings have a `level`, tables their `widths`."""
    notes = {match[1]: match[2].replace("\\", "") for match in _NOTE.finditer(markdown)}
    plain = re.sub("[\ue000\ue001]", "", _NOTE.sub("", markdown))
    tokens = _parser().parse(_CALL.sub("\ue000\\1\ue001", plain))
    return _nodes(iter(tokens), notes)


def _nodes(tokens: Iterator[Token], notes: Mapping[str, str]) -> list[Node]:
    """Return the nodes up to the end of the element that was opened last."""
    found: list[Node] = []
    for token in tokens:
        if token.nesting < 0:
            break
        if token.type == "inline":
            found += _nodes(iter(token.children or ()), notes)
        elif token.type == "heading_open":
            heading: Node = {"kind": "heading", "level": int(token.tag[1]), "items": _nodes(tokens, notes)}
            # PDF/UA knows no heading without words.
            found += [heading] if _text(heading).strip() else []
        elif token.nesting > 0:
            found.append(_wrapped(_WRAPS.get(token.type, "group"), _nodes(tokens, notes)))
        else:
            found += _leaf(token, notes)
    return found


def _wrapped(kind: str, items: list[Node]) -> Node:
    if kind == "strong" and (text := _text({"kind": kind, "items": items})).startswith("[") and text.endswith("]"):
        return {"kind": "blank", "items": items}
    if kind == "table":
        rows = [row for group in items for row in group["items"]]
        return {"kind": "table", "items": rows, "widths": _widths(rows)}
    return {"kind": kind, "items": items}


def _widths(rows: list[Node]) -> list[int]:
    """Return the width that each column asks for: its longest cell, within bounds, and room for its longest word."""
    columns = max((len(row["items"]) for row in rows), default=1)
    cells = ([_text(cell) for cell in row["items"]] for row in rows)
    asked = [[_asked(text) for text in row] + [0] * (columns - len(row)) for row in cells] or [[0]]
    return [max(_NARROW, *column) for column in zip(*asked, strict=True)]


def _asked(text: str) -> int:
    return max(min(len(text), _WIDE), *(3 * min(len(word), _WIDE) // 2 for word in text.split()), 0)


def _leaf(token: Token, notes: Mapping[str, str]) -> Iterator[Node]:
    if token.type == "hr":
        yield {"kind": "rule", "items": []}
    elif token.type in {"softbreak", "hardbreak"}:
        yield {"kind": "text", "text": " "} if token.type == "softbreak" else {"kind": "break", "items": []}
    elif token.type in {"code_inline", "code_block", "fence"}:
        yield {"kind": "code", "text": _CALLED.sub(r"[^\1]", token.content)}
    else:
        yield from _noted(token.content, notes)


def _noted(text: str, notes: Mapping[str, str]) -> Iterator[Node]:
    """Yield a text with its calls of notes."""
    end = 0
    for call in _CALLED.finditer(text):
        yield {"kind": "text", "text": text[end : call.start()]}
        if call[1] in notes:
            yield {"kind": "note", "text": notes[call[1]]}
        else:
            yield {"kind": "text", "text": f"[^{call[1]}]"}
        end = call.end()
    yield {"kind": "text", "text": text[end:]}


def _text(node: Node) -> str:
    inner: Sequence[Node] = node.get("items", ())
    return str(node.get("text", "")) + "".join(_text(each) for each in inner)
