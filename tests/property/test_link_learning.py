"""Weights suited to a case: what NIRs teach, and what they must not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etanche import link
from etanche.link.decide import Decided, bounded, rivals
from etanche.link.learning import fitted, labelled

PLACE = {name: {level: number for number, level in enumerate(levels)} for name, levels in link.LEVELS.items()}


def code(**levels: str) -> int:
    """Return the pattern of some levels; the other comparisons are missing."""
    numbers = [
        PLACE[name][levels.get(name, "missing_missing" if name == "home" else "missing")] for name in link.LEVELS
    ]
    return int(np.ravel_multi_index(numbers, [len(levels) for levels in link.LEVELS.values()]))


SAME = {"name": "equal", "first": "equal", "birth": "equal", "sex": "equal"}


def case(moved_are_one: bool) -> tuple[np.ndarray, np.ndarray]:
    """Return counts and patterns of a case in which those with another address and telephone are one, or not."""
    told = "equal" if moved_are_one else "differs"
    codes = [code(**SAME, nir="equal", home="equal_equal")] * 500
    codes += [code(**SAME, nir=told, home="differs_differs")] * 200
    codes += [code(name="equal", first="far", birth="equal", sex="equal", nir="differs", home="differs_differs")] * 200
    found = np.array(codes)
    return np.bincount(found, minlength=link.PATTERNS), found


@pytest.mark.parametrize("moved_are_one", [True, False])
def test_what_a_home_is_worth_is_learnt_from_nirs(moved_are_one: bool) -> None:
    asked = code(**SAME, home="differs_differs")
    before = link.shipped().table()[asked]
    after = link.suited(link.shipped(), case(moved_are_one)[0]).table()[asked]
    assert (after > max(before, 3)) if moved_are_one else (after < min(before, -3))


def test_the_nirs_own_weights_stay_and_the_same_pairs_teach_the_same() -> None:
    one, again = (link.suited(link.shipped(), case(moved_are_one=True)[0]) for _ in range(2))
    assert one == again
    assert one.weights["nir"] == pytest.approx(link.shipped().weights["nir"])


@given(many=st.integers(0, 29), kind=st.booleans())
def test_few_nirs_teach_nothing(many: int, kind: bool) -> None:
    _, found = case(moved_are_one=True)
    numbers = link.levels_of(found)[:, 0]
    rare = PLACE["nir"]["equal" if kind else "differs"]
    kept = (numbers != rare) | (np.cumsum(numbers == rare) <= many)
    counts = np.bincount(found[kept], minlength=link.PATTERNS)
    assert link.suited(link.shipped(), counts) is link.shipped()


def test_a_nir_on_another_first_name_labels_nobody_as_one_person() -> None:
    counts = np.zeros(link.PATTERNS, np.int64)
    counts[code(**{**SAME, "first": "differs"}, nir="equal", home="equal_equal")] = 50
    assert labelled(counts)[1].sum() == 0


def test_a_nir_on_another_first_name_makes_no_best_person_surer() -> None:
    _, found = case(moved_are_one=True)
    found = np.append(found, np.full(60, code(**SAME, nir="differs", home="differs_missing")))
    with_clashes = np.append(found, np.full(400, code(**{**SAME, "first": "differs"}, nir="equal", home="equal_equal")))
    weight = link.shipped().table()[link.without("nir")]
    assert link.gain(with_clashes, weight[with_clashes]) == link.gain(found, weight[found]) != 0


def test_what_only_its_nir_brought_together_labels_nothing() -> None:
    counts = np.zeros(link.PATTERNS, np.int64)
    counts[code(name="differs", first="far", birth="same_year", sex="equal", nir="equal", home="differs_differs")] = 50
    assert labelled(counts)[1].sum() == 0


def test_a_model_is_learnt_written_and_read_again() -> None:
    counts, _ = case(moved_are_one=False)
    suited = link.suited(link.shipped(), counts)
    trained = link.train(suited, counts, "2026-01-01-test")
    assert trained is not None
    assert trained.share == pytest.approx(500 / 900, abs=0.02)
    assert trained.one_person["home"]["equal_equal"] > 0.9
    assert trained.others["home"]["equal_equal"] < 0.1
    assert trained.model.table()[code(**SAME, home="differs_differs")] < -3
    again = link.model_of(trained.model.document())
    assert again.version == "2026-01-01-test"
    assert again.table() == pytest.approx(trained.model.table(), abs=0.01)
    assert link.train(suited, np.zeros(link.PATTERNS, np.int64), "x") is None


@pytest.mark.parametrize(
    "raw",
    [
        {},
        {"version": "1", "bias": 0.0, "weights": {}},
        {"version": "1", "bias": 0.0, "weights": {"shoe": {"equal": 1.0}}},
        {"version": "1", "bias": 0.0, "weights": {"sex": {"other": 1.0}}},
        {"version": "1", "bias": float("nan"), "weights": {"sex": {"equal": 1.0}}},
        {"version": "1", "bias": 0.0, "weights": {"sex": {"equal": 1e9}}},
        {"version": "1", "bias": 0.0, "weights": {"sex": "equal"}},
    ],
)
def test_what_is_no_model_is_refused(raw: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"^model$"):
        link.model_of(raw)


@settings(max_examples=100, deadline=None)
@given(weights=st.lists(st.floats(-0.6, 40), max_size=60), share=st.sampled_from([0.0009, 0.01, 0.2]))
def test_no_more_are_expected_wrong_than_the_bound_and_the_surest_stay(weights: list[float], share: float) -> None:
    weight = np.array(weights)
    many = len(weight)
    made = Decided(np.arange(many), np.ones(many, bool), weight, *(np.arange(many),) * 3)
    kept = bounded(made, share).notify
    wrong = (1 / (1 + 2.0 ** weight[kept])).sum()
    assert wrong <= max(1.25 * share * kept.sum(), 0.5) + 1e-9
    assert not kept.any() or kept.all() or weight[kept].min() > weight[~kept].max()


@given(pairs=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 6), st.integers(0, 9)), unique_by=lambda p: p[:2]))
def test_rivals_are_the_best_of_a_row_and_each_other_one(pairs: list[tuple[int, int, int]]) -> None:
    row, person, weight = (np.array([pair[at] for pair in pairs], np.int64) for at in range(3))
    meant = set()
    for at in {pair[0] for pair in pairs}:
        best = min((-w, p) for r, p, w in pairs if r == at)[1]
        meant |= {(best, p) for r, p, _ in pairs if r == at and p != best}
    one, other = rivals(row, person, weight.astype(float))
    assert set(zip(one.tolist(), other.tolist(), strict=True)) == meant
    assert len(one) == len(meant)


def test_fitted_weights_find_a_known_odds() -> None:
    features = np.array([[1.0, 1.0], [0.0, 1.0]])
    found = fitted(features, np.array([1000.0, 1000.0]), np.array([900.0, 100.0]), np.zeros(2), np.full(2, 100.0))
    assert found == pytest.approx([np.log(9) * 2, -np.log(9)], abs=0.01)
    held = fitted(features, np.array([1000.0, 1000.0]), np.array([900.0, 100.0]), np.ones(2), np.array([0.0, 9.0]))
    assert held[0] == 1.0
