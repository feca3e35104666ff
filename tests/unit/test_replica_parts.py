"""The replica's parts: the anchors' arithmetic, identifiers that are nobody's, names, comments."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etanche import lexicon
from etanche.lexicon.fold import fold
from etanche.replica import anchors, comments, numbers, places
from etanche.replica.cells import exactly
from etanche.replica.columns import EXPORT, FIELDS, MIGRATION
from etanche.replica.names import mistype, names

# The published figures, copied from the specification by hand.
PUBLISHED = {
    "nir": 489_838,
    "surname": 478_882,
    "female": 268_983,
    "male": 195_828,
    "landline": 270_569,
    "mobile": 159_591,
    "patient_emails": 55_738,
    "doctor_emails": 337,
    "passwords": 14_997,
    "largest_laboratory": 121_669,
}


def rng(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_anchors_are_exact_at_the_size_of_the_model_case() -> None:
    found = anchors.targets(491_840)
    assert {name: getattr(found, name) for name in PUBLISHED} == PUBLISHED
    assert found.titles == {"Enfant": 13_478, "Bébé": 425, "Sœur": 265}
    assert places.laboratory_rows(491_840)[0] == 121_669
    assert sum(places.laboratory_rows(491_840)) == 491_840


@given(st.integers(1, 5_000_000))
def test_counts_scale_and_never_pass_the_rows(rows: int) -> None:
    found = anchors.targets(rows)
    for name, count in PUBLISHED.items():
        assert abs(getattr(found, name) - count * rows / 491_840) <= 1
    assert found.female + found.male <= rows
    parts = places.laboratory_rows(rows)
    assert len(parts) == 28
    assert sum(parts) == rows
    assert min(parts) >= 0


@given(st.integers(0, 10_000), st.lists(st.floats(0.001, 100), min_size=1, max_size=20))
def test_deal_adds_up_and_stays_within_one(total: int, shares: list[float]) -> None:
    parts = anchors.deal(total, shares)
    assert sum(parts) == total
    assert all(abs(part - total * share / sum(shares)) <= 1 for part, share in zip(parts, shares, strict=True))


@given(st.integers(0, 60), st.integers(0, 2**32))
def test_exactly_is_exact_and_prefers_candidates(count: int, seed: int) -> None:
    candidates = rng(seed).random(50) < 0.4
    chosen = exactly(rng(seed), count, candidates)
    assert chosen.sum() == min(count, 50)
    assert (chosen & candidates).sum() == min(count, candidates.sum())


def luhn(digits: str) -> bool:
    doubled = [int(d) * (1 + place % 2) for place, d in enumerate(reversed(digits))]
    return sum(n - 9 if n > 9 else n for n in doubled) % 10 == 0


def test_nirs_have_right_keys_and_impossible_communes() -> None:
    birth = rng().integers(7_300, 44_000, 3_000).astype(np.int32)
    male = rng(2).random(3_000) < 0.5
    place = rng(3).choice(np.array([56, 1, 95, numbers.CORSE_DU_SUD, numbers.HAUTE_CORSE, numbers.ABROAD]), 3_000)
    made = numbers.nirs(rng(4), male, birth, place).to_pylist()
    known = lexicon.insee_communes()
    assert len(set(made)) == len(made)
    for nir, is_male, days in zip(made, male, birth, strict=True):
        corsica = nir[:13].replace("2A", "19").replace("2B", "18")
        assert int(nir[13:]) == 97 - int(corsica) % 97
        assert nir[0] == ("1" if is_male else "2")
        assert nir[1:5] == numbers.iso(days)[2:4] + numbers.iso(days)[5:7]
        assert 960 <= int(nir[7:10]) <= 989
        assert nir[5:10] not in known
    assert {"2A", "2B", "99", "01"} <= {nir[5:7] for nir in made}


def test_no_commune_of_france_has_a_number_that_the_nirs_use() -> None:
    assert max(int(code[2:]) for code in lexicon.insee_communes() if code[:2] not in {"97", "98"}) < 960


def test_wrong_keys_are_wrong_and_short_ones_short() -> None:
    birth = np.full(500, 30_000, dtype=np.int32)
    made = numbers.nirs(rng(), birth > 0, birth, np.full(500, 56)).to_pylist()
    for right, wrong in zip(made, numbers.wrong_keys(rng(), made), strict=True):
        assert wrong[:13] == right[:13]
        assert wrong[13:] != right[13:]
        assert 1 <= int(wrong[13:]) <= 97
    assert {len(nir) for nir in numbers.cut_short(rng(), made)} == {10, 14}


def test_professional_and_company_numbers() -> None:
    rpps = numbers.rpps(5_000).to_pylist()[1:]
    assert all(luhn(number) and number.startswith("1099") and len(number) == 11 for number in rpps)
    assert len(set(rpps)) == len(rpps)
    finess = numbers.finess(["56"] * 500 + ["01"] * 400)
    assert all(luhn(number) and number[2:4] == "99" and len(number) == 9 for number in finess)
    assert len(set(finess)) == 900
    sirens = numbers.siren(28)
    assert all(luhn(number) and number < "000010000" and len(number) == 9 for number in sirens)


def test_ibans_have_right_keys_at_no_bank() -> None:
    letters = {"F": "15", "R": "27"}
    for iban in numbers.ibans(rng(), 300):
        assert len(iban) == 27
        assert iban[4:9] == "99999"
        assert int("".join(letters.get(sign, sign) for sign in iban[4:] + iban[:4])) % 97 == 1
        bank, branch, account, key = int(iban[4:9]), int(iban[9:14]), int(iban[14:25]), int(iban[25:])
        assert (89 * bank + 15 * branch + 3 * account + key) % 97 == 0


def test_telephones_are_of_the_blocks_for_fiction() -> None:
    whole = [number for number in numbers.landline_words() if len(number) == 10]
    assert {number[:6] for number in whole} == {"019900", "026191", "035301", "046571", "053649"}
    assert {number[:6] for number in numbers.mobile_words()} == {"063998"}
    assert {len(number) for number in numbers.landline_words() + numbers.mobile_words()} == {9, 10}


def test_columns_are_distinct_in_every_style() -> None:
    for style in ("legacy", "english", "snake", "camel"):
        assert len({field.spelt(style) for field in FIELDS}) == len(FIELDS) >= 60
    assert {*EXPORT, *MIGRATION} <= {field.name for field in FIELDS}
    assert FIELDS[0].spelt("camel") == "numDossier"


def test_names_fold_apart() -> None:
    for words in (names().surnames, names().first_names):
        texts = words.to_pylist()
        assert len({fold(text) for text in texts}) == len(texts)


def test_names_follow_the_year_of_birth() -> None:
    known = names()
    old = np.full(2_000, numbers.day(1930), dtype=np.int32)
    young = np.full(2_000, numbers.day(2015), dtype=np.int32)
    girls = np.zeros(2_000, dtype=bool)
    before = known.first_names.take(pa.array(known.draw_first_names(rng(), girls, old))).to_pylist()
    now = known.first_names.take(pa.array(known.draw_first_names(rng(), girls, young))).to_pylist()
    assert before.count("JEANNE") + before.count("SIMONE") > 20 * (now.count("SIMONE") + 0.5)
    assert now.count("EMMA") > 10 > before.count("EMMA")


@given(st.sampled_from(["LE GALL", "MARTIN", "LI", "X", "JEAN-PIERRE", "O"]), st.integers(0, 2**32))
def test_a_slip_changes_a_name_and_leaves_no_blank_end(word: str, seed: int) -> None:
    slipped = mistype(rng(seed), word)
    assert slipped
    assert slipped == slipped.strip()
    assert abs(len(slipped) - len(word)) <= 1


@pytest.fixture(scope="module")
def pool() -> comments.Pool:
    return comments.build(rng(), 15_000)


def said(pool: comments.Pool, text: str) -> tuple[set[str], set[str]]:
    """Return the topics affirmed and denied by the comment of the pool that is exactly this, whatever its case."""
    texts = [found.casefold() for found in pool.texts.to_pylist()]
    code = texts.index(text.casefold())
    return tuple(
        {topic for topic in comments.TOPICS if bits[code] & comments.bit(topic)}
        for bits in (pool.affirmed, pool.negated)
    )  # type: ignore[return-value]


def test_comments_say_what_they_are_labelled_with(pool: comments.Pool) -> None:
    assert said(pool, "VIH+") == ({"hiv"}, set())
    assert said(pool, "pas enceinte") == (set(), {"pregnancy"})
    assert said(pool, "sous AVK") == ({"treatment"}, set())
    for doubt in ("?vih", "mari séropositif", "mere diabetique", "enceinte ?"):
        codes = [code for code, text in enumerate(pool.texts.to_pylist()) if text.casefold().startswith(doubt)]
        assert codes
        assert not pool.affirmed[codes].any()
        assert pool.mentioned[codes].all()


def test_every_topic_is_affirmed_and_denied(pool: comments.Pool) -> None:
    for topic in comments.TOPICS:
        assert (pool.affirmed & comments.bit(topic)).any(), topic
        assert (pool.negated & comments.bit(topic)).any(), topic
    assert not (pool.affirmed & pool.negated).any()
    assert not ((pool.affirmed | pool.negated) & ~pool.mentioned).any()


def test_comments_are_distinct_whatever_the_case_and_safe_to_write(pool: comments.Pool) -> None:
    texts = pool.texts.to_pylist()
    assert len({" ".join(text.casefold().split()) for text in texts}) == len(texts) > 3_000
    assert not any(sign in text for text in texts for sign in ';,|\t"\r\n')
    assert all(text == text.strip() for text in texts)
    assert all(text.encode("cp1252") for text in texts[1:])
    first, size = pool.starts["remark"]
    assert not pool.mentioned[first : first + size].any()


@settings(max_examples=20)
@given(st.integers(0, 2**32))
def test_children_bear_no_adults_comment(seed: int) -> None:
    made = comments.build(rng(seed), 300)
    first, size = made.starts["any"]
    assert not (made.affirmed[first : first + size] & comments.bit("pregnancy")).any()
