"""Tables of the report: a caption, headings with their scope, figures to the right, a bar where a share helps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from etanche.report.markup import Markup, join, tag
from etanche.report.pictures import bar
from etanche.report.speech import Speech


def table(caption: str, headings: Sequence[str], rows: Iterable[Sequence[object]], class_: str = "") -> Markup:
    """Return a table whose first column names its rows; a cell that is `Number` stands to the right."""
    lines = [list(row) for row in rows]
    figures = {place for row in lines for place, value in enumerate(row) if isinstance(value, Number)}
    head = (
        tag("th", heading, scope="col", class_="n" if place in figures else None) if heading else tag("td")
        for place, heading in enumerate(headings)
    )
    body = (tag("tr", tag("th", first, scope="row"), *(_cell(value) for value in rest)) for first, *rest in lines)
    content = (tag("caption", caption), tag("thead", tag("tr", *head)), tag("tbody", *body))
    # A table wider than the screen scrolls; whoever uses the keyboard must be able to reach it.
    return tag(
        "div",
        tag("table", *content, class_=class_ or None),
        class_="scroll",
        tabindex="0",
        role="region",
        aria_label=caption,
    )


class Number(str):
    """A figure already written in its language."""

    __slots__ = ()


def _cell(value: object) -> Markup:
    return tag("td", value, class_="n" if isinstance(value, Number) else None)


def shares(
    speech: Speech, caption: str, headings: tuple[str, str, str], counts: Mapping[str, int | None], of: int | None
) -> Markup:
    """Return counts by name as a table: the name, the figure, its share of `of` with a bar."""
    rows = [
        (name, Number(speech.number(count)), join([tag("span", speech.percent(count, of)), bar(count, of)]))
        for name, count in counts.items()
    ]
    return table(caption, headings, rows, "shares")
