"""Everyone else in the file: what it holds on the insured, spouses, prescribers, samplers, trusted persons, staff.

Rules, in the order in which they apply:

1. A person of a role is told by the key of `persons.keys`; one known by name only is counted within a patient's rows.
2. They hold what the filled cells of their role's columns hold in any of their rows.
3. Categories and combinations are the patients' own; what comments say is said of patients and counts for nobody else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from etanche.assess.fields import mask_arrays
from etanche.assess.people import categories_held, combinations_of, flagged, flags_of, told_apart
from etanche.model import PERSON_ROLES, Category, Column, Role, Share

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from etanche.assess.engine import Runner


@dataclass(frozen=True, slots=True)
class Holdings:
    """Persons by role but the patients', and of those how many hold data of each category and each combination."""

    persons: dict[Role, int]
    categories: dict[Role, dict[Category, int]]
    combinations: dict[Role, dict[str, Share]]


def count_holdings(engine: Runner, facts: ir.Table, labels: ir.Table, columns: Sequence[Column]) -> Holdings:
    """Return what the rows hold on everyone but the patients.

    `facts` holds `r_<role>`, or `w_<role>` where a key holds within a patient's rows.
    """
    masks = mask_arrays(engine, facts)
    counted = Holdings({}, {}, {})
    for role in PERSON_ROLES:
        told = told_apart(engine, facts, labels, role)
        if told is None or not len(told[1]):
            continue
        rows, begins = told
        counted.persons[role] = len(begins)
        brings = flagged(columns, role)
        if not brings or role is Role.PATIENT:
            continue
        flags = flags_of({name: np.bitwise_or.reduceat(mask[rows], begins) for name, mask in masks.items()}, brings)
        held, hurting = (
            {name: int(np.count_nonzero(who)) for name, who in found.items() if who.any()}
            for found in (categories_held(flags), combinations_of(flags))
        )
        counted.categories[role] = {Category(name): number for name, number in held.items()}
        if hurting:
            shares = {name: Share(number, len(flags), "persons") for name, number in hurting.items()}
            counted.combinations[role] = shares
    return counted
