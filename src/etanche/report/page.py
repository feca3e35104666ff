"""The report as one HTML file: no network, no script, fit for paper, a screen in the dark, a screen reader.

Rules, in the order in which they apply:

1. Whatever is not markup of this package is escaped (`markup.tag`); values of the file are also made plain (`text`).
2. The policy in the head forbids every fetch, so that even a forgotten escape could load nothing.
3. Every figure stands in a table with a caption and its denominator; the pictures repeat it.
4. The verdict comes first, for a board; the evidence follows, for whoever checks it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from importlib import resources
from typing import Any

from etanche.report import evidence, verdict
from etanche.report.markup import Markup, join, tag
from etanche.report.pictures import map_shapes
from etanche.report.shareable import shareable as shareable_form
from etanche.report.speech import Speech
from etanche.report.text import plain

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"

Section = Callable[[Mapping[str, Any], Speech], Markup]


@cache
def _style() -> Markup:
    return Markup((resources.files(__package__) / "style.css").read_text(encoding="utf-8"))


def html(document: dict[str, Any], language: str, shareable: bool = False) -> str:
    """Return the report of a census document ("fr" or "en"); `shareable` takes its shareable form first."""
    if shareable and document["form"] == "full":
        document = shareable_form(document)
    speech = Speech(language)
    body = join(
        [
            map_shapes(),
            _header(document, speech),
            tag(
                "main",
                _part("verdict", verdict.SECTIONS, document, speech),
                _part("annexes", evidence.SECTIONS, document, speech),
            ),
            _footer(document, speech),
        ]
    )
    head = join(
        [
            Markup('<meta charset="utf-8">'),
            Markup(f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'),
            Markup('<meta name="viewport" content="width=device-width, initial-scale=1">'),
            Markup('<meta name="referrer" content="no-referrer"><meta name="robots" content="noindex, nofollow">'),
            Markup('<meta name="color-scheme" content="light dark">'),
            tag("title", f"étanche – {speech('title.page')} – {plain(document['case_id'])}"),
            Markup(f"<style>{_style()}</style>"),
        ]
    )
    return "<!doctype html>\n" + tag("html", tag("head", head), tag("body", body), lang=language) + "\n"


def _header(document: dict[str, Any], speech: Speech) -> Markup:
    day, _, hour = document["made_at"].partition("T")
    form = document["form"]
    return tag(
        "header",
        tag("p", tag("span", "étanche", class_="mark"), " ", tag("span", speech("title.page")), class_="kicker"),
        tag("h1", verdict.sentence(document, speech)),
        tag("p", speech(f"title.{form}"), class_=f"form {form}"),
        tag(
            "p",
            speech("title.case", case=plain(document["case_id"])),
            " · ",
            speech("title.made", date=speech.date(day), time=hour[:5]),
            class_="quiet",
        ),
        tag("nav", tag("h2", speech("title.contents")), _contents(speech), aria_label=speech("title.contents")),
    )


def _contents(speech: Speech) -> Markup:
    entries = (
        tag("li", tag("a", speech(f"{name}.title"), href=f"#{name}"))
        for name in (*verdict.SECTIONS, *evidence.SECTIONS)
    )
    return tag("ol", *entries)


def _part(name: str, sections: Mapping[str, Section], document: dict[str, Any], speech: Speech) -> Markup:
    parts = [
        tag("section", tag("h3", speech(f"{code}.title")), write(document, speech), id=code)
        for code, write in sections.items()
    ]
    return tag("div", tag("h2", speech(f"title.part_{name}"), class_="part"), *parts, class_=f"part-{name}")


def _footer(document: dict[str, Any], speech: Speech) -> Markup:
    schema = document["schema"]
    return tag(
        "footer",
        tag("p", speech("footer.local")),
        tag(
            "p",
            speech("footer.made_by", version=plain(document["generated_by"]["version"])),
            " · ",
            speech("footer.schema", id=schema["id"], version=schema["version"]),
            " · ",
            speech("provenance.custody"),
            " ",
            tag("code", plain(document["custody_head"])[:16]),
        ),
    )
