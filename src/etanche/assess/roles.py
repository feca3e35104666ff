"""Everyone else in the file: what it holds on the insured, spouses, prescribers, samplers, trusted persons, staff.

Rules, in the order in which they apply:

1. A person of a role is told by the key of `persons.keys`; one known by name only is counted within a patient's rows,
   as in `count_roles`.
2. They hold what the filled cells of their role's columns hold in any of their rows.
3. Categories and combinations are the patients' own; what comments say is said of patients and counts for nobody else.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import ibis

from etanche.assess.fields import union
from etanche.assess.people import categories_held, combinations_of, flagged, flags_of
from etanche.model import PERSON_ROLES, Category, Column, Role, Share

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from etanche.assess.engine import Runner


def count_holdings(
    engine: Runner, facts: ir.Table, labels: ir.Table, columns: Sequence[Column]
) -> tuple[dict[Role, dict[Category, int]], dict[Role, dict[str, Share]]]:
    """Return, for each role but the patients', persons by category and by combination that hurts."""
    pieces = []
    for role in PERSON_ROLES:
        brings = flagged(columns, role)
        people = _people(facts, labels, role) if brings and role is not Role.PATIENT else None
        if people is not None:
            pieces.append(people.select(role=ibis.literal(role.value), flags=flags_of(people, brings)))
    if not pieces:
        return {}, {}
    everyone = union(pieces)
    held, hurting = categories_held(everyone), combinations_of(everyone)
    sums = {name: condition.sum() for name, condition in {**held, **hurting}.items()}
    lines = engine.fetch(everyone.group_by("role").aggregate(persons=everyone.count(), **sums)).to_pylist()
    by_role = {Role(line["role"]): line for line in lines}
    found = {role: by_role[role] for role in PERSON_ROLES if role in by_role}
    categories = {
        role: {Category(name): int(line[name]) for name in held if line[name]} for role, line in found.items()
    }
    combinations = {
        role: {name: Share(int(line[name]), int(line["persons"]), "persons") for name in hurting if line[name]}
        for role, line in found.items()
    }
    return categories, {role: shares for role, shares in combinations.items() if shares}


def _people(facts: ir.Table, labels: ir.Table, role: Role) -> ir.Table | None:
    """Return a line a person of the role: which of their cells are filled in any row; None without such a role."""
    masks = [name for name in facts.columns if re.fullmatch("f[0-9]+", name)]
    alone, within = f"r_{role.value}", f"w_{role.value}"
    if alone in facts.columns:
        rows = facts.filter(facts[alone].notnull()).select(*masks, key=facts[alone])
        keys = ["key"]
    elif within in facts.columns:
        rows = facts.filter(facts[within].notnull()).select("row", *masks, key=facts[within])
        rows = rows.inner_join(labels, "row").select(*masks, "key", "person")
        keys = ["key", "person"]
    else:
        return None
    return rows.group_by(*keys).aggregate(**{name: rows[name].bit_or() for name in masks})
