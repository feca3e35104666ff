"""HL7 v2 messages as tables: worked examples, the traps of real files, documents inside."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from etanche.ingest.bids import Head, best
from etanche.ingest.opening import open_paths
from etanche.model import Kind, Role
from etanche.recognise.headers import says
from reading import Rows, read, rows_of

REAL = Path(__file__).resolve().parents[3] / "shared" / "data" / "hl7v2"
ADMISSION = [
    r"MSH|^~\&|GAM|CHU-X|DPI|CHU-X|20240306111154||ADT^A01^ADT_A01|3975|P|2.5|||||FRA|8859/15",
    "EVN||20240306111154",
    (
        "PID|1||000003^^^CHU-X&000897406&N^PI~279035121518989^^^ASIP-SANTE-INS-NIR&1.2.250.1.213.1.4.8&ISO^INS"
        "||DURAND^Élodie^Élodie Marie^^MME^^D~MARTIN^Élodie^^^^^L||19790328|F|||28 Av de Breteuil^^PARIS^^75007^FRA^H"
        "~^^BREST^^^^BDL^^29019||^PRN^PH^^^^^^^^^0102030405~^PRN^CP^^^^^^^^^0612345678~^NET^Internet^e.durand@example.org"
    ),
    "NK1|1|DURAND^Paul|SPO|1 rue du Port^^Brest^^29200|^PRN^PH^^^^^^^^^0298000000",
    "PV1|1|I|UF1^101^2||||10000023084^AGNES^Isabelle^^^^^^ASIP-SANTE-PS&1.2.250.1.71.4.2.1&ISO^D^^^RPPS",
    "ZFM|8|a^b&c|x~y",
    "IN1|1|MUT^Mutuelle|123456789|MGEN||||G1|||20240101|20241231||||MARTIN^Jeanne^^^^^L|PAR|19500102",
]
RESULTS = [
    r"MSH|^~\&|LIS|LABO|DPI|CHU|202403061112||ORU^R01^ORU_R01|42|P|2.5",
    "PID|1||777^^^LABO^PI||PETIT^Anne^^^^^L||19900101|F",
    "OBR|1|A1|B1|58410-2^NFS^LN|||20240306080000|||||||||10000000001^House^Greg",
    "OBX|1|NM|718-7^Hémoglobine^LN||13.2|g/dL|12-16|N|||F|||20240306080000",
    r"OBX|2|TX|22634-0^Conclusion^LN||Pas d'anémie\.br\VGM \T\ CCMH||||||F",
    "NTE|1||Échantillon hémolysé",
    "OBR|2|A2|B2|47527-7^VIH^LN",
    "OBX|1|CWE|7918-6^VIH 1+2 Ac^LN||260415000^Non détecté^SCT||||||F",
    "OBX|2|SN|20447-9^Charge virale^LN||<^20|copies/mL|||||F",
]


def tables(path: Path) -> dict[str, Rows]:
    return read(path)[0]


def write(tmp_path: Path, segments: list[str], end: str = "\r", encoding: str = "utf-8") -> Path:
    path = tmp_path / "messages.hl7"
    path.write_bytes((end.join(segments) + end).encode(encoding))
    return path


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
def test_an_admission_is_one_table_a_segment(tmp_path: Path, end: str) -> None:
    found = tables(write(tmp_path, ADMISSION, end))
    assert list(found) == ["MSH", "EVN", "PID", "NK1", "PV1", "ZFM", "IN1"]
    (patient,) = found["PID"]
    assert patient == {
        "message": "1",
        "control_id": "3975",
        "patient_id": "000003",
        "set_id": "1",
        "ipp": "000003",
        "ipp_authority": "CHU-X",
        "ipp_oid": "000897406",
        "ipp_oid_type": "N",
        "ins_nir": "279035121518989",
        "ins_nir_authority": "ASIP-SANTE-INS-NIR",
        "ins_nir_oid": "1.2.250.1.213.1.4.8",
        "family_name": "DURAND",
        "birth_name": "MARTIN",
        "given_name": "Élodie",
        "given_names": "Élodie Marie",
        "title": "MME",
        "birth_date": "19790328",
        "sex": "F",
        "address": "28 Av de Breteuil",
        "city": "PARIS",
        "postcode": "75007",
        "country": "FRA",
        "birth_place": "BREST",
        "birth_place_insee": "29019",
        "phone": "0102030405",
        "mobile_phone": "0612345678",
        "email": "e.durand@example.org",
    }
    (spouse,) = found["NK1"]
    assert spouse["contact_family_name"] == "DURAND"
    assert spouse["contact_phone"] == "0298000000"
    assert spouse["patient_id"] == "000003"
    (visit,) = found["PV1"]
    assert visit["attending_physician_rpps"] == "10000023084"
    assert visit["location_room"] == "101"
    assert found["ZFM"] == [
        {
            "message": "1",
            "control_id": "3975",
            "patient_id": "000003",
            "zfm_1": "8",
            "zfm_2_1": "a",
            "zfm_2_2": "b&c",
            "zfm_3": "x",
            "zfm_3_rep2": "y",
        }
    ]
    (insured,) = found["IN1"]
    assert (insured["insurer"], insured["insured_family_name"], insured["insured_birth_date"]) == (
        "MGEN",
        "MARTIN",
        "19500102",
    )


def test_results_say_their_order_and_their_patient(tmp_path: Path) -> None:
    found = tables(write(tmp_path, RESULTS))
    results = found["OBX"]
    assert [row["order_index"] for row in results] == ["1", "1", "2", "2"]
    assert {row["patient_id"] for row in results} == {"777"}
    assert (
        results[0]
        | {
            "test_code": "718-7",
            "test": "Hémoglobine",
            "value": "13.2",
            "unit": "g/dL",
            "reference_range": "12-16",
            "abnormal_flag": "N",
            "date": "20240306080000",
        }
        == results[0]
    )
    assert results[1]["value"] == "Pas d'anémie\nVGM & CCMH"
    assert (results[2]["value_code"], results[2]["value"]) == ("260415000", "Non détecté")
    assert results[3]["value"] == "<20"
    assert found["NTE"][0]["comment"] == "Échantillon hémolysé"
    assert found["OBR"][0]["prescriber_family_name"] == "House"


def test_escapes_are_undone_after_splitting(tmp_path: Path) -> None:
    segments = [RESULTS[0], r"OBX|1|FT|x||a\F\b\S\c\T\d\R\e\E\f\X0D0A\g\.br\h\H\i~j"]
    (row,) = tables(write(tmp_path, segments))["OBX"]
    assert row["value"] == "a|b^c&d~e\\f\r\ng\nh\\H\\i\nj"


def test_several_messages_in_mllp_frames_and_batches(tmp_path: Path) -> None:
    one, two = "\r".join(ADMISSION), "\r".join(RESULTS)
    path = tmp_path / "batch"
    path.write_bytes(f"FHS|^~\\&|X\rBHS|^~\\&|X\r\x0b{one}\r\x1c\r\x0b{two}\r\x1c\rBTS|2\rFTS|1\r".encode())
    found = tables(path)
    assert [(row["message"], row["control_id"]) for row in found["PID"]] == [("1", "3975"), ("2", "42")]
    assert [row["family_name"] for row in found["PID"]] == ["DURAND", "PETIT"]
    assert found["BTS"][0]["bts_1"] == "2"
    whole = next(iter(open_paths([path])))
    assert [note.code for note in whole.notes] == []
    path.write_bytes(f"BHS|^~\\&|X\r{one}\r".encode())
    cut = next(iter(open_paths([path])))
    assert [note.code for note in cut.notes] == ["batch_cut"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "cp850", "utf-16", "utf-16-le"])
def test_text_is_decoded_whatever_the_header_says(tmp_path: Path, encoding: str) -> None:
    names = ["Hélène", "François", "Noël", "Benoît", "Gaëlle", "Jérôme", "Thérèse", "Zoé"]
    messages = [
        line
        for k, name in enumerate(names)
        for line in (rf"MSH|^~\&|A|B|C|D|2024||ADT^A01|{k}|P|2.5||||||8859/15", f"PID|1||{k}||Lefèvre^{name}")
    ]
    path = write(tmp_path, messages, encoding=encoding)
    assert [row["given_name"] for row in tables(path)["PID"]] == names
    said = {table.encoding for table in open_paths([path])}
    assert said == {{"utf-8-sig": "utf-8", "utf-16": "utf-16-le"}.get(encoding, encoding)}


def test_separators_are_the_message_s_own(tmp_path: Path) -> None:
    segments = ["MSH#*!%@#A#B#C#D#2024##ADT*A01#7#P#2.5", "PID#1##12*x*y*LABO@9@N*PI!13##DUPONT*Jean"]
    (row,) = tables(write(tmp_path, segments))["PID"]
    assert (row["ipp"], row["ipp_oid"], row["id"], row["given_name"]) == ("12", "9", "13", "Jean")


def test_a_line_break_in_a_field_stays_in_its_field(tmp_path: Path) -> None:
    segments = [RESULTS[0], "OBX|1|TX|x||première ligne\ndeuxième ligne\n\nHIV négatif|u", "NTE|1||fin"]
    found = tables(write(tmp_path, segments))
    assert found["OBX"][0]["value"] == "première ligne\ndeuxième ligne\n\nHIV négatif"
    assert found["OBX"][0]["unit"] == "u"


def test_maiden_name_and_legal_name(tmp_path: Path) -> None:
    segments = [
        RESULTS[0],
        "PID|1||1||DURAND^Anne^^^^^L~MARTIN^Anne^^^^^M",
        "PID|2||2||ROY^Luc^^^^^L~LEROY^Lucas^^^^^D",
    ]
    first, second = tables(write(tmp_path, segments))["PID"]
    assert (first["family_name"], first["birth_name"], first["given_name"]) == ("DURAND", "MARTIN", "Anne")
    assert (second["family_name"], second["birth_name"]) == ("LEROY", "ROY")
    assert {second["given_name"], second["given_name_2"]} == {"Luc", "Lucas"}


def test_documents_are_entries_of_their_own(tmp_path: Path) -> None:
    xml = base64.b64encode(b"<?xml version='1.0'?><ClinicalDocument/>").decode()
    letter = base64.b64encode("Cher confrère,\nmerci, et à bientôt".encode()).decode()
    segments = [
        RESULTS[0],
        f"OBX|1|ED|x||^text^XML^Base64^{xml}||||||F",
        f"OBX|2|ED|y||^text^^Base64^{letter}||||||F",
        "OBX|3|ED|z||^application^octet-stream^Hex^504B0304000102",
        "OBX|4|ED|z||^application^pdf^Base64^pas du tout",
    ]
    path = write(tmp_path, segments)
    opening = open_paths([path])
    found = {table.member + table.table: rows_of(table)[0] for table in opening}
    rows = found["OBX"]
    assert rows[0]["document"] == "message-1-OBX-1.xml"
    assert rows[1]["value"] == "Cher confrère,\nmerci, et à bientôt"
    assert rows[2]["document"] == "message-1-OBX-3.zip"
    assert "pas du tout" in rows[3].values()
    assert {"message-1-OBX-1.xml", "message-1-OBX-3.zip"} <= {item.member for item in opening.refused} | set(found)


def test_nothing_filled_is_lost(tmp_path: Path) -> None:
    values = [f"v{k}" for k in range(1, 60)]
    segments = [RESULTS[0], "PID|" + "|".join(values), "ZZZ|" + "~".join(f"a{k}^b{k}" for k in range(50))]
    found = tables(write(tmp_path, segments))
    cells = " ".join(found["PID"][0].values())
    assert all(value in cells for value in values)
    rest = " ".join(found["ZZZ"][0].values())
    assert all(f"b{k}" in rest for k in range(50))


@pytest.mark.parametrize(
    ("column", "kind", "role"),
    [
        ("family_name", Kind.SURNAME, None),
        ("birth_name", Kind.BIRTH_NAME, None),
        ("given_name", Kind.FIRST_NAME, None),
        ("birth_date", Kind.BIRTH_DATE, None),
        ("sex", Kind.SEX, None),
        ("ins_nir", Kind.INS, None),
        ("nir", Kind.NIR, None),
        ("postcode", Kind.POSTCODE, None),
        ("city", Kind.COMMUNE, None),
        ("mobile_phone", Kind.MOBILE, None),
        ("email", Kind.EMAIL, None),
        ("insured_family_name", Kind.SURNAME, Role.INSURED),
        ("contact_family_name", Kind.SURNAME, Role.TRUSTED_PERSON),
        ("prescriber_rpps", Kind.RPPS, Role.PRESCRIBER),
        ("attending_physician_given_name", Kind.FIRST_NAME, Role.PRESCRIBER),
        ("comment", Kind.COMMENT, None),
        ("value", Kind.RESULT, None),
        ("sample_date", Kind.SAMPLE_DATE, None),
    ],
)
def test_recognition_knows_the_names_of_columns(column: str, kind: Kind, role: Role | None) -> None:
    said = says(column)
    assert (said.kind, said.role) == (kind, role)


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"MSH|^~\\&|A|B\r", "hl7v2"),
        (b"\x0bMSH|^~\\&|A|B\r", "hl7v2"),
        (b"\xef\xbb\xbfFHS|^~\\&|A|B\r", "hl7v2"),
        (b"received 10:11\nMSH|^~\\&|A|B\r", "hl7v2"),
        (b"MSH;nom;prenom\n1;2;3\n", "delimited"),
        (b"code|libelle\nMSH|message header\n", "delimited"),
    ],
)
def test_bids(data: bytes, name: str) -> None:
    reader = best(Head("x", data))
    assert reader is not None
    assert name == reader.NAME


if REAL.is_dir():  # not a skip: the real messages are no part of the project

    @pytest.mark.parametrize("path", sorted(REAL.glob("*.er7")), ids=lambda path: path.name)
    def test_real_messages_are_all_read(path: Path) -> None:
        found = tables(path)
        segments = [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        assert sum(len(rows) for name, rows in found.items() if len(name) == 3) == len(segments)
        cells = "\n".join(value for rows in found.values() for row in rows for value in row.values())
        for line in segments:
            for field in line.split("|")[2 if line.startswith("MSH") else 1 :]:
                value = field.split("^")[0].split("~")[0].split("&")[0]
                assert value in cells, (path.name, line[:3])
        for row in found.get("PID", []):
            assert (row["family_name"], row["birth_date"], row["sex"]) == ("PAT-TROIS", "19790328", "F")
            assert row["ins_nir"] == "279035121518989"
