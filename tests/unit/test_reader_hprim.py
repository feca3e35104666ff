"""HPRIM: text of twelve lines, and messages of segments."""

from __future__ import annotations

from pathlib import Path

import pytest

from etanche.ingest.bids import Head, best
from etanche.ingest.opening import open_paths
from etanche.model import Kind
from etanche.recognise.headers import says
from reading import Rows, read

RECORD = """\
0000129610
LEFÈVRE
Élodie
1A RUE DU FOUR
BÂT C
62580 BAILLEUL SIRE BERTHOULT
18/12/1979
2791262080123 75
    506232
22/05/2013
        C1 Laboratoire du Port
     DUP   Docteur DUPONT Jean

Cher confrère,
voici les résultats de votre patiente, Mme Lefèvre.

****LAB****
TEX|                 ALLERGIE
TEX
TEX|    I.G.E Totales                   164  UI/ml
RES|I.G.E Totales|IGET 000|N|164|UI/ml|0|3000|N|F
RES|Ferritine|FER|N|12,5|µg/l|20|200|L|F|28|pmol/l|45|449
RES||IGET 005|A
****FIN****
"""
SECOND = RECORD.replace("LEFÈVRE", "MARTIN").replace("0000129610", "77").replace("Élodie", "Noël")
MESSAGE = """\
H|~^\\&|F001|secret|LAB01~Laboratoire du Port|2 quai~~Brest~~29200|ORU|0298000000||MED01~Cabinet||P|H2.2~C|202403061112
P|1|000123|EX99||DURAND~Élodie~Marie~~Mme|MARTIN|19790328|F||28 av de Breteuil~~PARIS~~75007||
A|0102030405^0612345678|10000023084~House~Greg
OBR|1|A1|B1|NFS~Numération~L|||202403060800||||||fièvre|||10000000001~AGNES~Isabelle
OBX|1|NM|HB~Hémoglobine~L||13.2|g/dl|12-16|N|||F
C|1|L|Prélèvement hémolysé, à recontrôler avec
A| une nouvelle prise de sang
P|2|000124|||PETIT~Anne||19900101|F
OBR|1|A2|B2|VIH~Sérologie VIH~L
OBX|1|ST|VIH~VIH 1 et 2~L||Négatif||||||F
L|1|1|2|8
"""


def write(tmp_path: Path, text: str, encoding: str = "utf-8") -> Path:
    path = tmp_path / "file.hpr"
    path.write_bytes(text.replace("\n", "\r\n").encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "cp850", "utf-16"])
def test_text_records_are_patients_results_and_texts(tmp_path: Path, encoding: str) -> None:
    found, _ = read(write(tmp_path, RECORD + SECOND + "****FINFICHIER****\n", encoding))
    assert list(found) == ["patient", "result", "text"]
    first, second = found["patient"]
    assert first == {
        "record": "1",
        "patient_code": "0000129610",
        "family_name": "LEFÈVRE",
        "given_name": "Élodie",
        "address": "1A RUE DU FOUR",
        "address_complement": "BÂT C",
        "postcode": "62580",
        "city": "BAILLEUL SIRE BERTHOULT",
        "birth_date": "18/12/1979",
        "nir": "2791262080123 75",
        "request_number": "506232",
        "request_date": "22/05/2013",
        "sender_code": "C1",
        "sender_laboratory": "Laboratoire du Port",
        "recipient_code": "DUP",
        "recipient_physician": "Docteur DUPONT Jean",
    }
    assert (second["record"], second["family_name"], second["given_name"]) == ("2", "MARTIN", "Noël")
    belongs = {"record": "1", "patient_code": "0000129610", "request_number": "506232", "request_date": "22/05/2013"}
    ige, ferritin, third = found["result"][:3]
    assert ige == belongs | {
        "label": "I.G.E Totales",
        "test_code": "IGET 000",
        "value_type": "N",
        "value": "164",
        "unit": "UI/ml",
        "low": "0",
        "high": "3000",
        "abnormal_flag": "N",
        "status": "F",
    }
    assert (ferritin["value_2"], ferritin["unit_2"], ferritin["high_2"]) == ("28", "pmol/l", "449")
    assert third == belongs | {"test_code": "IGET 005", "value_type": "A"}
    letter, report = found["text"][:2]
    assert letter["text"] == "Cher confrère,\nvoici les résultats de votre patiente, Mme Lefèvre."
    assert report["text"].splitlines()[2] == "    I.G.E Totales                   164  UI/ml"
    assert len(found["text"]) == 4


def test_a_record_is_found_after_blank_lines_and_without_date(tmp_path: Path) -> None:
    undated = RECORD.replace("18/12/1979", "")
    found, _ = read(write(tmp_path, "\n\n" + RECORD + "\n\n\n" + SECOND + undated + "****FINFICHIER****\n"))
    assert [row["family_name"] for row in found["patient"]] == ["LEFÈVRE", "MARTIN", "LEFÈVRE"]
    assert [row.get("birth_date", "") for row in found["patient"]] == ["18/12/1979", "18/12/1979", ""]


def test_what_is_left_of_a_record_is_read_or_set_aside(tmp_path: Path) -> None:
    path = write(tmp_path, RECORD + SECOND[: SECOND.index("RES|Ferr")])
    found, opening = read(path)
    assert [row["family_name"] for row in found["patient"]] == ["LEFÈVRE", "MARTIN"]
    assert opening.refused == []
    table = next(iter(open_paths([path])))
    assert [note.code for note in table.notes] == ["record_cut"]
    path = write(tmp_path, RECORD + "78\nMARTIN\n")
    table = next(iter(open_paths([path])))
    (part,) = table.parts()
    assert [item.reason for item in part.quarantined] == ["cut"]
    assert part.rows == 1


def test_messages_of_segments(tmp_path: Path) -> None:
    found, _ = read(write(tmp_path, MESSAGE, "cp850"))
    assert list(found) == ["H", "P", "OBR", "OBX", "C", "L"]
    first, second = found["P"]
    assert first == {
        "message": "1",
        "control_id": "F001",
        "patient_index": "1",
        "patient_id": "000123",
        "set_id": "1",
        "ipp": "000123",
        "id": "EX99",
        "family_name": "DURAND",
        "given_name": "Élodie",
        "given_names": "Marie",
        "title": "Mme",
        "birth_name": "MARTIN",
        "birth_date": "19790328",
        "sex": "F",
        "address": "28 av de Breteuil",
        "city": "PARIS",
        "postcode": "75007",
        "phone": "0102030405",
        "phone_2": "0612345678",
        "physician_id": "10000023084",
        "physician_family_name": "House",
        "physician_given_name": "Greg",
    }
    assert second["family_name"] == "PETIT"
    assert found["H"][0]["password"] == "secret"
    assert [(row["patient_id"], row["test"], row["value"]) for row in found["OBX"]] == [
        ("000123", "Hémoglobine", "13.2"),
        ("000124", "VIH 1 et 2", "Négatif"),
    ]
    assert found["C"][0]["comment"] == "Prélèvement hémolysé, à recontrôler avec une nouvelle prise de sang"
    assert found["OBR"][0]["prescriber_family_name"] == "AGNES"


def test_messages_of_analysers(tmp_path: Path) -> None:
    text = "H|\\^&|||Cobas^1|||||||P|1\nP|1|000123|||DURAND^Anne||19800201|F\nO|1|S1||^^^GLU\\^^^NA|R||20240306\n"
    found, _ = read(write(tmp_path, text + "R|1|^^^GLU|5.4|mmol/L|3.9^6.1|N||F\nL|1|N\n"))
    assert found["P"][0]["given_name"] == "Anne"
    assert (found["O"][0]["test_other_code"], found["O"][0]["test_other_code_2"]) == ("GLU", "NA")
    assert (found["R"][0]["value"], found["R"][0]["patient_id"]) == ("5.4", "000123")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (RECORD, "hprim_text"),
        (RECORD.replace("****LAB****", "").replace("****FIN****", "****FINFICHIER****"), "hprim_text"),
        (MESSAGE, "hprim"),
        ("nom;note\nDupont;****FIN****\n" * 9, "delimited"),
        ("H|nom|prenom\nP|Dupont|Jean\n", "delimited"),
    ],
)
def test_bids(text: str, name: str) -> None:
    reader = best(Head("x", text.encode()))
    assert reader is not None
    assert name == reader.NAME


def test_rows_are_typed(tmp_path: Path) -> None:
    found: dict[str, Rows] = read(write(tmp_path, RECORD))[0]
    assert all(isinstance(cell, str) for rows in found.values() for row in rows for cell in row.values())


XML = """<?xml version="1.0" encoding="ISO-8859-1"?>
<evenementsPatients xmlns="http://www.hprim.org/hprimXML" version="1.05">
 <enteteMessage><identifiantMessage>E1</identifiantMessage></enteteMessage>
{}</evenementsPatients>
"""
EVENT = """ <evenementPatient><patient><identifiant><emetteur><valeur>{0}</valeur></emetteur></identifiant>
  <personnePhysique sexe="F"><nomUsuel>DURAND{0}</nomUsuel><nomNaissance>MARTIN</nomNaissance>
   <prenoms><prenom>Élodie</prenom></prenoms><dateNaissance><date>1979-03-28</date></dateNaissance>
   <adresses><adresse><ligne>2 quai</ligne><ville>BREST</ville><codePostal>29200</codePostal></adresse></adresses>
  </personnePhysique></patient></evenementPatient>
"""


def test_hprim_xml_has_names_that_recognition_knows(tmp_path: Path) -> None:
    path = tmp_path / "patients.xml"
    path.write_bytes(XML.format("".join(EVENT.format(k) for k in range(5))).encode("latin-1"))
    (rows,) = (rows for rows in read(path)[0].values() if len(rows) == 5)
    kinds = {says(name).kind: value for name, value in rows[3].items()}
    assert kinds[Kind.SURNAME] == "DURAND3"
    assert kinds[Kind.BIRTH_NAME] == "MARTIN"
    assert kinds[Kind.FIRST_NAME] == "Élodie"
    assert kinds[Kind.BIRTH_DATE] == "1979-03-28"
    assert kinds[Kind.POSTCODE] == "29200"
