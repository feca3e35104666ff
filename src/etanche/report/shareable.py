"""The census as it may leave the house: no cell under 5, no value that only a few rows hold, no source named.

Rules, in the order in which they apply:

1. Every count passes the gate of `disclosure`; this module only says which figures add up to which.
2. A hidden count reads null.  Where the key itself is a value of the file (sex, title, laboratory), it goes too, and
   what is hidden is left under `other`.
3. The earliest and latest dates are single rows: sample and visit dates keep their year, the others are withheld.
4. A column's name stays when it reads like a name and its column is filled five times or more; else its number stands.
5. What single documents hold is withheld.
6. Paths keep their last part; who gave the file, and how, are withheld (a source has a right to be protected).
7. A reason with a count under 5 in it is given by its code alone.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from itertools import chain
from typing import Any

from etanche.report.disclosure import Gate, Path, Sum, small
from etanche.report.document import OTHER
from etanche.report.text import looks_like_a_name

Document = dict[str, Any]

FREE_GROUPS = ("sexes", "titles", "laboratories")
NO_COUNTS = ("percent", "neighbour", "share")
"""Parameters of reasons that count nothing: a share, the place of a column."""
DATES_BY_YEAR = ("sample_date", "visit_date")
YOUNG = ("0-14", "15-17")
_KEPT: frozenset[Path] = frozenset(
    {("rows",), ("persons",), ("ledger", "rows"), ("ledger", "row_lines"), ("roles", "patient")}
)
_SINGLE = ("lines", "rows", "quarantined", "persons", "minors")
_MAPS = ("sexes", "titles", "sample_months", "laboratories", "age_bands", "roles", "categories")
_NESTED = ("counts", "counts_by_role", "departements", "topics", "topic_rows", "categories_by_role")
_KINDS = {"sexes": "sex", "titles": "title", "laboratories": "laboratory", "sample_months": "sample_date"}


def shareable(document: Document) -> Document:
    """Return the shareable form of a full census document (the document itself is left as it is)."""
    gate = Gate(_figures(document), chain(_totals(document), _tables(document), _groups(document)), _KEPT)
    gate.close()
    shared = copy.deepcopy(document)
    shared["form"] = "shareable"
    for path in gate.hidden:
        _set(shared, path, None)
    for path in gate.withheld:
        _set(shared, path, {})
    for group in FREE_GROUPS:
        shared[group] = _fold(shared[group])
    shared["dates"] = {kind: _by_year(kind, ends) for kind, ends in shared["dates"].items()}
    for column in shared["columns"]:
        _anonymous(column)
    shared["documents"] = []
    for source in shared["sources"]:
        source["path"] = source["path"].replace("\\", "/").rsplit("/", 1)[-1]
        source["member"] = "!".join(part.rsplit("/", 1)[-1] for part in source["member"].split("!"))
    shared["acquisition"].update(from_whom=None, how=None)
    return shared


def _figures(document: Document) -> dict[Path, int]:
    """Return every count by its path.  Lines are counted without the header, which is no figure of the file's rows."""
    ledger = document["ledger"]
    lines = ledger["lines"] - ledger["header"]
    parts = {name: ledger[name] for name in ("row_lines", "rows", "blank", "quarantined", "reasons")}
    tree: dict[str, Any] = {name: document[name] for name in (*_SINGLE, *_MAPS, *_NESTED)}
    tree |= {"lines": lines, "ledger": {"lines": lines, **parts}}
    tree["texts"] = document["texts"]
    tree["passwords"] = _counts_of(document["passwords"])
    tree["combinations_by_role"] = _counts_of(document["combinations_by_role"])
    tree["columns"] = {
        str(number): {name: column[name] for name in ("filled", "valid", "distinct")}
        for number, column in enumerate(document["columns"])
    }
    for group in ("combinations", "plausibility"):
        tree[group] = {key: {"count": share["count"], "of": share["of"]} for key, share in document[group].items()}
    return dict(_leaves((), tree))


def _counts_of(tree: dict[str, Any]) -> dict[str, Any]:
    """Return the counts of a tree that holds words and truths too."""
    counts: dict[str, Any] = {}
    for name, value in tree.items():
        if isinstance(value, dict):
            counts[name] = _counts_of(value)
        elif isinstance(value, int) and not isinstance(value, bool):
            counts[name] = value
    return counts


def _leaves(way: Path, tree: dict[str, Any]) -> Iterator[tuple[Path, int]]:
    for name, value in tree.items():
        if isinstance(value, dict):
            yield from _leaves((*way, name), value)
        else:
            yield (*way, name), value


def _totals(document: Document) -> Iterator[Sum]:
    """Name the sums of the ledger, of persons, and of each share with its denominator."""
    ledger = document["ledger"]
    for name in ("lines", "rows", "quarantined"):
        yield Sum((name,), (("ledger", name),))
    yield Sum(("lines",), tuple(("ledger", name) for name in ("row_lines", "blank", "quarantined")))
    yield Sum(("quarantined",), tuple(("ledger", "reasons", name) for name in ledger["reasons"]))
    if ledger["row_lines"] == ledger["rows"]:
        yield Sum(("ledger", "row_lines"), (("ledger", "rows"),))
    yield Sum(("minors",), tuple(("age_bands", band) for band in YOUNG if band in document["age_bands"]))
    for category in document["categories"]:
        yield Sum(("persons",), (("categories", category),))
    for group, whole in (("topics", "persons"), ("topic_rows", "rows")):
        for topic in document[group]:
            for stance in ("affirmed", "negated"):
                yield Sum((whole,), ((group, topic, stance),))
    yield from _in_texts(document)
    yield from _in_passwords(document)
    yield from _by_role(document)
    for group in ("combinations", "plausibility"):
        for key, share in document[group].items():
            yield Sum((group, key, "of"), ((group, key, "count"),))
            for whole in ("persons", "rows"):
                if share["of"] == document[whole]:
                    yield Sum((whole,), ((group, key, "of"),))
    if document["roles"].get("patient") == document["persons"]:
        yield Sum(("persons",), (("roles", "patient"),))


def _in_texts(document: Document) -> Iterator[Sum]:
    yield Sum(("rows",), (("texts", "rows"),))
    for kind in document["texts"]["found"]:
        held = ("texts", "found", kind)
        yield Sum(("texts", "rows"), ((*held, "rows"),))
        yield Sum((*held, "rows"), ((*held, "valid"),))


def _in_passwords(document: Document) -> Iterator[Sum]:
    own = document["passwords"]
    accounts, persons = ("passwords", "accounts"), ("passwords", "persons")
    for name in ("weak_accounts", "persons"):
        yield Sum(accounts, (("passwords", name),))
    for name in own["weak"]:
        yield Sum(("passwords", "weak_accounts"), (("passwords", "weak", name),))
    yield Sum(accounts, (("passwords", "reused", "accounts"),))
    yield Sum(("passwords", "reused", "accounts"), (("passwords", "reused", "most"),))
    yield Sum(persons, (("passwords", "reused", "persons"),))
    yield Sum(("persons",), (persons,))
    if "password_reused" in document["combinations"]:
        yield Sum(("passwords", "reused", "persons"), (("combinations", "password_reused", "count"),))
    for family in own["hashes"]:
        held = ("passwords", "hashes", family)
        for name in ("distinct", "shared"):
            yield Sum((*held, "accounts"), ((*held, name),))


def _by_role(document: Document) -> Iterator[Sum]:
    for role, categories in document["categories_by_role"].items():
        for category in categories:
            yield Sum(("roles", role), (("categories_by_role", role, category),))
    for role, shares in document["combinations_by_role"].items():
        for name in shares:
            held = ("combinations_by_role", role, name)
            yield Sum((*held, "of"), ((*held, "count"),))
            yield Sum(("roles", role), ((*held, "of"),))


def _tables(document: Document) -> Iterator[Sum]:
    """Name the sums of the counts by kind, by role and by column: rows, filled, valid."""
    tables: list[Path] = [("counts", kind) for kind in document["counts"]]
    for role, kinds in document["counts_by_role"].items():
        tables += [("counts_by_role", role, kind) for kind in kinds]
    for table in tables:
        yield from _chain((*table, "rows"), (*table, "valid"))
    for number, column in enumerate(document["columns"]):
        yield from _chain(("columns", str(number), "filled"), ("columns", str(number), "valid"))
        for name, part in (("rows", "filled"), ("valid", "valid"), ("distinct", "distinct")):
            mine = ("columns", str(number), part)
            for table in tables:
                if table[-1] == column["kind"] and table[1] in (column["kind"], column["role"]):
                    yield Sum((*table, name), (mine,))
    for role, kinds in document["counts_by_role"].items():
        for kind in kinds:
            for name in ("rows", "valid", "distinct"):
                yield Sum(("counts", kind, name), (("counts_by_role", role, kind, name),))


def _chain(filled: Path, valid: Path) -> Iterator[Sum]:
    yield Sum(("rows",), (filled,))
    yield Sum(("rows",), (valid,))
    yield Sum(filled, (valid,))


def _groups(document: Document) -> Iterator[Sum]:
    """Name the mappings whose cells add up: to all rows or persons, and to every published count of their column."""
    bands = tuple(("age_bands", band) for band in document["age_bands"])
    yield Sum(("persons",), bands, ("age_bands",))
    grown = tuple(band for band in bands if band[1] not in YOUNG)
    yield Sum(("persons",), (("minors",), *grown), ("age_bands",))
    for group, kind in _KINDS.items():
        cells: tuple[Path, ...] = tuple((group, value) for value in document[group])
        for whole in _wholes(document, kind):
            yield Sum(whole, cells, (group,))
    for role, codes in document["departements"].items():
        cells = tuple(("departements", role, code) for code in codes)
        for whole in chain(_wholes(document, "postcode"), _wholes(document, "insee_commune")):
            yield Sum(whole, cells, ("departements", role))


def _wholes(document: Document, kind: str) -> Iterator[Path]:
    """Yield the published figures that the cells of a kind may add up to."""
    yield ("rows",)
    for name in ("rows", "valid"):
        yield ("counts", kind, name)
        for role in document["counts_by_role"]:
            yield ("counts_by_role", role, kind, name)
    for number, column in enumerate(document["columns"]):
        if column["kind"] == kind:
            yield ("columns", str(number), "filled")
            yield ("columns", str(number), "valid")


def _set(document: Document, path: Path, value: object) -> None:
    *way, last = path
    place: Any = document
    for step in way:
        place = place[int(step)] if isinstance(place, list) else place[step]
    place[last] = value


def _fold(counts: dict[str, int | None]) -> dict[str, int | None]:
    """Leave out the values whose count is hidden; `other` stands for them all."""
    shown: dict[str, int | None] = {
        value: count for value, count in counts.items() if count is not None and value != OTHER
    }
    return shown if len(shown) == len(counts) else {**shown, OTHER: None}


def _by_year(kind: str, ends: dict[str, str]) -> dict[str, str | None]:
    return {end: date[:4] if kind in DATES_BY_YEAR else None for end, date in ends.items()}


def _anonymous(column: Document) -> None:
    rare = column["filled"] is None or column["filled"] == 0
    # A share of the sample times its cells would be a count: tenths of a column that is not rare are none.
    column["also"] = [] if rare else [{**held, "share": round(held["share"], 1)} for held in column["also"]]
    if rare or not looks_like_a_name(column["name"]):
        column["name"] = f"column_{column['index'] + 1}"
    numbers = (value for name, value in column["reason_params"].items() if name not in NO_COUNTS)
    if any(isinstance(value, int) and small(value) for value in numbers):
        column["reason"], column["reason_params"] = column["reason_code"], {}
