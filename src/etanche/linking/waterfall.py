"""A comparison as a waterfall: one self-contained HTML page, drawn as SVG, beside a table that says the same.

Rules: nothing is fetched, nothing is scripted, what is not markup is escaped (`report.markup`); adding and taking
differ in sign and in shade, so that the picture reads in black and white.
"""

from __future__ import annotations

from itertools import pairwise

from etanche.linking.explaining import Explained
from etanche.report.markup import Markup, join, tag
from etanche.report.page import POLICY
from etanche.report.text import plain
from etanche.words import Words

_STYLE = """
:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem}
svg{width:100%;height:auto;font:14px system-ui,sans-serif}svg text{fill:currentColor}.adds{fill:#2f7d5b}
.takes{fill:#b3542e}.sum{fill:#5b6b8c}.line{stroke:currentColor;stroke-opacity:.35}table{border-collapse:collapse;width:100%}
th,td{border-bottom:1px solid #8886;padding:.3rem .5rem;text-align:left;vertical-align:top}
td.bits{text-align:right;font-variant-numeric:tabular-nums}@media print{body{margin:0}}
"""
_LEFT, _WIDTH, _STEP = 170, 560, 34


def level_words(words: Words, comparison: str, level: str) -> str:
    """Return a level in words; that of a home says its address and its telephone."""
    if comparison != "home":
        return words(f"linking.level.{comparison}.{level}")
    address, _, phone = level.rpartition("_")
    return f"{words(f'linking.level.home.{address}')}; {words(f'linking.level.phone.{phone}')}"


def html(told: Explained, language: str) -> str:
    """Return the page."""
    words = Words(language)
    title = words("linking.why.title", person=plain(told.person), name=plain(told.name))
    body = join(
        [
            tag("h1", title),
            tag(
                "p",
                tag("strong", words(f"linking.decision.{told.decision}")),
                " – ",
                words(f"linking.rule.{told.rule}"),
            ),
            _picture(told, words),
            _table(told, words),
            tag(
                "p",
                words("linking.why.rows", row=told.row, rows=", ".join(map(str, told.rows)), model=plain(told.model)),
            ),
            tag("p", words(f"linking.why.{'clear' if told.clear else 'masked'}")),
        ]
    )
    head = join(
        [
            Markup('<meta charset="utf-8">'),
            Markup(f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'),
            Markup('<meta name="viewport" content="width=device-width, initial-scale=1">'),
            Markup('<meta name="referrer" content="no-referrer"><meta name="robots" content="noindex, nofollow">'),
            tag("title", title),
            Markup(f"<style>{_STYLE}</style>"),
        ]
    )
    return "<!doctype html>\n" + tag("html", tag("head", head), tag("body", body), lang=language) + "\n"


def _picture(told: Explained, words: Words) -> Markup:
    """Draw what each comparison adds to the sum or takes from it."""
    bars = [("bias", 0.0, told.bias)]
    sums = [told.bias, *(step.total for step in told.steps)]
    bars += [(step.comparison, start, end) for step, (start, end) in zip(told.steps, pairwise(sums), strict=True)]
    bars.append(("sum", 0.0, told.weight))
    least, most = min(0.0, *sums), max(0.0, *sums)
    scale = _WIDTH / max(most - least, 1)
    at = _LEFT - least * scale
    drawn: list[Markup] = [tag("line", x1=f"{at:.1f}", x2=f"{at:.1f}", y1="0", y2=len(bars) * _STEP, class_="line")]
    for number, (name, start, end) in enumerate(bars):
        low, high = (_LEFT + (value - least) * scale for value in sorted((start, end)))
        kind = "sum" if name == "sum" else "adds" if end >= start else "takes"
        top = number * _STEP
        drawn += [
            tag("text", words(f"linking.comparison.{name}"), x="0", y=top + 21),
            tag("rect", x=f"{low:.1f}", y=top + 6, width=f"{max(high - low, 1):.1f}", height="20", class_=kind),
            tag("text", f"{end - start:+.2f}", x=f"{high + 6:.1f}", y=top + 21),
        ]
    described = "; ".join(f"{words(f'linking.comparison.{name}')} {end - start:+.2f}" for name, start, end in bars)
    return tag(
        "svg",
        tag("title", words("linking.why.picture"), id="waterfall-t"),
        tag("desc", described, id="waterfall-d"),
        *drawn,
        viewBox=f"0 0 {_LEFT + _WIDTH + 70} {len(bars) * _STEP}",
        role="img",
        aria_labelledby="waterfall-t waterfall-d",
    )


def _table(told: Explained, words: Words) -> Markup:
    heads = ("comparison", "leak", "registry", "level", "bits", "total")
    rows = [
        tag(
            "tr",
            tag("th", words(f"linking.comparison.{step.comparison}"), scope="row"),
            tag("td", _seen(step.leak)),
            tag("td", _seen(step.registry, words("linking.why.not_kept"))),
            tag("td", level_words(words, step.comparison, step.level)),
            tag("td", f"{step.bits:+.2f}", class_="bits"),
            tag("td", f"{step.total:+.2f}", class_="bits"),
        )
        for step in told.steps
    ]
    first = tag(
        "tr",
        tag("th", words("linking.comparison.bias"), scope="row"),
        *(tag("td") for _ in range(3)),
        *(tag("td", f"{told.bias:+.2f}", class_="bits") for _ in range(2)),
    )
    return tag(
        "table",
        tag("caption", words("linking.why.table")),
        tag("thead", tag("tr", *(tag("th", words(f"linking.why.{head}"), scope="col") for head in heads))),
        tag("tbody", first, *rows),
    )


def _seen(values: tuple[str | None, ...], absent: str = "") -> str:
    shown = [absent if value is None else plain(value) for value in values if value != ""]
    return ", ".join(dict.fromkeys(shown))
