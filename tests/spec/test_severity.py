"""The ENISA score against the worked examples of the specification (respond, "Severity")."""

import pytest

from etanche.assess import Circumstances, severity
from etanche.assess.severity import band
from etanche.model import Category, Kind

IDENTITY = {Kind.SURNAME, Kind.FIRST_NAME, Kind.BIRTH_DATE, Kind.ADDRESS, Kind.NIR}
FOUND_ON_THE_WEB = Circumstances()


def codes(result):
    return [reason.code for reason in result.reasons]


def test_the_leak_of_2021():
    categories = {
        Category.ORDINARY: 491_840,
        Category.NIR: 489_838,
        Category.HEALTH: 300_000,
        Category.CREDENTIALS: 14_997,
    }
    result = severity(IDENTITY | {Kind.COMMENT}, categories, 491_840, FOUND_ON_THE_WEB)
    assert (result.dpc, result.ei, result.cb, result.score, result.band) == (4, 1.0, 1.0, 5.0, "very_high")
    assert codes(result) == [
        "dpc_sensitive",
        "ei_full_identity",
        "cb_confidentiality_unknown_recipients",
        "cb_malicious",
    ]
    assert result.flags == ("over_100_persons",)


def test_an_administrative_list_of_patients():
    categories = {Category.ORDINARY: 5_000, Category.NIR: 5_000}
    result = severity(IDENTITY | {Kind.LABORATORY}, categories, 5_000, FOUND_ON_THE_WEB)
    assert (result.dpc, result.ei, result.score, result.band) == (3, 1.0, 4.0, "very_high")


def test_pseudonymised_results_sold():
    result = severity({Kind.RESULT, Kind.SEX, Kind.POSTCODE}, {Category.HEALTH: 900}, 900, FOUND_ON_THE_WEB)
    assert (result.dpc, result.ei, result.score, result.band) == (4, 0.5, 3.0, "high")


def test_a_test_done_told_to_one_known_recipient():
    circumstances = Circumstances(confidentiality=0.25, malicious=False)
    result = severity({Kind.SURNAME, Kind.FIRST_NAME, Kind.EMAIL}, {Category.ORDINARY: 1}, 1, circumstances)
    assert (result.dpc, result.ei, result.cb, result.score, result.band) == (1, 1.0, 0.25, 1.25, "low")
    assert result.flags == ()


def test_encrypted_results_on_a_lost_laptop():
    circumstances = Circumstances(confidentiality=0.0, malicious=False)
    result = severity(IDENTITY, {Category.HEALTH: 50}, 50, circumstances, unintelligible=True)
    assert (result.dpc, result.ei, result.score, result.band) == (4, 0.25, 1.0, "low")
    assert result.flags == ("unintelligible",)


@pytest.mark.parametrize(
    ("score", "name"),
    [(0, "low"), (1.99, "low"), (2, "medium"), (2.99, "medium"), (3, "high"), (3.99, "high"), (4, "very_high")],
)
def test_bands(score, name):
    assert band(score) == name


def test_points_that_the_method_does_not_know_are_refused():
    with pytest.raises(ValueError, match=r"0\.3"):
        Circumstances(confidentiality=0.3)
