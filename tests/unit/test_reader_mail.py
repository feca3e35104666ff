"""Mails as a table of messages, and their attachments as entries."""

from __future__ import annotations

import mailbox
import zipfile
from email.message import EmailMessage
from email.mime.text import MIMEText
from io import BytesIO
from pathlib import Path

import pytest

from etanche.ingest.bids import Head, best
from etanche.ingest.opening import open_paths
from etanche.ingest.parsers.mailparts import header, take_apart, words
from reading import read

SHEET = "nom;prenom;naissance\nDurand;Élodie;01/02/1980\nPetit;Anne;03/04/1990\n"


def mail(k: int = 1, *, sheet: bool = False) -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Élodie Durand <e.durand@example.org>"
    message["To"] = "Labo <labo@example.org>, jean@example.org"
    message["Delivered-To"] = "labo@example.org"
    message["Subject"] = f"Résultats n° {k}"
    message["Date"] = "Tue, 05 Mar 2024 10:00:00 +0100"
    message["Message-ID"] = f"<{k}@example.org>"
    message["X-Mailer"] = "Prüfer"
    message.set_content(f"Bonjour,\n\nvoici l'été n° {k}.\nFrom ici, à bientôt\n")
    message.add_alternative("<p>Bonjour</p>", subtype="html")
    if sheet:
        message.add_attachment(SHEET.encode("cp1252"), "text", "csv", filename="été.csv")
    return message


def test_a_mail_is_a_row_and_its_attachments_are_tables(tmp_path: Path) -> None:
    path = tmp_path / "one.eml"
    path.write_bytes(mail(sheet=True).as_bytes())
    found, opening = read(path)
    assert found[""] == [
        {
            "message": "1",
            "date": "Tue, 05 Mar 2024 10:00:00 +0100",
            "from_name": "Élodie Durand",
            "from_email": "e.durand@example.org",
            "to": "Labo <labo@example.org>, jean@example.org",
            "account": "labo@example.org",
            "subject": "Résultats n° 1",
            "message_id": "<1@example.org>",
            "attachments": "été.csv",
            "headers": found[""][0]["headers"],
            "text": "Bonjour,\n\nvoici l'été n° 1.\nFrom ici, à bientôt",
        }
    ]
    assert "X-Mailer: Prüfer" in found[""][0]["headers"]
    assert found["été.csv"][0] == {"nom": "Durand", "prenom": "Élodie", "naissance": "01/02/1980"}
    assert opening.refused == []


def test_an_mbox_is_streamed_message_by_message(tmp_path: Path) -> None:
    path = tmp_path / "box"
    box = mailbox.mbox(path)
    for k in range(1, 8):
        box.add(mail(k, sheet=k == 3))
    box.flush()
    found, _ = read(path)
    assert [row["subject"] for row in found[""]] == [f"Résultats n° {k}" for k in range(1, 8)]
    assert all("à bientôt" in row["text"] for row in found[""])
    assert list(found) == ["", "message-3/été.csv"]
    assert found["message-3/été.csv"][1]["prenom"] == "Anne"
    table = next(iter(open_paths([path])))
    assert table.notes == ()


def test_a_maildir_is_a_folder_of_mails(tmp_path: Path) -> None:
    box = mailbox.Maildir(tmp_path / "maildir")
    for k in range(1, 4):
        box.add(mail(k))
    tables = list(open_paths([tmp_path / "maildir"]))
    assert len(tables) == 3
    assert {table.source.reader for table in tables} == {"mail"}


def test_archives_and_mails_inside_mails_are_opened(tmp_path: Path) -> None:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("rows.csv", SHEET)
    inner = mail(2)
    inner.add_attachment(packed.getvalue(), "application", "zip", filename="../dossier.zip")
    outer = mail(1)
    outer.add_attachment(inner)
    outer.add_attachment(b"\x89PNG", "image", "png", filename="logo.png")
    path = tmp_path / "outer.eml"
    path.write_bytes(outer.as_bytes())
    found, opening = read(path)
    assert opening.refused == []
    assert list(found) == ["", "part-3.eml", "part-3.eml!_dossier.zip!rows.csv"]
    assert found[""][0]["attachments"] == "part-3.eml\nlogo.png"
    assert found["part-3.eml"][0]["subject"] == "Résultats n° 2"
    assert opening.refused == []


def test_charsets_lie(tmp_path: Path) -> None:
    path = tmp_path / "lie.eml"
    head = b"From: a@example.org\nTo: b@example.org\nSubject: =?iso-8859-1?Q?=C3=A9t=C3=A9?= caf\xc3\xa9\nDate: x\n"
    body = "Hélène à Orléans"
    for declared, encoding in (
        ("iso-8859-1", "utf-8"),
        ("utf-8", "cp1252"),
        ("us-ascii", "utf-8"),
        ("nonsense", "utf-8"),
    ):
        kind = f"Content-Type: text/plain; charset={declared}\n\n".encode()
        path.write_bytes(head + kind + body.encode(encoding))
        (row,) = read(path)[0][""]
        assert row["text"] == body
        assert row["subject"] == "été café"


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (" ".join(["=?utf-8?q?=C3=A9?="] * 1200), "é" * 1200),
        ("=?utf-8?q?=C3=A9?= =?utf-8?q?", "é =?utf-8?q?"),
        ("what?= now", "what?= now"),
    ],
    ids=["more words than one lot", "a word that never ends", "an end without a word"],
)
def test_encoded_words_of_any_number_are_decoded(written: str, said: str) -> None:
    assert words(written) == said


def test_parameters_without_end_leave_the_parts_readable() -> None:
    lines = ["From: a@b.example", 'Content-Type: multipart/mixed; boundary="bb"; ' + "x*0*=y; " * 9000]
    lines += ["", "--bb", "Content-Type: text/csv; name=a.csv", "", "a,b", "--bb--", ""]
    found = take_apart("\n".join(lines).encode())
    assert [(part.kind, part.name) for part in found.parts] == [("text/csv", "a.csv")]
    assert len(header(found.headers, "Content-Type")) > 70_000


def test_html_is_read_as_text(tmp_path: Path) -> None:
    message = MIMEText(
        "<html><head><title>x</title><style>p{}</style></head><body><p>Cher&nbsp;confr&egrave;re,</p>"
        "<script>if (a<b) c()</script>merci<br>1 < 2</body></html>",
        "html",
        "utf-8",
    )
    message["From"], message["To"], message["Subject"] = "a@example.org", "b@example.org", "x"
    path = tmp_path / "html.eml"
    path.write_bytes(message.as_bytes())
    (row,) = read(path)[0][""]
    assert row["text"] == "Cher\u00a0confrère,\nmerci\n1 < 2"


def test_a_text_that_is_a_message_itself_is_opened(tmp_path: Path) -> None:
    hprim = "\n".join(
        ["1", "DURAND", "Anne", "rue", "", "29200 Brest", "01/02/1980", "", "9", "03/04/2020", "L1 A", "D1 B"]
    )
    message = MIMEText(f"{hprim}\nBonjour\n****FIN****\n****FINFICHIER****\n", "plain", "utf-8")
    message["From"], message["To"], message["Subject"] = "a@example.org", "b@example.org", "[apicrypt]"
    path = tmp_path / "apicrypt.eml"
    path.write_bytes(message.as_bytes())
    found, _ = read(path)
    assert found["part-1.txt!patient"][0]["family_name"] == "DURAND"


def test_a_mail_that_is_cut_off_says_so(tmp_path: Path) -> None:
    whole = mail(sheet=True).as_bytes()
    path = tmp_path / "cut.eml"
    path.write_bytes(whole[: whole.index(b"Content-Disposition") + 90])
    opening = open_paths([path])
    table = next(opening)
    assert [note.code for note in table.notes] == ["record_cut"]
    assert table.sample().columns[table.names.index("subject")] == ("Résultats n° 1",)


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"From a@b.c Tue Mar  5 10:00:00 2024\nFrom: a@b.c\nTo: d@e.f\nSubject: x\n\nhello\n", "mail"),
        (b"Return-Path: <a@b.c>\r\nReceived: by x\r\n\tfor y\r\nDate: z\r\nSubject: x\r\n\r\nhello\r\n", "mail"),
        (b"From: mairie\nTo: tous\nnom;prenom\nDupont;Jean\n", "delimited"),
        (b"Date: 3\nSubject: 4\nTo: 5\n\n", "delimited"),
        (b"From 10:00:00 we waited, and waited\nuntil noon\n", "delimited"),
    ],
)
def test_bids(data: bytes, name: str) -> None:
    reader = best(Head("x", data))
    assert reader is not None
    assert name == reader.NAME
