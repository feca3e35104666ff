"""The pictures of the report, as inline SVG drawn by hand: bars, a scale, a timeline, a map.

Rules:

1. A picture never stands alone: it has a title and a description, and a table beside it says the same.
2. Colours come from the style sheet's classes, shades differ in lightness, so that all read in black and white.
3. Nothing is scripted, nothing is fetched; identifiers are unique over the page.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any

from etanche.report.markup import Markup, html_text, join, tag
from etanche.report.speech import Speech

CLASSES = 5
"""Shades of the map."""
_BANDS = ((0, 2, "low"), (2, 3, "medium"), (3, 4, "high"), (4, 6, "very_high"))
_OVERSEAS_AT = {"971": (0, 560), "972": (92, 560), "973": (0, 680), "974": (92, 680), "976": (0, 800)}
_PARIS_AT = (880, 0)


@cache
def _map() -> dict[str, Any]:
    file = resources.files(__package__) / "departements.json"
    drawn: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return drawn


def _picture(name: str, title: str, description: str, box: str, *content: object, class_: str) -> Markup:
    return tag(
        "svg",
        tag("title", title, id=f"{name}-t"),
        tag("desc", description, id=f"{name}-d"),
        *content,
        viewBox=box,
        role="img",
        aria_labelledby=f"{name}-t {name}-d",
        class_=class_,
    )


def bar(value: int | None, of: int | None, outline: bool = False) -> Markup:
    """Return a bar for a table's cell: the share of a whole; hidden from readers of the table, who have the figure."""
    share = 0.0 if not value or not of else min(1.0, value / of)
    width = 0 if share == 0 else max(0.6, 100 * share)
    return tag(
        "svg",
        tag("rect", width="100", height="8", class_="rail"),
        tag("rect", width=f"{width:.2f}", height="8", class_="outline" if outline else "fill"),
        viewBox="0 0 100 8",
        preserveAspectRatio="none",
        aria_hidden="true",
        class_="bar",
    )


def scale(score: float, speech: Speech) -> Markup:
    """Draw the scale of severity from 0 to 6 with its bands and where the file stands."""
    unit, parts = 100, []
    for low, high, band in _BANDS:
        middle = (low + high) / 2 * unit
        parts += [
            tag("rect", x=low * unit, y="34", width=(high - low) * unit - 2, height="22", class_=f"band {band}"),
            tag("text", speech.label("band", band), x=middle, y="76", text_anchor="middle"),
        ]
    at = min(max(score, 0), 6) * unit
    parts += [
        tag("path", d=f"M{at:.0f},32l-9,-12h18z", class_="needle"),
        tag("line", x1=f"{at:.0f}", x2=f"{at:.0f}", y1="30", y2="60", class_="needle"),
        tag("text", speech.decimal(score), x=f"{at:.0f}", y="15", text_anchor="middle", class_="strong"),
    ]
    title = speech("severity.picture", score=speech.decimal(score))
    return _picture("scale", title, speech("severity.limits"), "-8 0 616 84", *parts, class_="scale")


def timeline(months: Mapping[str, int | None], speech: Speech) -> Markup:
    """Draw rows by month as columns, every month between the first and the last, years on the axis."""
    names = _every_month(min(months), max(months))
    top = max([count or 0 for count in months.values()] + [1])
    ceiling = _round_up(top)
    width, height, left, foot = 900, 240, 62, 24
    step = (width - left) / len(names)
    parts: list[Markup] = []
    for share in (0, 0.25, 0.5, 0.75, 1):
        y = 10 + height * (1 - share)
        parts.append(tag("line", x1=left, x2=width, y1=f"{y:.1f}", y2=f"{y:.1f}", class_="grid"))
        label = speech.number(round(ceiling * share))
        parts.append(tag("text", label, x=left - 6, y=f"{y + 4:.1f}", text_anchor="end"))
    for place, name in enumerate(names):
        x, count = left + place * step, months.get(name, 0)
        tall = 6.0 if count is None else height * count / ceiling
        where = (x + step * 0.1, 10 + height - tall, step * 0.8, tall)
        parts.append(_column(where, count is None, f"{speech.date(name)}: {speech.number(count)}"))
        if name.endswith("-01") or place == 0:
            parts.append(tag("line", x1=f"{x:.1f}", x2=f"{x:.1f}", y1=10, y2=height + 16, class_="year"))
            if 12 * step > 36 or int(name[:4]) % 5 == 0:
                parts.append(tag("text", name[:4], x=f"{x + 4:.1f}", y=height + foot))
    peak = max(months, key=lambda month: months[month] or 0)
    description = speech(
        "time.picture_desc",
        first=speech.date(names[0]),
        last=speech.date(names[-1]),
        peak=speech.date(peak),
        count=speech.number(months[peak]),
    )
    box = f"0 0 {width} {height + foot + 10}"
    return _picture("timeline", speech("time.picture_title"), description, box, *parts, class_="timeline")


def _column(where: tuple[float, float, float, float], hidden: bool, label: str) -> Markup:
    """Return one month: a filled column, or a short outlined one where the count is hidden."""
    x, y, width, height = (f"{number:.2f}" for number in where)
    name = tag("title", label)
    return tag("rect", name, x=x, y=y, width=width, height=height, class_="outline" if hidden else "fill")


def _every_month(first: str, last: str) -> list[str]:
    start, end = (int(name[:4]) * 12 + int(name[5:7]) - 1 for name in (first, last))
    # A stray date (year 1900) must not squeeze the rest into a line: the last fifty years are drawn.
    return [f"{month // 12}-{month % 12 + 1:02}" for month in range(max(start, end - 600), end + 1)]


def _round_up(value: int) -> int:
    """Return the next number of 1, 2, 4 or 8 times a power of ten, which quarters well on the axis."""
    power = 10 ** max(0, math.floor(math.log10(max(1, value))))
    return next(step * power for step in (1, 2, 4, 8, 10) if step * power >= value) if value > 4 else 4


def map_shapes() -> Markup:
    """Return the outlines of the départements once for the page; every map refers to them."""
    drawn = _map()
    paths = [tag("path", id=f"d{code}", d=path) for code, path in drawn["metropolis"]["paths"].items()]
    for name, inset in drawn["insets"].items():
        prefix = "i" if name == "75" else "d"
        paths += [tag("path", id=f"{prefix}{code}", d=path) for code, path in inset["paths"].items()]
    return tag("svg", tag("defs", *paths), width="0", height="0", aria_hidden="true", class_="away")


def breaks(counts: Sequence[int]) -> list[int]:
    """Return the upper bounds of the map's shades: even steps of the logarithm, rounded to one figure."""
    top = max(counts, default=0)
    low = math.log10(max(1, min(counts, default=1)))
    span = (math.log10(max(1, top)) - low) / CLASSES
    bounds = []
    for step in range(1, CLASSES):
        value = 10 ** (low + span * step)
        power = 10 ** math.floor(math.log10(value))
        bounds.append(max(1, round(value / power) * power))
    return [*sorted({bound for bound in bounds if bound < top}), top]


def choropleth(role: str, rows: Mapping[str, int | None], speech: Speech) -> Markup:
    """Draw one role's map: metropolitan France, Paris enlarged, the overseas départements, a legend."""
    bounds = breaks([count for count in rows.values() if count])
    drawn = _map()

    def place(code: str, prefix: str) -> Markup:
        count = rows.get(code, rows.get("20", 0) if code in {"2A", "2B"} else 0)
        label = f"{speech.departement(code)}: {speech.number(count)}"
        return tag("use", tag("title", label), href=f"#{prefix}{code}", class_=_shade(count, bounds))

    parts = [place(code, "d") for code in drawn["metropolis"]["paths"]]
    left, top = _PARIS_AT
    parts += [
        tag("rect", x=left - 10, y=top - 8, width="166", height="170", class_="frame"),
        tag("g", *(place(code, "i") for code in drawn["insets"]["75"]["paths"]), transform=f"translate({left},{top})"),
    ]
    for code, (x, y) in _OVERSEAS_AT.items():
        parts.append(tag("g", place(code, "d"), transform=f"translate({x},{y}) scale(.68)"))
        parts.append(tag("text", code, x=x, y=y - 4))
    first = sorted((code for code in rows if rows[code]), key=lambda code: -(rows[code] or 0))[:5]
    description = speech(
        "places.map_desc",
        role=speech.label("roles", role),
        first=", ".join(f"{speech.departement(code)} {speech.number(rows[code])}" for code in first),
    )
    title = speech("places.map_title", role=speech.label("roles", role))
    return _picture(f"map-{role}", title, description, "-6 -14 1056 950", *parts, class_="map")


def _shade(count: int | None, bounds: Sequence[int]) -> str:
    if count is None:
        return "hidden"
    if count == 0:
        return "q0"
    offset = CLASSES - len(bounds)
    return f"q{offset + 1 + sum(count > bound for bound in bounds[:-1])}"


def legend(rows: Mapping[str, int | None], speech: Speech) -> Markup:
    """Return the legend of a map as a list: a swatch and its range."""
    bounds = breaks([count for count in rows.values() if count])
    entries = [(_shade(0, bounds), speech("places.no_rows"))]
    low = min((count for count in rows.values() if count), default=1)
    for bound in bounds:
        if bound >= low:
            ends = dict.fromkeys((speech.number(low), speech.number(bound)))
            entries.append((_shade(bound, bounds), "–".join(ends)))
            low = bound + 1
    if any(count is None for count in rows.values()):
        entries.append(("hidden", speech("places.hidden")))
    return tag("ul", *(_swatch(shade, text) for shade, text in entries), class_="legend")


def _swatch(shade: str, text: str) -> Markup:
    box = tag("svg", tag("rect", width="14", height="14", class_=shade), viewBox="0 0 14 14", aria_hidden="true")
    return tag("li", join([box, Markup(" "), html_text(text)]))
