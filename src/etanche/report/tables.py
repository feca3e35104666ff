"""Tables of the report: a caption, headings with their scope, figures to the right, a bar where a share helps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from etanche.report.markup import Markup, join, tag
from etanche.report.pictures import bar
from etanche.report.speech import Speech


def table(caption: str, headings: Sequence[str], rows: Iterable[Sequence[object]], class_: str = "") -> Markup:
    """Return a table whose first column names its rows; a cell that is `Number` stands to the right."""
    body = (
        tag("tr", tag("th", first, scope="row"), *(_cell(value, heading) for value, heading in _pair(rest, headings)))
        for first, *rest in rows
    )
    head = tag("tr", *(tag("th", heading, scope="col") for heading in headings))
    return tag(
        "div",
        tag("table", tag("caption", caption), tag("thead", head), tag("tbody", *body), class_=class_ or None),
        class_="scroll",
    )


class Number(str):
    """A figure already written in its language."""

    __slots__ = ()


def _pair(rest: Sequence[object], headings: Sequence[str]) -> Iterable[tuple[object, str]]:
    return zip(rest, headings[1:], strict=True)


def _cell(value: object, heading: str) -> Markup:
    if isinstance(value, Number):
        return tag("td", str(value), class_="n", data_label=heading)
    return tag("td", value, data_label=heading)


def shares(
    speech: Speech, caption: str, headings: tuple[str, str, str], counts: Mapping[str, int | None], of: int | None
) -> Markup:
    """Return counts by name as a table: the name, the figure, its share of `of` with a bar."""
    rows = [
        (name, Number(speech.number(count)), join([tag("span", speech.percent(count, of)), bar(count, of)]))
        for name, count in counts.items()
    ]
    return table(caption, headings, rows, "shares")
