"""The ceilings of the fines: both tiers, the greater of the two, a turnover as people write it, where it goes."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from etanche import responding
from etanche.casefile import KeyOptions
from etanche.config import Config
from etanche.errors import ExitCode, UserError
from etanche.respond.exposure import Turnover, document, tiers, turnover
from etanche.responding import exposing

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
CONFIG = Config(language="fr", keyring=False, now=lambda: NOW)


def spaced(text):
    """Return a text with plain blanks for those that keep a number on one line."""
    return text.replace("\u00a0", " ").replace("\u202f", " ")


@pytest.fixture
def case(tmp_path):
    (tmp_path / "c.csv").write_text("code;name\nLAB01;Laboratoire des Tilleuls\n", encoding="utf-8")
    request = responding.RespondRequest(
        case=tmp_path / "case", controllers=tmp_path / "c.csv", new=True, keys=KeyOptions(tmp_path / "key")
    )
    responding.respond_case(request, CONFIG)
    return tmp_path / "case"


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        ("850 000", 850_000, 850_000),
        ("850\u202f000 €", 850_000, 850_000),
        ("12.5M", 12_500_000, 12_500_000),
        ("12,345 M€", 12_345_000, 12_345_000),
        ("10M..15M", 10_000_000, 15_000_000),
        ("10M - 15M", 10_000_000, 15_000_000),
        ("1Md", 10**9, 10**9),
        ("900k..1.2bn", 900_000, 1_200_000_000),
    ],
)
def test_a_turnover_as_people_write_it(text, least, most):
    assert turnover(text) == Turnover(least, most)


@pytest.mark.parametrize("text", ["", "unknown", "inconnu"])
def test_an_unknown_turnover(text):
    assert turnover(text) is None


@pytest.mark.parametrize("text", ["a lot", "-5", "15M..10M", "1..2..3", "12.3456M", "5 %", "1e9"])
def test_no_turnover(text):
    with pytest.raises(UserError) as caught:
        turnover(text)
    assert caught.value.code == "exposure_turnover"


@pytest.mark.parametrize(
    ("known", "lower", "higher"),
    [
        (0, 10_000_000, 20_000_000),
        (500_000_000, 10_000_000, 20_000_000),
        (500_000_050, 10_000_001, 20_000_002),
        (2_000_000_000, 40_000_000, 80_000_000),
    ],
)
def test_the_greater_of_amount_and_share(known, lower, higher):
    assert [tier.ceiling(Turnover(known, known)) for tier in tiers()] == [(lower, lower), (higher, higher)]


def test_the_duties_on_breaches_are_of_the_lower_tier():
    lower, higher = tiers()
    assert {"GDPR 28", "GDPR 32", "GDPR 33", "GDPR 34"} <= {duty["article"] for duty in lower.duties}
    assert {"GDPR 5", "GDPR 6", "GDPR 9", "GDPR 12"} == {duty["article"] for duty in higher.duties}
    assert (lower.share, higher.share, lower.threshold, higher.threshold) == (2, 4, 500_000_000, 500_000_000)


def test_an_unknown_turnover_has_a_least_ceiling_and_a_formula(case, tmp_path):
    assert [tier["ceiling"] for tier in document("LAB01", None)["tiers"]] == [
        {"least": 10_000_000, "most": None}, {"least": 20_000_000, "most": None},
    ]  # fmt: skip
    exposing.expose(case, "lab01", "inconnu", tmp_path / "out", CONFIG)
    text = spaced((tmp_path / "out" / "LAB01" / "privileged" / "exposure.md").read_text(encoding="utf-8"))
    assert "le plus élevé de 10 000 000 € et de 2 % du chiffre d'affaires" in text
    assert "au-delà de 500 000 000 €" in text
    assert "(RGPD 83(4), RGPD 83(5))" in text


def test_the_sheet_is_privileged_and_nothing_of_it_is_in_the_case(case, tmp_path):
    done = exposing.expose(case, "LAB01", "654321987", tmp_path / "out", CONFIG)
    assert {path.parent for path in done.files} == {tmp_path / "out" / "LAB01" / "privileged"}
    assert "13 086 439 €" in spaced(done.files[0].read_text(encoding="utf-8"))
    assert all(path.stat().st_mode & 0o077 == 0 for path in done.files)
    held = b"".join(path.read_bytes() for path in case.rglob("*") if path.is_file())
    assert b"exposure_shown" in held
    assert not [number for number in (b"654321987", b"13086439", b"26172879") if number in held]
    with pytest.raises(UserError) as caught:
        exposing.expose(case, "LAB01", "1M", case / "out", CONFIG)
    assert caught.value.exit_code is ExitCode.REFUSED
