"""How many, how grave: what the rows leave behind as they stream by, and the census counted on it.

Read `fields.py` first: it says what a row and a column leave; everything else counts over that.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from etanche.assess.counts import Stats, Tables, count_columns, count_kinds
from etanche.assess.distributions import (
    count_departements,
    count_laboratories,
    count_months,
    count_values,
    date_bounds,
)
from etanche.assess.fields import checked_cells, found_again, listed_columns, row_fields
from etanche.assess.findings import Told, count_documents, count_texts
from etanche.assess.passwords import count_passwords, own_fields, own_words
from etanche.assess.people import (
    People,
    count_ages,
    count_combinations,
    count_people,
    make_people,
    topic_bits,
)
from etanche.assess.plausibility import Sides, count_dated, count_plausibility, side_lists
from etanche.assess.roles import Holdings, count_holdings
from etanche.assess.severity import Circumstances, severity
from etanche.assess.topics import count_topics, distinct_texts, packed_cells, place_topics, text_columns
from etanche.assess.values import merge_values, value_checks
from etanche.model import Category, Census, Column, Kind, KindCount, Ledger, Passwords, Role, Share, TopicCount

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from etanche.assess.engine import Runner

__all__ = [
    "Circumstances",
    "Counted",
    "PersonFigures",
    "RowFigures",
    "Tables",
    "Told",
    "census",
    "checked_cells",
    "count_columns",
    "count_documents",
    "count_persons",
    "count_rows",
    "count_texts",
    "distinct_texts",
    "found_again",
    "listed_columns",
    "merge_values",
    "own_fields",
    "own_words",
    "packed_cells",
    "place_topics",
    "row_fields",
    "severity",
    "side_lists",
    "text_columns",
    "value_checks",
]


@dataclass(frozen=True, slots=True)
class Counted:
    """What one pass over the rows left, and the columns counted on it."""

    tables: Tables
    sides: Sides
    """Distinct pairs of cells, for the checks that need several of a row."""
    columns: tuple[Column, ...]
    stats: Stats


@dataclass(frozen=True, slots=True)
class RowFigures:
    """The figures that need no person: what rows and values say."""

    counts: dict[Kind, KindCount]
    counts_by_role: dict[Role, dict[Kind, KindCount]]
    sexes: dict[str, int]
    titles: dict[str, int]
    dates: dict[Kind, tuple[str, str]]
    departements: dict[Role, dict[str, int]]
    sample_months: dict[str, int]
    laboratories: dict[str, int]
    plausibility: dict[str, Share]


def count_rows(engine: Runner, counted: Counted) -> RowFigures:
    """Return the figures over rows; persons and comments may be under way meanwhile."""
    columns, checked = counted.columns, counted.tables.checked
    counts, by_role = count_kinds(engine, counted.tables, columns, counted.stats)
    return RowFigures(
        counts=counts,
        counts_by_role=by_role,
        sexes=count_values(engine, checked, columns, Kind.SEX),
        titles=count_values(engine, checked, columns, Kind.TITLE),
        dates=date_bounds(engine, counted.tables, columns),
        departements=count_departements(engine, checked, columns),
        sample_months=count_months(engine, checked, columns),
        laboratories=count_laboratories(engine, checked, columns),
        plausibility=count_plausibility(engine, counted.tables, counted.sides, columns),
    )


@dataclass(frozen=True, slots=True)
class PersonFigures:
    """The figures that need to know whose row each row is, and what its texts say."""

    people: People
    persons: int
    categories: dict[Category, int]
    topics: dict[str, TopicCount]
    topic_rows: dict[str, TopicCount]
    combinations: dict[str, Share]
    passwords: Passwords | None
    holdings: Holdings


def count_persons(
    engine: Runner, counted: Counted, labels: ir.Table, said: ir.Table, topics: Mapping[str, Category]
) -> PersonFigures:
    """Return the figures over persons, whom `labels` names (`row, person`); rows may be counted meanwhile.

    `said` is what `place_topics` returned, its bits in the order of `topics`.
    """
    columns, names, bits = counted.columns, tuple(topics), topic_bits(topics)
    with ThreadPoolExecutor(1, thread_name_prefix="others") as beside:
        others = beside.submit(count_holdings, engine, counted.tables.facts, labels, columns)
        people = make_people(engine, counted.tables, labels, said, columns, bits)
        passwords = count_passwords(engine, counted.tables, labels, columns)
        persons, categories = count_people(people)
        spoken = engine.fetch(said.select("affirmed", "negated"))
        return PersonFigures(
            people,
            persons,
            categories,
            count_topics(people.affirmed, people.negated, names),
            count_topics(spoken["affirmed"].to_numpy(), spoken["negated"].to_numpy(), names),
            count_combinations(people, persons, bits, passwords),
            passwords,
            others.result(),
        )


def census(
    engine: Runner,
    counted: Counted,
    figures: RowFigures,
    told: PersonFigures,
    ledger: Ledger,
    circumstances: Circumstances,
    today: date,
    reference: date | None = None,
) -> Census:
    """Return all figures together.

    Ages are counted at `reference`, by default the latest sample or visit that is not in the future, and `today`
    without one.
    """
    columns, persons, holdings = counted.columns, told.persons, told.holdings
    latest = _latest(figures.dates, today)
    bands, minors = count_ages(told.people, reference or latest)
    return Census(
        ledger=ledger,
        persons=persons,
        columns=columns,
        counts=figures.counts,
        counts_by_role=figures.counts_by_role,
        sexes=figures.sexes,
        titles=figures.titles,
        dates=figures.dates,
        departements=figures.departements,
        sample_months=figures.sample_months,
        laboratories=figures.laboratories,
        age_bands=bands,
        minors=minors,
        roles={Role.PATIENT: persons} | holdings.persons,
        categories=told.categories,
        topics=told.topics,
        topic_rows=told.topic_rows,
        combinations=told.combinations,
        plausibility=figures.plausibility | count_dated(engine, counted.tables, columns, latest, today),
        severity=severity(set(figures.counts), told.categories, persons, circumstances),
        passwords=told.passwords,
        categories_by_role=holdings.categories,
        combinations_by_role=holdings.combinations,
    )


def _latest(dates: Mapping[Kind, tuple[str, str]], today: date) -> date:
    for kind in (Kind.SAMPLE_DATE, Kind.VISIT_DATE):
        if kind in dates:
            return min(date.fromisoformat(dates[kind][1]), today)
    return today
