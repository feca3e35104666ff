"""Links under two more models of error, whose people, households and clerks are not those of `link.py`.

    python bench/link_clerks.py [--families 16000] [--seed 11]

People live in families: couples, of whom the wife mostly bears her husband's name, children under a parent's NIR, a
grandparent, fathers and sons of one name, twins.  One family in eight is of a community with names of its own and days
of birth that somebody guessed (1 January, 31 December, the first of a month).  Whole families go to the registry's
controller or stay away, and come back to the leak's one to four times.  What a clerk got wrong of somebody mostly stays
wrong.  *Scanned*: letters read wrongly, surnames cut at 10 or 20 characters, years of two digits, homes typed anew.
*Spoken*: spelt by ear, first names cut short, particles joined or lost, names of spouses exchanged.  Nothing was fitted
on either.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import link as other
import numpy as np

from etanche.replica.names import Names, names
from etanche.replica.numbers import day, iso
from etanche.replica.places import addresses

COMMUNITIES = (
    (("DIALLO", "TRAORE", "KEITA", "COULIBALY", "CAMARA", "SOW"),
     ("MAMADOU", "FATOUMATA", "IBRAHIMA", "AMINATA", "MOUSSA", "AISSATOU")),
    (("BEN AMOR", "EL IDRISSI", "BOUZID", "HAMDI", "AIT SAID", "MANSOURI"),
     ("MOHAMED", "FATIMA", "AHMED", "KHADIJA", "YOUSSEF", "AICHA")),
    (("NGUYEN", "TRAN", "LE", "PHAM", "HUYNH", "VO"), ("VAN MINH", "THI LAN", "ANH", "HOA", "DUC", "THI MAI")),
)  # fmt: skip
"""Surnames and first names of each; women's and men's in turn."""
_BY_EAR = (("PH", "F"), ("EAU", "O"), ("AU", "O"), ("QU", "K"), ("TH", "T"), ("Y", "I"), ("CK", "K"), ("SS", "S"),
           ("LL", "L"), ("NN", "N"), ("TT", "T"), ("RR", "R"), ("EI", "AI"), ("Z", "S"))  # fmt: skip
_BY_EYE = (("O", "0"), ("I", "1"), ("S", "5"), ("B", "8"), ("RN", "M"), ("M", "RN"), ("CL", "D"), ("VV", "W"),
           ("E", "F"), ("U", "V"), ("H", "N"), ("Q", "O"), ("G", "C"))  # fmt: skip


@dataclass(frozen=True)
class Person:
    """Someone as they truly are."""

    family: int
    birth_name: str
    usual_name: str | None
    first: str
    sex: str
    born: str
    nir: str
    insured: str
    """The number that they are insured under: their own, or a parent's or spouse's."""
    home: tuple[str, str, str]
    moved: tuple[str, str, str]
    own_line: str


@dataclass(frozen=True)
class Clerk:
    """How one side writes people down: shares of errors, and what its software does to everybody."""

    spelt: float
    spell: Callable[[str, random.Random], str]
    cut: int
    two_digits: bool
    turned: float
    day_off: float
    year_off: float
    no_nir: float
    others_nir: float
    no_line: float
    no_address: float
    old_home: float
    wrong_place: float
    usual_only: float
    exchanged: float
    short_first: float
    particle: float


def by_rules(rules: Sequence[tuple[str, str]]) -> Callable[[str, random.Random], str]:
    """Return a way to misspell a word by one of some replacements, or by a lost last letter."""

    def spell(word: str, chance: random.Random) -> str:
        able = [rule for rule in rules if rule[0] in word[1:]]
        if not able:
            return word[:-1] if len(word) > 4 else word
        old, new = chance.choice(able)
        return word[0] + word[1:].replace(old, new, 1)

    return spell


SCAN = Clerk(0.06, by_rules(_BY_EYE), 10, True, 0.002, 0.012, 0.006, 0.30, 0.04, 0.30, 0.10, 0.20, 0.05, 0.4, 0.02,
             0.02, 0.1)  # fmt: skip
SCANNED = replace(SCAN, spelt=0.03, cut=20, two_digits=False, no_nir=0.12, day_off=0.004, old_home=0.05)
EAR = Clerk(0.08, by_rules(_BY_EAR), 40, False, 0.008, 0.006, 0.004, 0.30, 0.05, 0.25, 0.15, 0.22, 0.04, 0.5, 0.06,
            0.10, 0.3)  # fmt: skip
HEARD = replace(EAR, spelt=0.03, no_nir=0.10, usual_only=0.1, exchanged=0.02, short_first=0.03, old_home=0.05)
MODELS = {"scanned": (SCAN, SCANNED), "spoken": (EAR, HEARD)}
"""The clerk of the leak, and that of the registry."""


class World:
    """Families, drawn once."""

    def __init__(self, families: int, seed: int) -> None:
        self.chance, self.rng = random.Random(seed), np.random.default_rng(seed)
        self.known: Names = names()
        self.homes = iter(addresses(self.rng, 3 * families + 8).to_pylist())
        self.people: list[Person] = []
        for number in range(families):
            self._family(number)

    def _born(self, least: int, most: int, community: int | None) -> str:
        found = iso(int(self.rng.integers(day(least), day(most))))
        if community is not None and self.chance.random() < 0.2:
            guess = self.chance.choice(["01-01", "01-01", "12-31", f"{self.chance.randint(1, 12):02}-01"])
            return f"{found[:5]}{guess}"
        return found

    def _surname(self, born: str, community: int | None) -> str:
        if community is not None:
            return self.chance.choice(COMMUNITIES[community][0])
        name = self._drawn(born)
        luck = self.chance.random()
        joint = "DE LA " if luck < 0.01 else "LE " if luck < 0.03 else "DU " if luck < 0.04 else ""
        return f"{name}-{self._drawn(born)}" if luck > 0.96 else joint + name

    def _drawn(self, born: str) -> str:
        return str(
            self.known.surnames[int(self.known.draw_surnames(self.rng, np.array([day(int(born[:4]))], np.int32))[0])]
        )

    def _first(self, born: str, sex: str, community: int | None) -> str:
        if community is not None:
            return self.chance.choice(COMMUNITIES[community][1][(sex == "F") :: 2])
        when = np.array([day(int(born[:4]))], np.int32)
        drawn = [
            str(self.known.first_names[int(self.known.draw_first_names(self.rng, np.array([sex == "M"]), when)[0])])
            for _ in range(2)
        ]
        return "-".join(drawn) if self.chance.random() < 0.1 else drawn[0]

    def _nir(self, born: str, sex: str) -> str:
        place = f"{self.chance.randint(1, 95):02}{self.chance.randint(1, 989):03}{self.chance.randint(1, 999):03}"
        return f"{'1' if sex == 'M' else '2'}{born[2:4]}{born[5:7]}{place}00"

    def _home(self) -> tuple[str, str, str]:
        return (
            str(next(self.homes)),
            f"{self.chance.randint(1000, 95999):05}",
            f"02{self.chance.randint(0, 10**8 - 1):08}",
        )

    def _add(self, family: int, birth: str, usual: str | None, first: str, sex: str, born: str, insured: str | None,
             homes: Sequence[tuple[str, str, str]]) -> Person:  # fmt: skip
        nir = self._nir(born, sex)
        line = f"06{self.chance.randint(0, 10**8 - 1):08}"
        one = Person(family, birth, usual, first, sex, born, nir, insured or nir, homes[0], homes[1], line)
        self.people.append(one)
        return one

    def _family(self, number: int) -> None:
        chance = self.chance
        community = chance.randrange(3) if chance.random() < 0.125 else None
        homes = [self._home(), self._home()]
        born = self._born(1935, 2000, community)
        his = self._surname(born, community)
        father = self._add(number, his, None, self._first(born, "M", community), "M", born, None, homes)
        year = int(born[:4])
        luck = chance.random()
        if luck < 0.75:
            born = self._born(max(year - 6, 1930), min(year + 8, 2003), community)
            usual = his if chance.random() < 0.7 else None
            under = father.nir if chance.random() < 0.08 else None
            hers = self._surname(born, community)
            self._add(number, hers, usual, self._first(born, "F", community), "F", born, under, homes)
        children = chance.choice([0, 1, 1, 2, 2, 3]) if 1955 < year < 1998 else 0
        for _ in range(children):
            born = self._born(year + 18, min(year + 42, 2021), community)
            under = father.nir if chance.random() < 0.6 and born > "2003" else None
            for _ in range(1 + (chance.random() < 0.02)):
                sex = chance.choice("MF")
                first = father.first if sex == "M" and chance.random() < 0.02 else self._first(born, sex, community)
                self._add(number, his, None, first, sex, born, under, homes)
        if chance.random() < 0.08:
            born = self._born(1920, 1940, community)
            self._add(
                number, self._surname(born, community), his, self._first(born, "F", community), "F", born, None, homes
            )


def written(one: Person, clerk: Clerk, chance: random.Random, spouse: Person) -> other.Cells:
    """Return someone as a clerk wrote them down: surname, birth name, first name, sex, birth, NIR, home, telephone."""
    surname, birth_name, first, born = one.birth_name, None, one.first, one.born
    if one.usual_name:
        surname, birth_name = one.usual_name, None if chance.random() < clerk.usual_only else one.birth_name
        if chance.random() < 0.1:
            surname, birth_name = f"{one.birth_name}-{one.usual_name}", None
    if chance.random() < clerk.exchanged:
        surname = spouse.birth_name
    if " " in surname and chance.random() < clerk.particle:
        surname = surname.replace(" ", "") if chance.random() < 0.5 else surname.split(" ")[-1]
    if "-" in first and chance.random() < 5 * clerk.short_first:
        head, tail = first.split("-")[:2]
        first = chance.choice([head, f"{head[0]}-{tail}", f"{head} {tail}"])
    elif chance.random() < clerk.short_first:
        first = first[: max(3, len(first) // 2)]
    surname = clerk.spell(surname, chance) if chance.random() < clerk.spelt else surname
    first = clerk.spell(first, chance) if chance.random() < clerk.spelt else first
    if chance.random() < clerk.turned and int(born[8:]) <= 12:
        born = f"{born[:5]}{born[8:]}-{born[5:7]}"
    if chance.random() < clerk.day_off:
        born = f"{born[:8]}{chance.randint(1, 28):02}"
    if chance.random() < clerk.year_off:
        born = f"{int(born[:4]) + chance.choice([-10, -2, -1, 1, 2, 10])}{born[4:]}"
    if clerk.two_digits:
        born = f"{'20' if int(born[2:4]) <= 30 else '19'}{born[2:]}"
    nir: str | None = spouse.nir if chance.random() < clerk.others_nir else one.insured
    street, postcode, line = one.moved if chance.random() < clerk.old_home else one.home
    if chance.random() < clerk.wrong_place:
        place = chance.randrange(5)
        postcode = f"{postcode[:place]}{chance.randint(0, 9)}{postcode[place + 1 :]}"
    line = one.own_line if chance.random() < 0.5 else line
    gone = [chance.random() < share for share in (clerk.no_nir, clerk.no_address, clerk.no_line)]
    return (surname[: clerk.cut], birth_name and birth_name[: clerk.cut], first, one.sex, born,
            None if gone[0] else nir, None if gone[1] else street, postcode, None if gone[2] else line)  # fmt: skip


def sets(label: str, families: int, seed: int) -> tuple[list[other.Cells], list[other.Cells], list[int], list[int]]:
    """Return the rows of a leak, those of a registry, and of each whose it is."""
    leak, registry = MODELS[label]
    people = World(families, seed).people
    chance = random.Random(seed + 1)
    beside = dict([*pairwise(range(len(people))), (len(people) - 1, 0)])
    ours = {number for number in range(families) if chance.random() < 0.6}
    theirs = {number for number in range(families) if chance.random() < 0.6}
    members = [at for at, one in enumerate(people) if one.family in ours and chance.random() < 0.85]
    members += chance.sample(members, len(members) * 3 // 100)
    rows: list[other.Cells] = []
    leaked: list[int] = []
    for at, one in enumerate(people):
        if one.family in theirs and chance.random() < 0.85:
            as_first = written(one, leak, chance, people[beside[at]])
            for _ in range(chance.choice([1, 1, 1, 2, 2, 3, 4])):
                anew = chance.random() < 0.4
                rows.append(written(one, leak, chance, people[beside[at]]) if anew else as_first)
                leaked.append(at)
    return rows, [written(people[at], registry, chance, people[beside[at]]) for at in members], leaked, members


def main() -> None:
    """Measure both models."""
    options = argparse.ArgumentParser()
    options.add_argument("--families", type=int, default=16_000)
    options.add_argument("--seed", type=int, default=11)
    given = options.parse_args()
    other.head()
    for label in MODELS:
        other.measure(label, *sets(label, given.families, given.seed))


if __name__ == "__main__":
    main()
