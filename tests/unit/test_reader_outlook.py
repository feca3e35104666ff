"""Outlook messages: the row, the attachments, damage."""

from __future__ import annotations

import contextlib
import random
import struct
from datetime import datetime
from pathlib import Path

import pytest

from compound import Tree, compound
from etanche.errors import UserError
from etanche.ingest.bids import Head, best
from reading import read

SHEET = "nom;prenom\nDurand;Élodie\nPetit;Anne\n".encode("cp1252")


def message(**others: bytes) -> Tree:
    """Return the streams of a message with an attachment."""
    ticks = int((datetime(2024, 3, 5, 9, 0) - datetime(1601, 1, 1)).total_seconds()) * 10**7  # noqa: DTZ001
    properties = bytes(32) + struct.pack("<IIQ", 0x00390040, 6, ticks) + struct.pack("<IIQ", 0x3FFD0003, 6, 1252)
    texts = {
        "0037": "Résultats d'été",
        "1000": "Bonjour,\r\nà bientôt",
        "0C1A": "Élodie Durand",
        "5D01": "e.durand@example.org",
        "0E04": "Labo",
        "1035": "<1@example.org>",
    }
    streams: dict[str, bytes | Tree] = {
        f"__substg1.0_{tag}001F": text.encode("utf-16-le") for tag, text in texts.items()
    }
    streams["__properties_version1.0"] = properties
    streams["__attach_version1.0_#00000000"] = {
        "__substg1.0_3707001E": "été.csv".encode("cp1252"),
        "__substg1.0_37010102": SHEET,
    }
    streams["__attach_version1.0_#00000001"] = {"__substg1.0_3704001F": "a/b.msg".encode("utf-16-le")}
    return {**streams, **others}


def test_a_message_is_a_row_and_its_attachments_are_entries(tmp_path: Path) -> None:
    path = tmp_path / "mail.msg"
    path.write_bytes(compound(message()))
    found, opening = read(path)
    assert found[""] == [
        {
            "date": "2024-03-05 09:00:00",
            "from_name": "Élodie Durand",
            "from_email": "e.durand@example.org",
            "to": "Labo",
            "subject": "Résultats d'été",
            "message_id": "<1@example.org>",
            "attachments": "été.csv\na_b.msg",
            "text": "Bonjour,\nà bientôt",
        }
    ]
    assert found["été.csv"] == [{"nom": "Durand", "prenom": "Élodie"}, {"nom": "Petit", "prenom": "Anne"}]
    assert opening.refused == []


def test_html_is_the_text_where_there_is_no_other(tmp_path: Path) -> None:
    path = tmp_path / "mail.msg"
    html = {"__substg1.0_1000001F": b"", "__substg1.0_10130102": b"<p>Cher confr\xe8re</p>"}
    path.write_bytes(compound(message(**html)))
    assert read(path)[0][""][0]["text"] == "Cher confrère"


def test_damage_does_no_harm(tmp_path: Path) -> None:
    whole = compound(message())
    path = tmp_path / "mail.msg"
    chance = random.Random(9)
    for _ in range(6):
        data = bytearray(whole[: chance.randrange(600, len(whole))])
        for _ in range(5):
            data[chance.randrange(8, len(data))] = chance.randrange(256)
        path.write_bytes(data)
        with contextlib.suppress(UserError):
            read(path)


def test_another_compound_file_is_no_message(tmp_path: Path) -> None:
    path = tmp_path / "other.msg"
    path.write_bytes(compound({"x": b"y"}))
    with pytest.raises(UserError) as refused:
        read(path)
    assert refused.value.code == "ingest_msg_damaged"
    reader = best(Head("x.msg", compound(message())[:65536]))
    assert reader is not None
    assert reader.NAME == "outlook"
