"""The ledger: numbers that never change, nobody told twice, what came back goes out again."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from etanche.respond.letters.postal import envelope
from etanche.respond.letters.recipients import Draft, Pile, Who
from etanche.responding.letters_ledger import Letter, renewed

HERE = envelope("Anne Martin", "12 rue des Lilas", "56000", "Vannes", "")
THERE = envelope("Anne Martin", "3 rue du Port", "56100", "Lorient", "")


def drafted(key: str, pile: Pile = Pile.READY, window=HERE) -> Draft:
    registry = key[2:] if key.startswith("r:") else ""
    return Draft(key, registry, Who.PATIENT, "madam", window, ("civil",), "", "", pile)


def run(before, *keys_and_rows) -> list[Letter]:
    return renewed(before, [(drafted(key), frozenset(rows)) for key, rows in keys_and_rows])


def released(letters: list[Letter], *numbers: int) -> list[Letter]:
    return [replace(each, release=1) if each.number in numbers else each for each in letters]


def test_numbers_stay_and_new_ones_come_after() -> None:
    first = run([], ("r:5", {1}), ("r:3", {2}))
    again = run(first, ("r:9", {4}), ("r:3", {2}), ("r:5", {1}))
    assert {each.key: each.number for each in again} == {"r:5": 1, "r:3": 2, "r:9": 3}


def test_who_is_no_longer_listed_is_withdrawn_and_comes_back_under_the_number() -> None:
    first = run([], ("r:5", {1}), ("r:3", {2}))
    gone = run(first, ("r:3", {2}))
    assert [(each.number, each.pile) for each in gone] == [(1, "withdrawn"), (2, "ready")]
    assert [each.pile for each in run(gone, ("r:3", {2}), ("r:5", {1}))] == ["ready", "ready"]


def test_what_was_released_stays_as_it_was_printed() -> None:
    first = released(run([], ("r:5", {1})), 1)
    moved = renewed(first, [(drafted("r:5", Pile.INCOMPLETE, THERE), frozenset({1}))])
    assert moved == first
    assert run(first)[0].release == 1


def test_a_person_told_at_the_leaked_address_is_not_told_again_by_the_registry() -> None:
    first = released(run([], ("x:7", {7, 9})), 1)
    after = run(first, ("r:5", {7, 9}))
    assert [(each.number, each.key, each.release) for each in after] == [(1, "r:5", 1)]


def test_rows_of_a_registry_person_are_no_reason_to_take_over_their_letter() -> None:
    """Two persons of a registry may be on one row while a link is in review: each has a letter of their own."""
    first = run([], ("r:5", {7}))
    assert {each.key: each.number for each in run(first, ("r:6", {7}), ("r:5", {7}))} == {"r:5": 1, "r:6": 2}


def test_what_came_back_goes_out_again_once_there_is_another_address() -> None:
    back = [replace(each, release=1, returned="2026-12-01", pile="returned") for each in run([], ("r:5", {1}))]
    assert run(back, ("r:5", {1})) == back
    again = renewed(back, [(drafted("r:5", Pile.READY, THERE), frozenset({1}))])[0]
    assert (again.number, again.dispatch, again.ready, again.reference("LAB01")) == (1, 2, True, "LAB01-000001-2")
    assert renewed([again], [(drafted("r:5", Pile.READY, THERE), frozenset({1}))]) == [again]


KEYS = st.lists(st.integers(0, 12), unique=True, max_size=8)


@given(st.lists(st.tuples(KEYS, st.sets(st.integers(1, 12))), max_size=6))
def test_any_runs_keep_numbers_and_release_nothing_twice(runs) -> None:
    letters: list[Letter] = []
    seen: dict[str, int] = {}
    gone: list[int] = []
    for keys, asked in runs:
        letters = run(letters, *((f"r:{key}", {key}) for key in keys))
        for each in letters:
            assert seen.setdefault(each.key, each.number) == each.number
        out = [each.number for each in letters if each.ready and each.number in asked]
        assert not set(out) & set(gone)
        gone += out
        letters = released(letters, *out)
    assert [each.number for each in letters] == list(range(1, len(letters) + 1))
