"""The first part of the report, for a board: what there is, how grave, who, where, when, and what to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from etanche.report import holdings, pictures, writings
from etanche.report.document import OTHER
from etanche.report.markup import Markup, join, tag
from etanche.report.speech import Speech
from etanche.report.tables import Number, shares, table
from etanche.report.text import plain

Document = Mapping[str, Any]

_GRAVE = ("nir", "health", "genetic", "sex_life", "offences", "credentials", "financial")
_MUTE = frozenset({"empty", "unknown", "constant"})
_CREDENTIALS = ("password", "password_hash", "token", "login", "iban", "card")
_MOST = 12
"""Rows of a long list that are shown; the rest is in census.json."""


def sentence(document: Document, speech: Speech) -> str:
    """Return the verdict in one sentence."""
    rows, persons = document["rows"], document["persons"]
    if rows == 0:
        return speech("verdict.empty")
    held = [code for code in _GRAVE if document["categories"].get(code, 0) != 0]
    what = speech.listing([speech(f"what.{code}") for code in held]) or speech("verdict.nothing_grave")
    band = speech.label("band", document["severity"]["band"])
    code = "sentence_few" if rows is None else "sentence" if persons else "sentence_unknown"
    return speech(f"verdict.{code}", rows=speech.number(rows), persons=speech.number(persons), what=what, band=band)


def kinds_found(document: Document) -> list[str]:
    """Return the kinds found, in the order of the columns, each once."""
    held = [
        kind for column in document["columns"] for kind in (column["kind"], *(one["kind"] for one in column["also"]))
    ]
    return list(dict.fromkeys(kind for kind in held if kind not in _MUTE))


def others(document: Document) -> int | None:
    """Return how many people besides patients the file names; None where a role is hidden."""
    counts = [count for role, count in document["roles"].items() if role != "patient"]
    return None if None in counts else sum(counts)


def key_figures(document: Document, speech: Speech) -> Markup:
    """Return the figures that everybody asks for first."""
    columns = speech.number(len(document["columns"]))
    labs = document["laboratories"]
    cards = [
        ("persons", speech.number(document["persons"]), ""),
        ("rows", speech.number(document["rows"]), ""),
        ("others", speech.number(others(document)), speech("key_figures.others_note")),
        ("minors", speech.number(document["minors"]), ""),
        ("kinds", speech.number(len(kinds_found(document))), speech("key_figures.kinds_note", columns=columns)),
        ("laboratories", speech.number(None if None in labs.values() else len(labs)), ""),
        ("period", speech.period(document["dates"].get("sample_date")), ""),
        ("quarantined", speech.number(document["quarantined"]), ""),
    ]
    return tag(
        "dl",
        *(
            tag("div", tag("dt", speech(f"key_figures.{code}"), *_note(note)), tag("dd", figure))
            for code, figure, note in cards
        ),
        class_="cards",
    )


def _note(note: str) -> list[Markup]:
    return [tag("small", note)] if note else []


def severity(document: Document, speech: Speech) -> Markup:
    """Return the score, its formula with the figures, and what each term rests on."""
    grave = document["severity"]
    terms = {term: speech.decimal(grave[term]) for term in ("dpc", "ei", "cb", "score")}
    rows = []
    for term in ("dpc", "ei", "cb"):
        because = [speech.severity_reason(reason) for reason in grave["reasons"] if reason["code"].startswith(term)]
        rows.append(
            (
                speech(f"severity.{term}"),
                Number(terms[term]),
                speech.typography(" ; ").join(because) or speech("common.none"),
            )
        )
    rows.append((speech("severity.total"), Number(terms["score"]), speech.label("band", grave["band"])))
    headings = [speech(f"severity.{name}") for name in ("term", "points", "because")]
    return join(
        [
            tag(
                "p",
                tag("strong", speech.label("band", grave["band"]), class_=f"badge {grave['band']}"),
                tag("span", f"{terms['dpc']} × {terms['ei']} + {terms['cb']} = {terms['score']}", class_="formula"),
            ),
            pictures.scale(grave["score"], speech),
            tag("p", speech("severity.formula"), ". ", speech("severity.limits"), class_="quiet"),
            table(speech("severity.caption"), headings, rows),
            *(tag("p", speech.label("flag", flag)) for flag in grave["flags"]),
            tag("p", speech("severity.test"), class_="note"),
        ]
    )


def categories(document: Document, speech: Speech) -> Markup:
    """Return persons by category of data."""
    of = document["persons"]
    counts = _named(document["categories"], lambda code: speech.label("category", code))
    word = speech.section("categories")
    headings = (word("category"), word("persons"), word("share"))
    caption = speech("categories.caption", of=speech.number(of))
    own = [tag("p", word("lead")), shares(speech, caption, headings, counts, of)]
    return join(own + holdings.others(document, speech))


def people(document: Document, speech: Speech) -> Markup:
    """Return everyone in the file: roles, ages, sexes and titles, laboratories."""
    word = speech.section("people")
    rows, persons = document["rows"], document["persons"]
    roles = _named(document["roles"], lambda code: speech.label("roles", code))
    most = max([count or 0 for count in roles.values()] + [0])
    role_rows = [
        (name, Number(speech.number(count)), pictures.bar(count, most))
        for name, count in sorted(roles.items(), key=lambda item: -(item[1] or 0))
    ]
    ages = _named(document["age_bands"], speech.age, ordered=False)
    parts = [
        tag("p", word("lead")),
        table(word("roles_caption"), [word("role"), word("persons"), ""], role_rows, "shares"),
        _shares(speech, "ages_caption", "age persons", ages, persons),
        *_minors(document["minors"], speech),
    ]
    pair = [
        _shares(speech, f"{group}_caption", "value rows", _first(_named(document[group], _free(speech))), rows)
        for group in ("sexes", "titles")
        if document[group]
    ]
    parts.append(tag("div", *pair, class_="pair"))
    if document["laboratories"]:
        labs = _named(document["laboratories"], _free(speech))
        parts.append(_shares(speech, "labs_caption", "laboratory rows", _first(labs), rows))
        parts += _more(speech, "people.more", labs)
    return join(parts)


def _minors(minors: int | None, speech: Speech) -> list[Markup]:
    if minors == 0:
        return []
    code = "people.minors_some" if minors is None else "people.minors"
    return [tag("p", speech(code, minors=speech.number(minors)))]


def _shares(speech: Speech, caption: str, names: str, counts: Mapping[str, int | None], of: int | None) -> Markup:
    """Return a table of shares; `names` are the codes of its first two headings."""
    name, figure = names.split()
    headings = (speech(f"people.{name}"), speech(f"people.{figure}"), speech("people.share"))
    return shares(speech, speech(f"people.{caption}", of=speech.number(of)), headings, counts, of)


def places(document: Document, speech: Speech) -> Markup:
    """Return a map and the first départements for every role that has postcodes, patients first."""
    found = {role: codes for role, codes in document["departements"].items() if codes}
    if not found:
        return tag("p", speech("places.none"))
    maps = [_place(role, found[role], document, speech) for role in sorted(found, key=_role_order)]
    return join(
        [
            tag("p", speech("places.lead")),
            tag("div", *maps, class_="pair maps"),
            tag("p", speech("places.drawn"), class_="quiet"),
        ]
    )


def _role_order(role: str) -> tuple[int, str]:
    order = ("patient", "prescriber", "insured", "spouse", "laboratory")
    return (order.index(role) if role in order else len(order), role)


def _place(role: str, codes: Mapping[str, int | None], document: Document, speech: Speech) -> Markup:
    of = document["rows"]
    named = _named(codes, speech.departement)
    headings = (speech("places.departement"), speech("places.rows"), speech("places.share"))
    caption = speech("places.caption", role=speech.label("roles", role), of=speech.number(of))
    return tag(
        "figure",
        tag("figcaption", speech("places.map_title", role=speech.label("roles", role))),
        pictures.choropleth(role, codes, speech),
        pictures.legend(codes, speech),
        shares(speech, caption, headings, _first(named, 8), of),
        *_more(speech, "places.more", named, 8),
    )


def time(document: Document, speech: Speech) -> Markup:
    """Return the timeline of the samples, their years, and the ends of every kind of date."""
    months, of = document["sample_months"], document["rows"]
    parts: list[Markup] = []
    if any(months.values()):
        years: dict[str, int | None] = {}
        for month, count in sorted(months.items()):
            held = years.get(month[:4], 0)
            years[month[:4]] = None if held is None or count is None else held + count
        headings = (speech("time.year"), speech("time.rows"), speech("time.share"))
        caption = speech("time.caption", of=speech.number(of))
        parts += [
            tag("p", speech("time.lead")),
            tag("figure", pictures.timeline(months, speech)),
            shares(speech, caption, headings, years, of),
        ]
    else:
        parts.append(tag("p", speech("time.none")))
    if document["dates"]:
        rows = [
            (speech.label("kind", kind), speech.date(ends["min"]), speech.date(ends["max"]))
            for kind, ends in document["dates"].items()
        ]
        headings = (speech("time.kind"), speech("time.first"), speech("time.last"))
        parts.append(table(speech("time.dates_caption"), headings, rows))
    return join(parts)


def health(document: Document, speech: Speech) -> Markup:
    """Return persons by clinical topic, affirmed and negated."""
    topics, of = document["topics"], document["persons"]
    if not topics:
        return tag("p", speech("health.none"))
    most = max([count or 0 for topic in topics.values() for count in topic.values()] + [1])
    rows = [
        (
            speech.label("topic", topic),
            Number(speech.number(counts["affirmed"])),
            pictures.bar(counts["affirmed"], most),
            Number(speech.number(counts["negated"])),
            pictures.bar(counts["negated"], most, outline=True),
        )
        for topic, counts in sorted(topics.items(), key=lambda item: -(item[1]["affirmed"] or 0))
        if counts != {"affirmed": 0, "negated": 0}
    ]
    headings = [speech("health.topic"), speech("health.affirmed"), "", speech("health.negated"), ""]
    caption = speech("health.caption", of=speech.number(of))
    return join(
        [
            tag("p", speech("health.lead")),
            table(caption, headings, rows, "topics"),
            tag("p", speech("health.dictionary"), class_="note"),
        ]
    )


def harm(document: Document, speech: Speech) -> Markup:
    """Return the combinations that hurt, with the risk each opens, and the access credentials."""
    word = speech.section("harm")
    rows = [
        (
            speech.label("combination", code),
            speech.label("risk", code),
            Number(f"{speech.number(share['count'])} / {speech.number(share['of'])}"),
            join([tag("span", speech.percent(share["count"], share["of"])), pictures.bar(share["count"], share["of"])]),
        )
        for code, share in sorted(document["combinations"].items(), key=lambda item: -(item[1]["count"] or 0))
    ]
    held = [
        (speech.label("kind", kind), Number(speech.number(count["rows"])), Number(speech.number(count["distinct"])))
        for kind in _CREDENTIALS
        for count in [document["counts"].get(kind, {"rows": 0})]
        if count["rows"] != 0
    ]
    parts = [tag("p", word("lead"))]
    if rows:
        headings = [word("combination"), word("risk"), word("count"), word("share")]
        parts.append(table(word("caption"), headings, rows, "shares"))
    if held:
        headings = [word("credential"), word("rows"), word("distinct")]
        parts += [table(word("credentials_caption"), headings, held), tag("p", word("credentials_note"), class_="note")]
    else:
        parts.append(tag("p", word("none")))
    return join(parts + holdings.passwords(document, speech))


def first_hour(document: Document, speech: Speech) -> Markup:
    """Return what to do and what not to do at once."""
    del document  # the list is the same whatever the file holds
    word = speech.section("first_hour")
    return join(
        [
            tag("p", speech("first_hour.lead")),
            tag("h4", speech("first_hour.do")),
            tag("ol", *(tag("li", word(code)) for code in ("preserve", "clock", "stop", "call")), class_="checks"),
            tag("h4", speech("first_hour.do_not")),
            tag("ul", *(tag("li", word(code)) for code in ("pay", "test", "publish")), class_="never"),
        ]
    )


def _named(counts: Mapping[str, int | None], name: Callable[[str], str], ordered: bool = True) -> dict[str, int | None]:
    items = sorted(counts.items(), key=lambda item: -(item[1] or 0)) if ordered else list(counts.items())
    return {name(code): count for code, count in items}


def _free(speech: Speech) -> Callable[[str], str]:
    """Return how to write a value of the file; `other`, which stands for several, is a word of the report."""
    return lambda value: speech("common.other") if value == OTHER else plain(value)


def _first(counts: Mapping[str, int | None], most: int = _MOST) -> dict[str, int | None]:
    return dict(list(counts.items())[:most])


def _more(speech: Speech, code: str, counts: Mapping[str, int | None], most: int = _MOST) -> list[Markup]:
    if len(counts) <= most:
        return []
    return [tag("p", speech(code, count=speech.number(len(counts) - most)), class_="quiet")]


SECTIONS: dict[str, Callable[[Document, Speech], Markup]] = {
    "key_figures": key_figures,
    "severity": severity,
    "categories": categories,
    "people": people,
    "places": places,
    "time": time,
    "health": health,
    "texts": writings.texts,
    "harm": harm,
    "first_hour": first_hour,
}
