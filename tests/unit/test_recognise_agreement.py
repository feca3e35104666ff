"""Files without a header, their columns in any order and with dirt: the rows that agree say what each column is."""

from __future__ import annotations

import random
from collections import Counter

import pytest

import headless
from etanche.model import Column, Kind, Sample
from etanche.recognise import columns

LEAST = {0.0: 0.98, 0.03: 0.97, 0.08: 0.95}
"""Share of columns typed right, by share of dirt."""


def bare(fields: list[str], rows: int, dirt: float, rng: random.Random) -> tuple[Column, ...]:
    """Return the verdicts on a file without a header."""
    names = tuple(f"column_{place}" for place in range(1, len(fields) + 1))
    return columns(Sample(names, False, headless.table(fields, rows, dirt, rng)))


@pytest.mark.parametrize("dirt", headless.DIRT)
def test_columns_in_any_order_are_typed_by_their_rows(dirt):
    wrong: Counter[tuple[str, str, Kind]] = Counter()
    seen = 0
    for name, fields in headless.FILES.items():
        for order in range(4):
            rng = random.Random(f"{name}:{dirt}:{order}")
            shuffled = rng.sample(fields, len(fields)) if order else list(fields)
            for field, found in zip(shuffled, bare(shuffled, 400, dirt, rng), strict=True):
                seen += 1
                if found.kind not in headless.FIELDS[field].kinds:
                    wrong[name, field, found.kind] += 1
    assert wrong.total() <= (1 - LEAST[dirt]) * seen, wrong.most_common()


@pytest.mark.parametrize(("fields", "field", "kind", "reason"), [
    (["nir", "born8"], "born8", Kind.BIRTH_DATE, "agrees_with_nir"),
    (["sex12", "nir13"], "sex12", Kind.SEX, "agrees_with_nir"),
    (["sex12", "surname", "first"], "sex12", Kind.SEX, "agrees_with"),
    (["sexmf", "id", "surname", "title", "married_from"], "married_from", Kind.BIRTH_NAME, "agrees_with"),
    (["sexmf", "surname", "first", "pregnant"], "pregnant", Kind.PREGNANCY, "agrees_with"),
    (["title", "surname", "sex12"], "sex12", Kind.SEX, "agrees_with"),
    (["nir", "birth_place", "id"], "birth_place", Kind.BIRTH_PLACE, "agrees_with"),
    (["birth_insee", "nir"], "birth_insee", Kind.BIRTH_PLACE, "agrees_with"),
    (["commune", "id", "postcode", "born", "birth_place"], "birth_place", Kind.BIRTH_PLACE, "agrees_with_no_postcode"),
    (["born", "birth_place", "commune", "id", "postcode"], "commune", Kind.COMMUNE, "agrees_with"),
])  # fmt: skip
def test_what_agreed(fields, field, kind, reason):
    found = bare(fields, 500, 0.0, random.Random(8))[fields.index(field)]
    assert (found.kind, found.reason.code) == (kind, reason)


def test_rows_that_do_not_agree_say_nothing():
    rng = random.Random(4)
    numbers, codes = headless.table(["nir", "sex12"], 500, 0.0, rng)
    shuffled = tuple(rng.sample(codes, len(codes)))
    assert columns(Sample(("a", "b"), False, (numbers, shuffled)))[1].kind is not Kind.SEX


def test_the_prescribers_surnames_are_few_and_still_names():
    found = bare(["doctor", "doctor_first", "rpps", "id"], 600, 0.0, random.Random(6))
    assert found[0].kind in {Kind.SURNAME, Kind.DOCTOR}
