"""What texts hold: identities everywhere, diseases and medicines in letters, each remark read once."""

from __future__ import annotations

from etanche.model import Kind
from etanche.recognise.findings import findings

LETTER = (
    "Cher confrère, je vous adresse Mme Sophie MARTIN, née le 12/03/1970, suivie pour une polyarthrite rhumatoïde sous "
    "méthotrexate. "
    + "Elle reste asymptomatique et son examen est sans particularité aujourd'hui. " * 4
    + "Tél. 0612345678"
)


def kinds(text: str) -> list[Kind]:
    return [found.kind for found in next(findings([text]))]


def test_a_letter_tells_of_diseases_and_medicines_and_a_comment_does_not() -> None:
    assert {Kind.DISEASE, Kind.MEDICINE, Kind.SURNAME, Kind.BIRTH_DATE, Kind.MOBILE} <= set(kinds(LETTER))
    assert kinds("polyarthrite rhumatoïde sous méthotrexate") == []


def test_a_date_that_is_no_birth_tells_of_nobody() -> None:
    assert Kind.DATE not in kinds("vu le 12/03/2019 - tel 06 12 34 56 78")


def test_remarks_are_parted_but_not_within_a_title_or_a_number() -> None:
    parted = next(findings(["à jeun. tel 06 12 34 56 78 / mail a.b@example.org - RAS"]))
    assert [found.kind for found in parted] == [Kind.MOBILE, Kind.EMAIL]
    assert Kind.SURNAME in kinds("vu par le Dr. DUPONT ce jour")
    assert Kind.BIRTH_DATE in kinds("née le 12 / 03 / 1970")


def test_a_number_with_a_wrong_key_is_found_and_said_to_be_wrong() -> None:
    [right] = next(findings(["NIR 2 70 03 75 116 001 33"]))
    [wrong] = next(findings(["NIR 2 70 03 75 116 001 34"]))
    assert (right.kind, right.valid) == (Kind.NIR, True)
    assert (wrong.kind, wrong.valid) == (Kind.NIR, False)


def test_two_spellings_of_one_value_are_one() -> None:
    [one], [other] = findings(["tel 06.12.34.56.78", "rappeler 0612345678"])
    assert one.value == other.value
