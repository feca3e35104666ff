"""Any text at all: no error, offsets within it, order kept, the same answer alone or among others."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etanche.model import Stance
from etanche.recognise.texts import TOPICS, scan, topics
from etanche.recognise.topics import pieces
from etanche.recognise.topics.spelling import fold

WORDS = st.one_of(
    st.sampled_from(["VIH", "HIV", "+", "-", "?", ",", ".", ";", "(", ")", "/", "neg", "non", "pas", "de", "sans"]),
    st.sampled_from(["ATCD", "enceinte", "12", "SA", "G2P1", "K", "sein", "sous", "AVK", "œ", "É", "\n", "recherche"]),
    st.sampled_from(["tel", "0612345678", "et", "ou", "ni", "mais", "2010", "hépatite", "B", "vaccin", "diabétique"]),
    st.sampled_from(["mère", "conjoint", "sero", "fille"]),
)
COMMENTS = st.lists(WORDS, max_size=25).map(" ".join)
REMARKS = st.lists(
    st.tuples(st.lists(WORDS, min_size=1, max_size=4).map(" ".join), st.sampled_from([". ", " - ", " / ", ", ", "; "])),
    max_size=6,
).map(lambda parts: "".join(word for part in parts for word in part))
GLUED = st.lists(WORDS, max_size=25).map("".join)


@given(st.lists(st.text() | COMMENTS | GLUED, max_size=6))
@settings(max_examples=300, deadline=None)
def test_any_text(texts: list[str]) -> None:
    found = scan(texts)
    assert found == [scan([text])[0] for text in texts]
    for text, mentions in zip(texts, found, strict=True):
        assert [mention.start for mention in mentions] == sorted(mention.start for mention in mentions)
        for mention in mentions:
            assert 0 <= mention.start < mention.end <= len(text)
            assert not text[mention.start : mention.end].isspace()
            assert mention.topic in TOPICS
            assert isinstance(mention.stance, Stance)


@pytest.mark.parametrize("fields", ["vih non diabete oui ", "vih n vhc o ", "traitement non allergie oui "])
def test_a_form_of_thousands_of_answers_is_read_to_its_end(fields: str) -> None:
    """Whoever wrote the leak chose its cells: none may end a triage."""
    (found,) = scan([fields * 1_500])
    assert len(found) == 2 * 1_500
    (some,) = scan([fields * 30])
    assert [mention.stance for mention in found[:60]] == [mention.stance for mention in some]


@given(COMMENTS | GLUED | REMARKS)
@settings(max_examples=800, deadline=None)
def test_a_comment_cut_into_remarks_says_what_it_says_as_a_whole(text: str) -> None:
    found = scan([text])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pieces.Seams, "cut", lambda _, folded: [(0, folded)])
        assert scan([text]) == found


@given(st.lists(COMMENTS | REMARKS, max_size=5))
@settings(max_examples=200, deadline=None)
def test_topics_are_those_of_the_mentions(texts: list[str]) -> None:
    for pairs, mentions in zip(topics(texts), scan(texts), strict=True):
        assert list(pairs) == list(dict.fromkeys((mention.topic, mention.stance) for mention in mentions))


@given(st.text())
@settings(max_examples=300, deadline=None)
def test_folding_keeps_every_place(text: str) -> None:
    assert len(fold(text)) == len(text)
    assert fold(fold(text)) == fold(text)


@given(COMMENTS)
@settings(max_examples=200, deadline=None)
def test_case_does_not_matter(text: str) -> None:
    assert scan([text.upper()]) == scan([text.lower()])
