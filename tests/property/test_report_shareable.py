"""The shareable form over censuses counted from random small files: nothing small shows, nothing hidden comes back.

The audit shares no code with the gate: it walks the document, and solves the linear system of every sum that holds.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Any

import jsonschema
import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from etanche.model import (
    Category,
    Census,
    Column,
    HashCount,
    Kind,
    KindCount,
    Ledger,
    Passwords,
    QuarantineReason,
    Reason,
    Reuse,
    Role,
    Severity,
    Share,
    TopicCount,
)
from etanche.report import Facts, census_document, html, schema, shareable
from etanche.words import Words

FACTS = Facts("case", "0", datetime(2026, 1, 1, tzinfo=UTC), (), "00", {}, "keyring")
BANDS = ("0-14", "15-17", "18-29", "90+", "unknown")
VALIDATOR = jsonschema.Draft202012Validator(schema())
SEVERITY = Severity(4, 1.0, 1.0, 5.0, "very_high", (Reason("dpc_sensitive", (("points", 4), ("kinds", "nir"))),), ())
NO_COUNT = {"header", "index", "dpc", "ei", "cb", "score", "confidence", "size", "params", "reason_params"}

ROW = st.fixed_dictionaries(
    {
        Kind.SEX: st.sampled_from(["", "F", "M", "X"]),
        Kind.TITLE: st.sampled_from(["", "MME", "M", "ENFANT", "DR"]),
        Kind.POSTCODE: st.sampled_from(["", "56", "45", "27", "974"]),
        Kind.LABORATORY: st.sampled_from(["", "A", "B", "C"]),
        Kind.SAMPLE_DATE: st.sampled_from(["", "2019-01", "2019-02", "2020-03"]),
        "age": st.sampled_from(BANDS),
        "hiv": st.sampled_from(["", "affirmed", "negated"]),
        "copies": st.integers(1, 9),
    }
)


def count(rows: list[dict[Any, Any]], lines: dict[str, int]) -> Census:
    """Count a file of one person a row, each row standing for `copies` alike."""
    rows = [row for row in rows for _ in range(row["copies"])]
    kinds = (Kind.SEX, Kind.TITLE, Kind.POSTCODE, Kind.LABORATORY, Kind.SAMPLE_DATE)
    values = {kind: Counter(row[kind] for row in rows if row[kind]) for kind in kinds}
    counts = {kind: KindCount(found.total(), found.total(), len(found)) for kind, found in values.items()}
    ages = Counter(row["age"] for row in rows)
    hiv = Counter(row["hiv"] for row in rows)
    reasons = {reason: lines[reason] for reason in QuarantineReason if lines.get(reason)}
    quarantined = sum(reasons.values())
    n = len(rows)
    columns = tuple(
        Column(i, kind.name, kind, Role.PATIENT, 1.0, Reason("x", (("n", 3),)), "", c.rows, c.valid, c.distinct)
        for i, (kind, c) in enumerate(counts.items())
    )
    return Census(
        ledger=Ledger(1 + n + quarantined + lines["blank"], 1, n, lines["blank"], n, quarantined, reasons),
        persons=n,
        columns=columns,
        counts=counts,
        counts_by_role={Role.PATIENT: dict(counts)},
        sexes=dict(values[Kind.SEX]),
        titles=dict(values[Kind.TITLE]),
        dates={Kind.BIRTH_DATE: ("1911-02-03", "2020-01-02"), Kind.SAMPLE_DATE: ("2019-01-02", "2020-03-04")},
        departements={Role.PATIENT: dict(values[Kind.POSTCODE])},
        sample_months=dict(values[Kind.SAMPLE_DATE]),
        laboratories=dict(values[Kind.LABORATORY]),
        age_bands={band: ages[band] for band in BANDS},
        minors=ages["0-14"] + ages["15-17"],
        roles={Role.PATIENT: n},
        categories={Category.ORDINARY: n, Category.HEALTH: hiv["affirmed"]},
        topics={"hiv": TopicCount(hiv["affirmed"], hiv["negated"])},
        topic_rows={"hiv": TopicCount(hiv["affirmed"], hiv["negated"])},
        combinations={"hiv_name": Share(hiv["affirmed"], n, "persons")},
        plausibility={"nir_sex": Share(values[Kind.SEX]["F"], values[Kind.SEX].total(), "rows")},
        severity=SEVERITY,
        passwords=passwords(rows),
        categories_by_role={Role.SPOUSE: {Category.ORDINARY: hiv["negated"]}},
        combinations_by_role={
            Role.SPOUSE: {"name_contact": Share(min(hiv.values(), default=0), hiv["negated"], "persons")}
        },
    )


def passwords(rows: list[dict[Any, Any]]) -> Passwords:
    """Return what is counted where each row's title is its password, and HIV a weakness."""
    used = Counter(row[Kind.TITLE] for row in rows if row[Kind.TITLE])
    shared = {word: n for word, n in used.items() if n > 1}
    weak = sum(row["hiv"] == "affirmed" for row in rows if row[Kind.TITLE])
    reused = Reuse(
        len(shared), sum(shared.values()), sum(shared.values()), sum(shared.values()), max(used.values(), default=0)
    )
    hashes = {"md5": HashCount(used.total(), len(used), sum(shared.values()), False, "none")} if used else {}
    return Passwords(used.total(), used.total(), len(used), weak, weak, {"short": weak}, reused, hashes)


CENSUS = st.builds(
    count,
    st.lists(ROW, max_size=12),
    st.fixed_dictionaries(
        {
            "blank": st.integers(0, 9),
            "cut": st.integers(0, 1),
            "nul_byte": st.integers(0, 9),
            "too_long": st.integers(0, 9),
        }
    ),
)


def figures(node: Any, way: tuple[str, ...] = ()) -> dict[tuple[str, ...], int | None]:
    """Return every count of a document by its path."""
    if isinstance(node, dict):
        pairs = [(key, value) for key, value in node.items() if key not in NO_COUNT]
    elif isinstance(node, list):
        pairs = [(str(number), value) for number, value in enumerate(node)]
    else:
        return {way: node} if node is None or (isinstance(node, int) and not isinstance(node, bool)) else {}
    found: dict[tuple[str, ...], int | None] = {}
    for key, value in pairs:
        found |= figures(value, (*way, key))
    return found


GROUPS = {
    ("sexes",): "sex",
    ("titles",): "title",
    ("laboratories",): "laboratory",
    ("sample_months",): "sample_date",
    ("departements", "patient"): "postcode",
    ("age_bands",): None,
}


def relations(full: dict[str, Any]) -> list[tuple[tuple[str, ...], list[tuple[str, ...]]]]:
    """Return (whole, parts) of what adds up by the meaning of the keys."""
    found: list[tuple[tuple[str, ...], list[tuple[str, ...]]]] = [
        (("quarantined",), [("ledger", "reasons", name) for name in full["ledger"]["reasons"]]),
        (("minors",), [("age_bands", "0-14"), ("age_bands", "15-17")]),
        (("persons",), [("roles", "patient")]),
        (("quarantined",), [("ledger", "quarantined")]),
        (("lines",), [("ledger", "lines")]),
        (("rows",), [("ledger", "rows")]),
        (("ledger", "row_lines"), [("ledger", "rows")]),
        (("passwords", "accounts"), [("passwords", "weak_accounts")]),
        (("passwords", "accounts"), [("passwords", "reused", "accounts")]),
        (("passwords", "persons"), [("passwords", "reused", "persons")]),
        (("passwords", "weak_accounts"), [("passwords", "weak", "short")]),
        (("persons",), [("passwords", "persons")]),
    ]
    md5 = ("passwords", "hashes", "md5")
    found += [((*md5, "accounts"), [(*md5, name)]) for name in ("distinct", "shared") if full["passwords"]["hashes"]]
    for way, kind in GROUPS.items():
        cells: Any = full
        for step in way:
            cells = cells[step]
        parts = [(*way, name) for name in cells]
        wholes = [("rows",), ("persons",)]
        for number, column in enumerate(full["columns"]):
            if column["kind"] == kind:
                wholes += [("columns", str(number), "filled"), ("columns", str(number), "valid")]
        if kind:
            wholes += [("counts", kind, "rows"), ("counts_by_role", "patient", kind, "valid")]
        found += [(whole, parts) for whole in wholes]
    return found


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(CENSUS)
def test_nothing_small_shows_and_nothing_hidden_comes_back(census: Census) -> None:
    full = census_document(census, FACTS, Words("en"))
    shared = shareable(full)
    VALIDATOR.validate(shared)
    true, seen = figures(full), figures(shared)
    # A line of header is no figure of anybody: an otherwise empty file has one line, and that may be said.
    alone = {("lines",), ("ledger", "lines")} if full["lines"] == full["ledger"]["header"] else set()
    assert [path for path, value in seen.items() if value in {1, 2, 3, 4} and path not in alone] == []

    hidden = [path for path in true if seen.get(path) is None]
    place = {path: number for number, path in enumerate(hidden)}
    equations = []
    for whole, parts in relations(full):
        if true[whole] == sum(true[part] or 0 for part in parts):
            row = np.zeros(len(hidden))
            for path, sign in [(whole, 1), *((part, -1) for part in parts)]:
                if path in place:
                    row[place[path]] += sign
            equations.append(row)
    ledger = np.zeros(len(hidden))
    for path, sign in [(("lines",), 1), *((("ledger", name), -1) for name in ("row_lines", "blank", "quarantined"))]:
        if path in place:
            ledger[place[path]] = sign
    if not hidden:
        return
    # A figure is given away when every solution of the system has the same value there: its row of the kernel is zero.
    _, sizes, basis = np.linalg.svd(np.array([*equations, ledger]))
    kernel = basis[int((sizes > 1e-9).sum()) :]
    for path, number in place.items():
        group = next((way for way in GROUPS if path[: len(way)] == way), None)
        if group and not any(name[: len(group)] == group for name in seen):
            continue  # withheld whole: the reader does not know how many parts there are
        assert np.abs(kernel[:, number]).max(initial=0) > 1e-9, path


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(CENSUS)
def test_no_difference_with_a_published_total_is_small(census: Census) -> None:
    full = census_document(census, FACTS, Words("en"))
    shared = shareable(full)
    true, seen = figures(full), figures(shared)
    for whole, parts in relations(full):
        shown = [seen.get(part) for part in parts]
        group = parts[0][:-1] if parts else ()
        withheld = group in GROUPS and not any(path[: len(group)] == group for path in seen)
        if seen[whole] is None or withheld or sum(true[part] or 0 for part in parts) > (true[whole] or 0):
            continue
        left = seen[whole] - sum(value or 0 for value in shown)
        assert left == 0 or left >= 5, (whole, parts)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(CENSUS)
def test_the_page_of_any_census_can_be_made(census: Census) -> None:
    full = census_document(census, FACTS, Words("fr"))
    for language in ("en", "fr"):
        for form in (False, True):
            assert html(full, language, shareable=form).count("<h1>") == 1


def test_the_full_document_is_left_as_it_is() -> None:
    kinds = (Kind.SEX, Kind.TITLE, Kind.POSTCODE, Kind.LABORATORY, Kind.SAMPLE_DATE)
    row: dict[Any, Any] = dict.fromkeys(kinds, "") | {"age": "90+", "hiv": "affirmed", "copies": 3}
    full = census_document(count([row], {"blank": 0}), FACTS, Words("en"))
    shareable(full)
    assert full["persons"] == 3
    assert full["form"] == "full"
