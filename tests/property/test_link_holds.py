"""How two sides are made alike, compared and decided: the engine and the arrays against slow, plain readings."""

from __future__ import annotations

import link_reference as reference
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etanche import link
from etanche.engines import Engine
from etanche.link import compare
from etanche.link.decide import GAP, NOTIFY, REVIEW, decide
from etanche.model import Column, Kind, Reason, Role

KINDS = [Kind.SURNAME, Kind.BIRTH_NAME, Kind.FIRST_NAME, Kind.SEX, Kind.BIRTH_DATE, Kind.NIR, Kind.ADDRESS,
         Kind.POSTCODE, Kind.MOBILE]  # fmt: skip
COLUMNS = [
    Column(
        index=index, name=kind.value, kind=kind, role=Role.PATIENT, confidence=1.0, reason=Reason("header"),
        layout="%Y-%m-%d" if kind is Kind.BIRTH_DATE else "",
    )
    for index, kind in enumerate(KINDS)
]  # fmt: skip
PARTS = [
    "DUPONT",
    "Hébert",
    "LE",
    "de",
    "la",
    "DU",
    "MARTIN",
    "Martine",
    "Œuvray",
    "O'Brien",
    "BEN",
    "AÏT",
    "Nuñez",
    "SAINT",
    "D'",
    "L",
    "DA",
    "MARTINEZ",
]
NAMES = st.lists(st.sampled_from(PARTS), min_size=1, max_size=4).flatmap(
    lambda parts: st.sampled_from([" ", "-", "  "]).map(lambda joint: joint.join(parts))
)
FIRST = st.sampled_from(
    ["MARIE", "Marie-Pierre", "MARIE PIERRE", "Jérôme", "JEROME", "J", "M", "JEAN", "JEANNE", "Dupont", "MARTIN"]
)
DAYS = st.sampled_from(["1950-03-04", "1950-04-03", "1950-03-05", "1951-03-04", "1980-12-31", "1950-11-24"])
NIRS = st.sampled_from(["150033512345611", "250033512345622", "1500335123456", "150043512345633", "180123512345644"])
PERSON = st.tuples(
    st.none() | NAMES, st.none() | NAMES, st.none() | FIRST, st.none() | st.sampled_from("MF"), st.none() | DAYS,
    st.none() | NIRS, st.none() | st.sampled_from(["1 rue de l'Église", "1 RUE DE L EGLISE", "2 rue Neuve"]),
    st.none() | st.sampled_from(["01200", "1200", "75001"]),
    st.none() | st.sampled_from(["0612345678", "06 12 34 56 78", "+33612345678", "0299000000"]),
)  # fmt: skip


@pytest.fixture(scope="module")
def engine():
    with Engine(1) as opened:
        yield opened


def sides(engine, name, people):
    """Return both sides as the engine makes them, one person a row, in order."""
    cells = {f"c{index}": [one[index] for one in people] for index in range(len(KINDS))}
    cells["row"] = list(range(len(people)))
    types = [(field, pa.int64() if field == "row" else pa.string()) for field in cells]
    rows = engine.put(f"{name}_cells", pa.table(cells, pa.schema(types)))
    made = link.side(rows, COLUMNS)
    return engine.keep(name, made.mutate(row=made_row(made)))


def made_row(made):
    import ibis

    return ibis.row_number().cast("int64")


def plain(one):
    """Return the fields of a person as the plain readings make them."""
    surname, birth_name, first, sex, born, nir = one[:6]
    family, other = reference.name(surname), reference.name(birth_name)
    family = family or other
    return {
        "name": family,
        "other": None if other == family else other,
        "first": reference.first_name(first),
        "nir": None if nir is None else nir[:13],
        "own": reference.own(None if nir is None else nir[:13], sex, born),
        "sex": sex,
        "born": born,
    }


@settings(max_examples=40, deadline=None)
@given(people=st.lists(PERSON, min_size=1, max_size=60))
def test_sides_are_what_the_plain_reading_makes_of_them(engine, people):
    found = engine.fetch(sides(engine, "one", people).order_by("row")).to_pylist()
    for one, made in zip(people, found, strict=True):
        meant = plain(one)
        for field in ("name", "other", "first", "nir", "sex", "born"):
            assert made[field] == meant[field], (field, one)
        assert (made["bearer"] is not None) == meant["own"], one
        assert made["postcode"] in (None, "01200", "75001")
        assert made["phone"] in (None, "0612345678", "0299000000")
        assert made["address"] in (None, "1RUEDELEGLISE", "2RUENEUVE")


@settings(max_examples=40, deadline=None)
@given(pairs=st.lists(st.tuples(PERSON, PERSON), min_size=1, max_size=60))
def test_levels_are_what_the_plain_reading_says(engine, pairs):
    left = sides(engine, "one", [one for one, _ in pairs])
    right = sides(engine, "two", [other for _, other in pairs])
    named = right.select("row", **{f"r_{field}": right[field] for field in link.FIELDS})
    table = engine.fetch(compare.levels(left.inner_join(named, "row")).order_by("row"))
    for (one, other), made in zip(pairs, table.to_pylist(), strict=True):
        a, b = plain(one), plain(other)
        name, first = reference.names(a, b)
        meant = {
            "name": name,
            "first": first,
            "birth": reference.birth(a["born"], b["born"]),
            "nir": reference.nir((a["nir"], a["own"]), (b["nir"], b["own"])),
            "sex": "missing" if not (a["sex"] and b["sex"]) else "equal" if a["sex"] == b["sex"] else "differs",
        }
        for comparison, level in meant.items():
            assert link.LEVELS[comparison][made[f"l_{comparison}"]] == level, (comparison, one, other)


PAIRS = st.lists(
    st.tuples(
        st.integers(0, 6), st.integers(0, 6), st.integers(-28, 40).map(lambda quarter: quarter / 4), st.booleans()
    ),
    max_size=40,
    unique_by=lambda pair: pair[:2],
)


@settings(max_examples=400, deadline=None)
@given(pairs=PAIRS, who=st.lists(st.integers(0, 6), min_size=7, max_size=7))
def test_decisions_are_what_the_plain_reading_decides(pairs, who):
    columns = [np.array([pair[place] for pair in pairs]) for place in range(4)]
    row, person = (column.astype(np.int64) for column in columns[:2])
    same = np.array(who)[person]
    made = decide(row, person, columns[2].astype(float), columns[3].astype(bool), same)
    meant = reference.decided(pairs, REVIEW, NOTIFY, GAP, dict(enumerate(who)))
    assert dict(zip(made.person.tolist(), made.notify.tolist(), strict=True)) == meant
    for place, (number, told) in enumerate(zip(made.person.tolist(), made.notify.tolist(), strict=True)):
        _, entry, weight, veto = pairs[made.best[place]]
        assert entry == number
        assert weight <= made.weight[place]
        assert not (told and veto)


def decisions(engine, rows, persons):
    """Return the decision on each person that two sides give, with every pair compared."""
    from etanche.linking.deciding import decided_of, weighed

    left, right = sides(engine, "one", rows), sides(engine, "two", persons)
    named = right.select(person="row", **{f"r_{field}": right[field] for field in link.FIELDS})
    both = compare.levels(left.cross_join(named))
    pairs = engine.fetch(both.select("row", "person", *(f"l_{name}" for name in link.LEVELS)))
    counts = np.bincount(link.codes(pairs), minlength=link.PATTERNS)
    tables = (engine.fetch(side.select("row", *link.FIELDS).order_by("row")) for side in (left, right))
    _, made = decided_of(engine, pairs, right, weighed(link.shipped(), pairs, counts, *tables))
    return dict(zip(made.person.tolist(), made.notify.tolist(), strict=True))


CLASH = st.tuples(
    NAMES, st.none() | NAMES, st.just("JACQUELINE"), st.none() | st.sampled_from("MF"), st.just("1950-03-04"),
    st.none() | NIRS, st.just("1 rue Neuve"), st.just("75001"), st.just("0612345678"),
)  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(people=st.lists(CLASH, min_size=1, max_size=10))
def test_nobody_is_notified_whose_first_name_and_birth_date_clash(engine, people):
    """Everything else of the registry person is the row's own: home, telephone, NIR and surname."""
    others = [(*one[:2], "PHILIBERT", one[3], "1987-11-29", *one[5:]) for one in people]
    assert not any(decisions(engine, people, others).values())


@settings(max_examples=30, deadline=None)
@given(
    surname=NAMES,
    child=st.sampled_from(["LUCAS", "Chloé", "ZOE", "MATHIS"]),
    parent=st.sampled_from(["PHILIPPE", "BRIGITTE", "JACQUELINE"]),
    day=st.sampled_from(["2009-05-06", "2015-12-31", "2018-02-28"]),
    home=st.booleans(),
)
def test_a_parents_nir_on_a_childs_row_notifies_no_parent(engine, surname, child, parent, day, home):
    place = ("1 rue Neuve", "75001", "0612345678") if home else (None, None, None)
    row = (surname, None, child, None, day, "180123512345644", *place)
    person = (surname, None, parent, "M", "1980-12-31", "180123512345644", "1 rue Neuve", "75001", "0612345678")
    assert not any(decisions(engine, [row], [person]).values())


def test_what_is_the_same_throughout_is_notified(engine):
    one = ("DUPONT", None, "MARIE", "F", "1950-03-04", "250033512345622", "1 rue Neuve", "75001", "0612345678")
    assert decisions(engine, [one], [one]) == {0: True}


def test_two_entries_of_one_person_are_both_notified_and_twins_neither(engine):
    row = ("DUPONT", None, "MARIE", "F", "1950-03-04", None, "1 rue Neuve", "75001", "0612345678")
    again = (*row[:6], "9 rue Vieille", "13001", "0612345678")
    assert decisions(engine, [row], [row, again]) == {0: True, 1: True}
    homonym = ("DUPONT", None, "MARIE", "F", "1950-03-04", None, None, None, None)
    bare = homonym
    assert not any(decisions(engine, [bare], [homonym, (*homonym[:6], "9 rue Vieille", "13001", None)]).values())


def test_a_twin_is_not_notified_for_the_other(engine):
    one = ("DUPONT", None, "MARIE", "F", "1950-03-04", None, "1 rue Neuve", "75001", "0612345678")
    assert not any(decisions(engine, [one], [(*one[:2], "CHRISTELLE", *one[3:])]).values())


def test_a_row_that_may_be_a_namesakes_is_looked_at(engine):
    """The same row of one who moved: notified, but where a namesake with another NIR is in the leak beside it."""
    person = ("QUEMENEUR", None, "AZELINE", "F", "1950-03-04", "250033512345622", "1 rue Neuve", "75001", None)
    row = (*person[:5], None, "9 rue Vieille", "13001", None)
    namesake = (*person[:5], "250030199999911", "9 rue Vieille", "13001", None)
    assert decisions(engine, [row], [person]) == {0: True}
    assert decisions(engine, [row, namesake], [person]) == {0: False}
    assert decisions(engine, [row, namesake, person], [person]) == {0: True}


@pytest.mark.parametrize(("rows", "persons"), [(0, 0), (0, 3), (3, 0)])
def test_a_side_without_anybody_meets_nobody(engine, rows, persons):
    def side(name, count):
        cells = {field: pa.array(["A"] * count, pa.string()) for field in link.FIELDS}
        return engine.put(name, pa.table({"row": pa.array(range(count), pa.int64()), **cells}))

    left, right = side("some", rows), side("others", persons)
    met = link.met(engine, link.ready(engine, left, registry=False), link.ready(engine, right, registry=True))
    assert met.num_rows == 0
    assert met.column_names == ["row", "person", *(f"l_{name}" for name in link.LEVELS)]
