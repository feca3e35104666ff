"""A release written: by post and by e-mail, the same each time, the manifest last."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from etanche.respond.controllers import read
from etanche.responding import letters_release
from etanche.responding.letters_ledger import Letter
from etanche.responding.letters_release import EMAIL, POST, Release

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
CELLS = """code,name,address,postcode,commune,dpo_email,description,measures_after
LAB01,LABO,1 RUE DU PORT,56000,VANNES,dpo@labo.example.org,Un fichier a été copié.,L'accès est fermé.
"""
CONTROLLER = read(CELLS.encode(), "controllers.csv", NOW)[0]


def letter(number: int, channel: str = POST, **more) -> Letter:
    lines = (f"MADAME ANNE{number} MARTIN", "12 RUE DES LILAS", "56000 VANNES")
    plain = Letter(number, f"r:{number}", str(number), number, "patient", "madam", lines, "56000", "", ("civil",), "",
                   f"anne{number}@example.org", "ready", channel=channel)  # fmt: skip
    return replace(plain, **more)


def made(to: Path, *letters: Letter, workers: int = 1):
    release = Release(CONTROLLER, 1, NOW, "fr", letters)
    return [kept for _, kept in letters_release.make([release], to, workers, lambda *_: None)]


def files(to: Path) -> dict[str, bytes]:
    return {str(file.relative_to(to)): file.read_bytes() for file in to.rglob("*") if file.is_file()}


def test_by_post_and_by_email(tmp_path: Path) -> None:
    kept = made(tmp_path, letter(1), letter(2, EMAIL), letter(3, variant="fr-large"), letter(4, variant="en"))[0]
    assert (kept["letters"], kept["emails"]) == (3, 1)
    assert [each["name"][-7:] for each in kept["files"]] == ["-en.pdf", "-fr.pdf", "rge.pdf"]
    folder = tmp_path / "LAB01" / "letters" / "01"
    assert [file.name for file in (folder / "email").iterdir()] == ["LAB01-000002.eml"]
    lines = list(csv.DictReader((folder / "manifest.csv").read_text().splitlines()))
    assert sorted(line["letter"] for line in lines) == ["LAB01-000001", "LAB01-000003", "LAB01-000004"]
    assert json.loads((folder / "manifest.json").read_text())["emails"] == 1


def test_an_email_says_the_letter_and_has_no_link(tmp_path: Path) -> None:
    made(tmp_path, letter(2, EMAIL))
    data = (tmp_path / "LAB01" / "letters" / "01" / "email" / "LAB01-000002.eml").read_bytes()
    message = message_from_bytes(data, policy=policy.default)
    assert (message["To"], message["From"]) == ("anne2@example.org", "dpo@labo.example.org")
    body = message.get_content()
    assert "LAB01-000002" in body
    assert "Un fichier a été copié." in body
    assert "http" not in body
    assert message.get_content_type() == "text/plain"


def test_made_again_it_is_the_same(tmp_path: Path) -> None:
    both = [letter(number, (POST, EMAIL)[number % 2]) for number in range(1, 7)]
    first, second = made(tmp_path / "a", *both), made(tmp_path / "b", *both)
    assert first == second
    assert files(tmp_path / "a") == files(tmp_path / "b")


def test_several_processes_write_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(letters_release, "_ALONE", 1)
    some = [letter(number, postcode=f"{56000 + number}") for number in range(1, 9)]
    monkeypatch.setattr(letters_release.press, "BATCH", 3)
    assert made(tmp_path / "a", *some, workers=2) == made(tmp_path / "b", *some)
    assert files(tmp_path / "a") == files(tmp_path / "b")
