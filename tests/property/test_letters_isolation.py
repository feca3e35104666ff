"""No letter of one controller holds a value of a patient that only another has; none names somebody else."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime

import numpy as np
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from etanche.engines import Engine
from etanche.ingest import Part
from etanche.model import Column, Dialect, Kind, Reason, Role
from etanche.respond import read
from etanche.responding import letters_leak, letters_people

TODAY = date(2026, 11, 23)
CODES = ("LAB01", "LAB02")
COLUMNS = [
    Column(index, name, kind, role, 1.0, Reason("header"), layout=layout)
    for index, (name, kind, role, layout) in enumerate(
        [
            ("LABO", Kind.IDENTIFIER, Role.LABORATORY, ""),
            ("NOM", Kind.SURNAME, Role.PATIENT, ""),
            ("PRENOM", Kind.FIRST_NAME, Role.PATIENT, ""),
            ("NAISSANCE", Kind.BIRTH_DATE, Role.PATIENT, "%Y-%m-%d"),
            ("ADRESSE", Kind.ADDRESS, Role.PATIENT, ""),
            ("CP", Kind.POSTCODE, Role.PATIENT, ""),
            ("VILLE", Kind.COMMUNE, Role.PATIENT, ""),
            ("CONJOINT", Kind.SURNAME, Role.SPOUSE, ""),
            ("PRENOM_CONJOINT", Kind.FIRST_NAME, Role.SPOUSE, ""),
            ("MEDECIN", Kind.SURNAME, Role.PRESCRIBER, ""),
        ]
    )
]

# Whose row it is, which laboratory it names (2: one that is no controller's, 3: none), which patient, spouse, doctor.
ROW = st.tuples(st.integers(0, 3), st.integers(0, 5), st.booleans(), st.integers(0, 2))


def cells(row: tuple[int, int, bool, int]) -> list[str]:
    """A row of which every value says whose it is: of laboratory 1, PATIENT Q1X4, his spouse, their doctor."""
    laboratory, patient, spouse, doctor = row
    mark = f"Q{laboratory}X{patient}"
    name = ("LAB01", "LAB02", "LAB77", "")[laboratory]
    beside = [f"SPOUSE{mark}", "CLAUDE"] if spouse else ["", ""]
    street = f"{patient + 1} RUE {mark}"
    return [name, f"PATIENT{mark}", f"FIRST{mark}", f"19{50 + patient}-03-14", street, "56000", "VANNES", *beside,
            f"DOCTORQ{laboratory}X{doctor}"]  # fmt: skip


def drafted(rows: list[tuple[int, int, bool, int]], listed: dict[int, list[int]]):
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n", delimiter=";").writerows(map(cells, rows))
    part = Part(stream.getvalue().encode(), Dialect(";"), len(rows), (), ())
    controllers = read(f"code,name\n{CODES[0]},A\n{CODES[1]},B\n".encode(), "c", datetime(2026, 11, 23, tzinfo=UTC))
    known = {place: np.array(sorted(held), np.int64) for place, held in listed.items()}
    with Engine(1) as engine:
        found = letters_leak.search(engine, [part], COLUMNS, controllers, known)
    return [
        [
            draft
            for draft, _ in letters_people.drafts(
                registry(rows, listed.get(place, [])),
                found.patients.get(place, ()),
                found.others.get(place, ()),
                {},
                TODAY,
            )
        ]
        for place in range(2)
    ]


def registry(rows, listed):
    """A controller's registry knows the patients of these rows at an address of its own."""
    patients = {rows[row][:2]: [] for row in listed}
    for row in listed:
        patients[rows[row][:2]].append(row + 1)
    empty = dict.fromkeys(("birth_name", "full_name", "sex", "title", "country", "email"), "")
    return [
        {
            **empty,
            "registry_key": f"{who[0]}{who[1]}",
            "decision": "notify",
            "surname": f"PATIENTQ{who[0]}X{who[1]}",
            "first_name": f"FIRSTQ{who[0]}X{who[1]}",
            "birth_date": f"19{50 + who[1]}-03-14",
            "address": f"{who[1] + 1} QUAI Q{who[0]}X{who[1]}",
            "postcode": "56000",
            "commune": "VANNES",
            "families": ["civil", "health"],
            "rows": held,
        }
        for who, held in patients.items()
    ]


@settings(max_examples=12, deadline=None, phases=(Phase.explicit, Phase.generate))
@given(st.lists(ROW, min_size=1, max_size=14), st.sets(st.integers(0, 13)))
def test_letters_hold_their_own_controllers_values_alone(rows, linked) -> None:
    listed: dict[int, list[int]] = {0: [], 1: []}
    for at, row in enumerate(rows):
        # A registry knows its own patients, and those of rows that name no laboratory.
        if at in linked and row[0] in (0, 1, 3):
            listed[0 if row[0] == 3 else row[0]].append(at)
    for place, drafts in enumerate(drafted(rows, listed)):
        allowed = {f"Q{place}X", "Q3X"} if place == 0 else {f"Q{place}X"}
        for draft in drafts:
            said = " ".join((*draft.envelope.lines, draft.email))
            marks = {said[at : at + 3] for at in range(len(said)) if said[at] == "Q" and said[at + 2 : at + 3] == "X"}
            assert marks <= allowed, (place, draft.who)
            if draft.who.value in ("other", "prescriber"):
                assert "PATIENT" not in said
                assert "FIRST" not in said


@settings(max_examples=12, deadline=None, phases=(Phase.explicit, Phase.generate))
@given(st.lists(ROW, min_size=1, max_size=14), st.sets(st.integers(0, 13)))
def test_everyone_of_a_laboratorys_rows_is_written_to_once(rows, linked) -> None:
    listed = {place: [at for at, row in enumerate(rows) if at in linked and row[0] == place] for place in range(2)}
    for place, drafts in enumerate(drafted(rows, listed)):
        own = [row for row in rows if row[0] == place]
        patients = [draft for draft in drafts if draft.who.value in ("patient", "parents")]
        assert len(patients) == len({row[1] for row in own})
        assert len([draft for draft in drafts if draft.who.value == "prescriber"]) == len({row[3] for row in own})
        assert len({draft.key for draft in drafts}) == len(drafts)
        named = {draft.envelope.lines[0] for draft in drafts if draft.who.value == "other"}
        assert named == {f"CLAUDE SPOUSEQ{place}X{row[1]}" for row in own if row[2]}
