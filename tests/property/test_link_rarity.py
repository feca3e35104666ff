"""How rare what agrees is: counted as a slow, plain reading counts it, and worth what NIRs say."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etanche import link
from etanche.link.chance import AGREES

PLACE = {name: {level: number for number, level in enumerate(levels)} for name, levels in link.LEVELS.items()}


def code(**levels: str) -> int:
    """Return the pattern of some levels; the other comparisons are missing."""
    numbers = [
        PLACE[name][levels.get(name, "missing_missing" if name == "home" else "missing")] for name in link.LEVELS
    ]
    return int(np.ravel_multi_index(numbers, [len(levels) for levels in link.LEVELS.values()]))


ONE = st.fixed_dictionaries(
    {
        "name": st.none() | st.sampled_from(["MARTIN", "DIALLO", "QUEMENEUR"]),
        "other": st.none() | st.sampled_from(["MARTIN", "LEBRUN"]),
        "first": st.none() | st.sampled_from(["MARIE", "JEAN", "AZELINE"]),
        "born": st.none() | st.sampled_from(["1950-01-01", "1950-03-04", "1951-01-01", "1988-12-31"]),
    }
)


def table(people: list[dict[str, str | None]]) -> pa.Table:
    """Return a side, as far as rarity looks at it."""
    return pa.table({name: pa.array([one[name] for one in people], pa.string()) for name in people[0]})


@settings(max_examples=150, deadline=None)
@given(rows=st.lists(ONE, min_size=1, max_size=12), other=ONE, birth=st.sampled_from(["equal", "differs", "one_off"]))
def test_a_chance_is_the_product_of_shares(rows, other, birth):
    found = link.chances(
        table(rows), table([other]), np.zeros(1, np.int64), np.zeros(1, np.int64),
        np.array([code(name="equal", first="equal", birth=birth)]),
    )  # fmt: skip
    one, all_names = rows[0], [each[field] for each in rows for field in ("name", "other")]
    count = {name: all_names.count(name) for name in all_names if name}
    shared = {one["name"], one["other"]} & {other["name"], other["other"]} - {None}
    names = min((count[name] for name in shared), default=max(count.get(one["name"], 0), count.get(other["name"], 0)))
    days = [each["born"] for each in rows]
    firsts = []
    for side in (one, other):
        # A day of birth that no row has says no decade.
        decade = side["born"][:3] if side["born"] in days and side["born"] else None
        peers = [each for each in rows if each["born"] and decade and each["born"].startswith(decade)]
        alike = [each for each in rows if (each["born"] or "")[:3] == (decade or "") and each["first"] == side["first"]]
        firsts.append((max(len(alike), 1) if side["first"] else 1) / max(len(peers), 1))
    year = [day for day in days if day and one["born"] and day[:4] == one["born"][:4]]
    most = max(days.count(side["born"]) if side["born"] else 0 for side in (one, other))
    meant = max(names, 1) / len(rows) * min(max(firsts), 1)
    if birth != "differs":
        meant *= max(most + 5 * len(year) / 365.25, 1) / 6 / len(rows)
    assert 2 ** found[0] == pytest.approx(meant)


def namesakes(common: int, rare: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return classes, chances, what NIRs say and weights: strangers share a common name, and seldom a rare one."""
    pattern = code(name="differs", first="equal", birth="equal", sex="equal", home="differs_differs")
    same = np.array([True] * 200 + [False] * common + [True] * 200 + [False] * rare)
    chance = np.array([-8.0] * (200 + common) + [-14.0] * (200 + rare))
    return link.classes()[np.full(len(same), pattern)], chance, same, np.zeros(len(same))


def test_what_is_rare_weighs_more_and_what_is_common_less():
    kind, chance, same, weight = namesakes(900, 15)
    made = link.learnt_rarity(kind, chance, weight, same, np.ones(len(same), bool))
    common, rare = made.bits(kind[:1], chance[:1])[0], made.bits(kind[-1:], chance[-1:])[0]
    assert common == pytest.approx(np.log2(200 / 900), abs=0.5)
    assert rare > 2
    # Twins and homonyms are there whatever their name is.
    kind, chance, same, weight = namesakes(200, 200)
    made = link.learnt_rarity(kind, chance, weight, same, np.ones(len(same), bool))
    assert abs(made.bits(kind[:1], chance[:1])[0] - made.bits(kind[-1:], chance[-1:])[0]) < 0.5


@given(bits=st.lists(st.floats(-30, 0), min_size=1, max_size=30), said=st.booleans())
def test_where_all_agrees_and_where_nothing_is_known_nothing_is_added(bits, said):
    chance = np.array(bits)
    home = code(name="equal", first="equal", birth="equal", home="equal_equal")
    kind = np.full(len(bits), link.classes()[home])
    known = np.full(len(bits), said)
    assert not link.learnt_rarity(kind, chance, np.zeros(len(bits)), known, known).bits(kind, chance).any()
    nobody = np.full(len(bits), link.classes()[code(name="differs", first="equal", birth="equal")])
    made = link.learnt_rarity(kind, chance, np.zeros(len(bits)), known, known)
    assert not made.bits(nobody, chance).any()


def test_every_level_named_is_one():
    for comparison, among in AGREES.items():
        assert set().union(*among) < set(link.LEVELS[comparison])


def test_a_nir_that_cannot_be_compared_is_worth_what_its_bearers_are():
    same = code(nir="equal", name="equal", first="equal", birth="equal", home="equal_equal")
    other = code(nir="differs", name="equal", first="equal", birth="equal", home="differs_differs")
    doubtful = code(nir="not_own", name="equal", first="equal", birth="equal", home="differs_differs")
    found = np.array([same] * 100 + [other] * 100 + [doubtful] * 400)
    weight = np.where(found == same, 12.0, -3.0)
    made = link.of_other_nirs(link.shipped(), found, weight)
    assert made.of("nir", "not_own") < made.of("nir", "missing") - 1.5
    few = link.of_other_nirs(link.shipped(), found[:120], weight[:120])
    assert few is link.shipped()
