"""Links of made-up leaks and registries under three models of error, beside two plain baselines.

    python bench/link.py [--people 60000] [--seed 7]

People have names by the official frequencies of their year of birth, and live in households that share an address, a
telephone and often a surname; one in 60 is a twin, one in 200 has a homonym born on the same day elsewhere.  Half are
in the registry; the leak has two thirds of all, so that a third of the registry or more is in none.  The weights were
fitted on none of them.  F1, wrong and missed are those of *notify*, in shares of those to be notified.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import ibis
import numpy as np
import pyarrow as pa

from etanche import link
from etanche.engines import Engine
from etanche.linking.deciding import decided_of, weighed
from etanche.model import Column, Kind, Reason, Role
from etanche.replica.names import mistype, names
from etanche.replica.numbers import day, iso
from etanche.replica.places import addresses

if TYPE_CHECKING:
    import ibis.expr.types as ir

KINDS = (Kind.SURNAME, Kind.BIRTH_NAME, Kind.FIRST_NAME, Kind.SEX, Kind.BIRTH_DATE, Kind.NIR, Kind.ADDRESS,
         Kind.POSTCODE, Kind.MOBILE)  # fmt: skip
FOREIGN = ("NGUYEN", "VAN DEN BERGHE", "EL AMRANI", "BEN SALAH", "DA SILVA", "DIALLO", "KOWALCZYK", "AIT OUFKIR")


@dataclass(frozen=True)
class Noise:
    """Shares of errors."""

    married: float
    typed: float
    turned: float
    other_nir: float
    missing: float
    moved: float
    duplicates: float
    foreign: float
    crossed: float = 0
    """First name and surname in each other's place."""
    hyphened: float = 0
    """Both names of a married woman as one."""
    unknown_day: float = 0
    """Born on 1 January, since nobody knew the day."""


MODELS = {
    "plain": Noise(0.10, 0.03, 0.002, 0.05, 0.15, 0.15, 0.01, 0.05),
    "harsh": Noise(0.30, 0.06, 0.02, 0.10, 0.35, 0.30, 0.05, 0.20),
    "foreign": Noise(0.15, 0.04, 0.01, 0.05, 0.25, 0.20, 0.02, 0.50, 0.04, 0.5, 0.10),
}

Cells = tuple[str | None, ...]


def people(count: int, noise: Noise, seed: int) -> list[Cells]:
    """Return people as they truly are: surname, none, first name, sex, birth, NIR, address, postcode, telephone."""
    rng, chance = np.random.default_rng(seed), random.Random(seed)
    birth = rng.integers(day(1930), day(2018), count).astype(np.int32)
    sex = rng.random(count) < 0.48
    known = names()
    surname = [str(known.surnames[int(code)]) for code in known.draw_surnames(rng, birth)]
    first = [str(known.first_names[int(code)]) for code in known.draw_first_names(rng, sex, birth)]
    streets = addresses(rng, count).to_pylist()
    found: list[Cells] = []
    for place in range(count):
        born, letter = iso(int(birth[place])), "FM"[int(sex[place])]
        family: str | None = surname[place]
        home: Cells = (streets[place], f"{chance.randint(1000, 95999):05}", phone(chance))
        given: str | None = first[place]
        if chance.random() < noise.foreign:
            family = chance.choice(FOREIGN)
            born = f"{born[:4]}-01-01" if noise.unknown_day and chance.random() < noise.unknown_day else born
        before = found[-1] if found else None
        luck = chance.random()
        if before and luck < 0.35:  # one household
            home = before[6:9]
            family = before[0] if luck < 0.25 else family
        if before and luck < 1 / 60:  # a twin of the one before
            born, letter = str(before[4]), str(before[3])
        elif before and luck > 1 - 1 / 200:  # a homonym of the same day
            family, given, letter, born = before[0], before[2], str(before[3]), str(before[4])
        nir = f"{'1' if letter == 'M' else '2'}{born[2:4]}{born[5:7]}{chance.randint(10**7, 10**8 - 1)}99"
        found.append((family, None, given, letter, born, nir, *home))
    return found


def phone(chance: random.Random) -> str:
    """Return a mobile telephone."""
    return f"06{chance.randint(0, 10**8 - 1):08}"


def seen(one: Cells, noise: Noise, chance: random.Random, rng: np.random.Generator, others: Sequence[Cells]) -> Cells:
    """Return someone as a clerk wrote them down."""
    family, birth_name, first, sex, born, nir, address, postcode, line = one
    other = chance.choice(others)
    if sex == "F" and chance.random() < noise.married:
        married, maiden = str(other[0]), str(family)
        if noise.hyphened and chance.random() < noise.hyphened:
            family = chance.choice([f"{married}-{maiden}", f"{maiden} {married}"])
        else:
            family, birth_name = married, maiden if chance.random() < 0.6 else None
    if chance.random() < noise.typed:
        family = mistype(rng, str(family))
    if chance.random() < noise.typed:
        first = mistype(rng, str(first))
    if chance.random() < noise.turned and int(str(born)[8:]) <= 12:
        born = f"{str(born)[:5]}{str(born)[8:]}-{str(born)[5:7]}"
    if chance.random() < noise.typed / 3:
        born = f"{str(born)[:9]}{chance.randint(0, 8) if str(born)[8] != '3' else 0}"
    if chance.random() < noise.other_nir:
        nir = other[5]
    if chance.random() < noise.moved:
        address, postcode = other[6], other[7]
    if noise.crossed and chance.random() < noise.crossed:
        family, first = first, family
    gone = [chance.random() < noise.missing for _ in range(3)]
    return (family, birth_name, first, sex, born, None if gone[0] else nir, None if gone[1] else address, postcode,
            None if gone[2] else line)  # fmt: skip


def sides(engine: Engine, name: str, rows: Sequence[Cells]) -> ir.Table:
    """Put rows into an engine and make them alike."""
    columns = [
        Column(place, kind.value, kind, Role.PATIENT, 1.0, Reason("header"), "") for place, kind in enumerate(KINDS)
    ]
    columns[4] = replace(columns[4], layout="%Y-%m-%d")
    cells = {f"c{place}": pa.array([row[place] for row in rows], pa.string()) for place in range(len(KINDS))}
    put = engine.put(f"{name}_cells", pa.table(cells | {"row": pa.array(range(len(rows)), pa.int64())}))
    return engine.keep(name, link.side(put, columns).mutate(row=ibis.row_number().cast("int64")))


def scored(told: set[int], truth: set[int]) -> str:
    """Return F1, wrong and missed."""
    right = len(told & truth)
    wrong, missed = len(told) - right, len(truth) - right
    f1, share = 2 * right / (len(told) + len(truth)), 100 / len(truth)
    return f"{f1:.4f} | {share * wrong:.3f} % | {share * missed:.3f} %"


def run(label: str, noise: Noise, count: int, seed: int) -> None:
    """Print the lines of one model."""
    truly = people(count, noise, seed)
    chance, rng = random.Random(seed + 1), np.random.default_rng(seed + 1)
    members = chance.sample(range(count), count // 2)
    members += chance.sample(members, int(len(members) * noise.duplicates))
    leaked = chance.choices(chance.sample(range(count), count * 2 // 3), k=count)
    registry = [seen(truly[one], noise, chance, rng, truly) for one in members]
    rows = [seen(truly[one], noise, chance, rng, truly) for one in leaked]
    measure(label, rows, registry, leaked, members)


def measure(
    label: str, rows: Sequence[Cells], registry: Sequence[Cells], leaked: Sequence[int], members: Sequence[int]
) -> None:
    """Print the lines of a leak and a registry; `leaked` and `members` say who each line is of."""
    truth = within(members, leaked)
    for method, keys in (("exact NIR", (5,)), ("name + birth date", (0, 2, 4))):
        there = {tuple(row[key] for key in keys) for row in rows} - {(None,)}
        told = {place for place, row in enumerate(registry) if tuple(row[key] for key in keys) in there}
        print(f"| {label} | {method} | {scored(told, truth)} | – | – |")
    with Engine(2) as engine:
        left, right = sides(engine, "dump", rows), sides(engine, "registry", registry)
        pairs = engine.fetch(link.compared(engine, left, right))
        counts = np.bincount(link.codes(pairs), minlength=link.PATTERNS)
        tables = (engine.fetch(side.select("row", *link.FIELDS).order_by("row")) for side in (left, right))
        _, made = decided_of(engine, pairs, right, weighed(link.shipped(), pairs, counts, *tables))
    told = set(made.person[made.notify].tolist())
    expected = (1 / (1 + 2.0 ** made.weight[made.notify])).sum()
    wrong = len(told - truth)
    print(f"| {label} | étanche | {scored(told, truth)} | {int((~made.notify).sum())} | {expected:.0f} of {wrong} |")


def head() -> None:
    """Print the head of the table."""
    print("| noise | method | F1 | wrong | missed | review | wrong expected |")
    print("| --- | --- | --- | --- | --- | --- | --- |")


def within(members: Sequence[int], leaked: Sequence[int]) -> set[int]:
    """Return the places of the members who are in the leak."""
    there = set(leaked)
    return {place for place, one in enumerate(members) if one in there}


def main() -> None:
    """Measure all models."""
    options = argparse.ArgumentParser()
    options.add_argument("--people", type=int, default=60_000)
    options.add_argument("--seed", type=int, default=7)
    given = options.parse_args()
    head()
    for label, noise in MODELS.items():
        run(label, noise, given.people, given.seed)


if __name__ == "__main__":
    main()
