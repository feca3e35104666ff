"""How many, how grave: the census of a table of facts.

`cell_fields` says what each column leaves behind while the rows stream by; `census` counts over that narrow table.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from etanche.assess.counts import count_columns, count_kinds
from etanche.assess.distributions import (
    count_departements,
    count_laboratories,
    count_months,
    count_plausibility,
    count_values,
    date_bounds,
)
from etanche.assess.fields import cell_fields
from etanche.assess.people import (
    count_ages,
    count_combinations,
    count_people,
    count_reused_passwords,
    count_roles,
    make_people,
    topic_bits,
)
from etanche.assess.severity import Circumstances, severity
from etanche.assess.topics import Reader, count_topics, read_topics
from etanche.model import Category, Census, Column, Kind, Ledger

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from etanche.assess.engine import Runner

__all__ = ["Circumstances", "Topics", "cell_fields", "census", "count_columns", "read_topics", "severity"]


@dataclass(frozen=True, slots=True)
class Topics:
    """Clinical topics: what each weighs as, in the order of their bits, and who reads texts for them."""

    categories: Mapping[str, Category]
    read: Reader


def census(
    engine: Runner,
    facts: ir.Table,
    labels: ir.Table,
    said: ir.Table,
    columns: Sequence[Column],
    ledger: Ledger,
    topics: Topics,
    circumstances: Circumstances,
    today: date,
    reference: date | None = None,
) -> Census:
    """Return all figures over `facts` (a line a row), whose persons `labels` names (`row, person`).

    `columns` are counted already; `said` is what `read_topics` returned.  Ages are counted at `reference`, by default
    the latest sample or visit that is not in the future, and `today` without one.
    """
    bits = topic_bits(topics.categories)
    names = tuple(topics.categories)
    people = make_people(engine, facts, labels, said, columns, bits)
    persons, categories = count_people(engine, people)
    counts, by_role = count_kinds(engine, facts, columns)
    dates = date_bounds(engine, facts, columns)
    bands, minors = count_ages(engine, people, reference or _latest(dates, today))
    reused = count_reused_passwords(engine, facts, labels, columns)
    return Census(
        ledger=ledger,
        persons=persons,
        columns=tuple(columns),
        counts=counts,
        counts_by_role=by_role,
        sexes=count_values(engine, facts, columns, Kind.SEX),
        titles=count_values(engine, facts, columns, Kind.TITLE),
        dates=dates,
        departements=count_departements(engine, facts, columns),
        sample_months=count_months(engine, facts, columns),
        laboratories=count_laboratories(engine, facts, columns),
        age_bands=bands,
        minors=minors,
        roles=count_roles(engine, facts, labels, persons),
        categories=categories,
        topics=count_topics(engine, people, names),
        topic_rows=count_topics(engine, said, names),
        combinations=count_combinations(engine, people, persons, bits, reused),
        plausibility=count_plausibility(engine, facts),
        severity=severity(set(counts), categories, persons, circumstances),
    )


def _latest(dates: Mapping[Kind, tuple[str, str]], today: date) -> date:
    for kind in (Kind.SAMPLE_DATE, Kind.VISIT_DATE):
        if kind in dates:
            return min(date.fromisoformat(dates[kind][1]), today)
    return today
