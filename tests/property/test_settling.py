"""A list put right by what was judged: whatever is said, no clashing pair is notified."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from etanche import link
from etanche.link.decide import REVIEW, decide
from etanche.linking.labels import Answer, Journal, Judgement, settled_answers
from etanche.linking.lists import ListOf
from etanche.linking.sample import pairs_of
from etanche.linking.settling import NO, clashing, joined, parted, rewritten, settle, strata

NOW = datetime(2026, 11, 20, tzinfo=UTC)
FIRST, BIRTH = (link.LEVELS[name].index("differs") for name in ("first", "birth"))
PAIR = st.tuples(
    st.integers(0, 11),
    st.integers(0, 7),
    st.floats(REVIEW, 30),
    st.sampled_from([FIRST, 1, 2]),
    st.sampled_from([BIRTH, 1]),
    st.booleans(),
)


@st.composite
def lists(draw):
    """Pairs and what was decided of them, as linking leaves them."""
    found = {(row, person): rest for row, person, *rest in draw(st.lists(PAIR, min_size=1, max_size=40))}
    row, person = (np.array([key[at] for key in found], np.int64) for at in (0, 1))
    weight = np.array([rest[0] for rest in found.values()])
    first, birth = (np.array([rest[at] for rest in found.values()], np.int8) for at in (1, 2))
    veto = (first == FIRST) & ((birth == BIRTH) | np.array([rest[3] for rest in found.values()]))
    levels = {f"l_{name}": np.ones(len(row), np.int8) for name in link.LEVELS}
    both = {"weight": weight, "rarity": np.zeros(len(row)), "namesake": np.zeros(len(row), bool)}
    table = pa.table({"row": row, "person": person, **both, **levels, "l_first": first, "l_birth": birth})
    decided = decide(row, person, weight, veto)
    answers = draw(st.dictionaries(st.integers(0, len(decided.person) - 1), st.booleans()))
    contested = draw(st.sets(st.integers(0, len(decided.person) - 1))) - answers.keys()
    return pairs_of(table, decided, link.shipped()), decided, answers, contested


@settings(max_examples=300, deadline=None)
@given(lists())
def test_no_pair_with_clashing_first_name_and_birth_date_is_ever_notified(made):
    pairs, _, answers, contested = made
    settled = settle(pairs, answers, contested)
    clash = clashing(pairs["l_first"].to_numpy(), pairs["l_birth"].to_numpy())
    for pair, clashes, told in zip(pairs.to_pylist(), clash, settled.told, strict=True):
        if clashes and settled.decision[pair["place"]] == "notify":
            assert not told
            assert not pair["best"]


@settings(max_examples=200, deadline=None)
@given(lists())
def test_what_was_judged_decides_and_nothing_else_moves(made):
    pairs, decided, answers, contested = made
    settled = settle(pairs, answers, contested)
    best = {pair["place"]: pair for pair in pairs.to_pylist() if pair["best"]}
    for place, decision in enumerate(settled.decision):
        if place in contested:
            assert decision == "review"
        elif place not in answers:
            assert decision == ("notify" if decided.notify[place] else "review")
        elif not answers[place]:
            assert decision == NO
        else:
            never = best[place]["l_first"] == FIRST and best[place]["l_birth"] == BIRTH
            assert decision == ("review" if never else "notify")


@settings(max_examples=100, deadline=None)
@given(lists())
def test_a_list_is_taken_apart_and_put_together_again(made):
    pairs, decided, answers, contested = made
    count = len(decided.person)
    linked = settle(pairs, {}, set())
    whole = pa.table(
        {
            "registry_key": pa.array(decided.person, pa.int64()),
            "decision": pa.array(linked.decision, pa.string()),
            "weight": pa.array(np.round(decided.weight, 3)),
            "reason": pa.array([f"name:equal first:{number}" for number in range(count)]),
            "rows": pa.array([[0]] * count, pa.list_(pa.int64())),
        }
    )
    before = rewritten(whole, pairs, linked, {}, (1.0, 0.0))
    settled = settle(pairs, answers, contested)
    changed = rewritten(whole, pairs, settled, answers, (0.9, 0.5))
    stays, gone = parted(changed, settled)
    assert stays.num_rows + gone.num_rows == count
    assert joined(stays, gone).equals(changed)
    assert rewritten(joined(stays, gone), pairs, linked, {}, (1.0, 0.0)).equals(before)


@settings(max_examples=100, deadline=None)
@given(lists())
def test_each_band_knows_how_many_of_it_were_judged_and_found_true(made):
    pairs, _, answers, _ = made
    found = strata(pairs, answers).values()
    assert sum(stratum.judged for stratum in found) == len(answers)
    assert sum(stratum.true for stratum in found) == sum(answers.values())
    assert all(stratum.held <= stratum.true <= stratum.judged <= stratum.size for stratum in found)


class Folder:
    """What a journal needs of a case: parts that are sealed, and counted."""

    def __init__(self):
        self.held = {}
        self.path = Path()
        self.parts = self

    def seal(self, name, data):
        assert name not in self.held
        self.held[name] = data

    def commit(self, *_, **__):
        """Nothing is logged here."""

    def sealed(self, prefix=""):
        return sorted(name for name in self.held if name.startswith(prefix))

    def remove(self, names):
        for name in names:
            del self.held[name]


SAID = st.lists(st.tuples(st.integers(0, 5), st.sampled_from(list(Answer)), st.booleans()), max_size=30)


@settings(max_examples=200, deadline=None)
@given(SAID)
def test_a_journal_is_the_same_however_often_it_is_gathered_and_opened_again(said):
    held, folder = ListOf("lab", "lab", {}), Folder()
    journal, stack = Journal(held, "anne"), []
    for place, answer, gathers in said:
        journal.add(folder, [(place, answer)], NOW)
        stack = stack[:-1] if answer is Answer.UNDO else [*stack, (place, answer)]
        if gathers:
            journal.gather(folder)
            assert len(folder.held) == 1
        lines = [line for data in folder.held.values() for line in json.loads(data)]
        journal = Journal(held, "anne", [Judgement(**line) for line in lines])
    assert journal.answers() == dict(stack)


@given(st.dictionaries(st.integers(0, 9), st.sampled_from(["yes", "no", "unsure"])),
       st.dictionaries(st.integers(0, 9), st.sampled_from(["yes", "no", "unsure"])),
       st.dictionaries(st.integers(0, 9), st.sampled_from(["yes", "no"])))  # fmt: skip
def test_what_two_differ_on_counts_only_once_it_is_settled(one, other, chief):
    held, folder = ListOf("lab", "lab", {}), Folder()
    journals = {name: Journal(held, name) for name in ("one", "other", "chief")}
    for name, said in (("one", one), ("other", other)):
        if said:
            journals[name].add(folder, [(place, Answer(answer)) for place, answer in said.items()], NOW)
    differ = {place for place in one.keys() & other.keys() if {one[place], other[place]} == {"yes", "no"}}
    counts, contested = settled_answers(journals)
    assert contested == differ
    assert not counts.keys() & differ
    settles = [(place, Answer(answer)) for place, answer in chief.items()]
    if settles:
        journals["chief"].add(folder, settles, NOW, settles=True)
    counts, contested = settled_answers(journals)
    assert contested == differ - chief.keys()
    for place in differ & chief.keys():
        assert counts[place] is (chief[place] == "yes")
    for place in (one.keys() | other.keys()) - differ:
        said = {each[place] for each in (one, other) if place in each} - {"unsure"}
        assert counts.get(place) == ({"yes": True, "no": False}[said.pop()] if said else None)
