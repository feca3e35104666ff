"""Whatever a text holds: findings lie in it, in order, none over another, and say the same each time."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from etanche.recognise.identities import find

_PIECES = st.sampled_from(
    [
        "Mme", "M.", "Dr", "DUPONT", "marie", "Le Gall", "12/03/1970", "12 03", "1 2 0 3 1 9 7 0", "06 39 98 12 34",
        "2 62 05 29 019 044 12", "75014", "PARIS", "12 rue des Lilas", "né le", "@exemple.fr", "tel", "|", "^", "\n",
        ",", "-", "mars 2016", "en 1985", "CHU de", "Nantes", "http://", "mdp:", "0", "00", "+33", "(", "é", "12 bis",
        "\u00a0",
    ]
)  # fmt: skip
_TEXTS = st.one_of(st.text(max_size=60), st.lists(_PIECES, max_size=14).map(" ".join), st.lists(_PIECES).map("".join))


@settings(max_examples=200, deadline=None)
@given(_TEXTS)
def test_findings_lie_in_the_text_and_apart(text: str) -> None:
    found = find(text)
    assert found == find(text)
    position = 0
    for one in found:
        assert position <= one.start < one.end <= len(text)
        assert 0 < one.confidence <= 1
        assert text[one.start : one.end].strip()
        position = one.end
