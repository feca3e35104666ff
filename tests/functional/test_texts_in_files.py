"""Free texts: comments, letters and messages are read for topics and for what no column announces, one by one."""

import json
import zipfile

LETTER = """Docteur Jean Lemoine
12 rue des Lilas
75011 Paris

Cher confrère,

Je vous adresse Madame Sophie MARTIN, née le 12/03/1970, pour un bilan de diabète de type 2.
Elle est traitée par metformine. Sérologie VIH négative.
Son numéro de sécurité sociale est le 2 70 03 75 116 001 33, tél. 06 12 34 56 78.

Bien confraternellement,
Dr Jean Lemoine
"""
MAIL = """From: Marie Durand <marie.durand@example.org>
To: labo@example.org
Date: Tue, 3 Mar 2020 10:00:00 +0100
Subject: M. Paul PETIT
Message-ID: <1@example.org>
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8

Bonjour, merci d'appeler M. Paul PETIT, séropositif depuis 2010, au 01 45 67 89 10.
"""


def triage(place, *paths, case="case"):
    done = place.run("triage", *paths, "--case", case, "--json")
    assert done.code == 0, done.err
    return json.loads(done.out)


def test_a_letter_is_a_text_and_its_lines_are_nobodys_rows(place):
    (place.work / "lettre.txt").write_text(LETTER, encoding="cp1252")
    document = triage(place, "lettre.txt")
    [column] = document["columns"]
    assert (column["kind"], column["reason_code"]) == ("comment", "prose")
    assert document["persons"] == 0, "a line is no person"
    assert document["topic_rows"]["hiv"] == {"affirmed": 0, "negated": 1}
    found = document["texts"]["found"]
    assert found["nir"] == {"rows": 1, "valid": 1, "distinct": 1}
    assert found["mobile"] == {"rows": 1, "valid": 1, "distinct": 1}
    assert {"surname", "birth_date", "address"} <= set(found)
    [told] = document["documents"]
    assert (told["source"], told["rows"]) == (0, document["rows"])
    assert told["found"]["nir"] == 1
    assert told["topics"]["hiv"] == {"affirmed": 0, "negated": 1}


def test_each_document_of_a_folder_tells_what_it_holds(place):
    folder = place.work / "courriers"
    folder.mkdir()
    for number in range(12):
        text = LETTER if number == 3 else f"Bonjour,\n\nCeci est la lettre {number}, merci de la garder.\nÀ bientôt.\n"
        (folder / f"lettre{number:02}.txt").write_text(text, encoding="utf-8")
    (folder / "message.eml").write_text(MAIL, encoding="utf-8")
    document = triage(place, "courriers")
    texts = [each["name"] for each in document["columns"] if each["reason_code"] == "prose"]
    assert len([name for name in texts if name.endswith("column_1")]) == 1, "letters are one shape"
    assert {name.rpartition(".")[2] for name in texts} == {"column_1", "subject", "text", "headers"}
    told = {document["sources"][each["source"]]["path"].rpartition("/")[2]: each for each in document["documents"]}
    assert told["lettre03.txt"]["found"]["nir"] == 1
    assert told["message.eml"]["topics"]["hiv"]["affirmed"] == 1
    assert told["message.eml"]["found"]["landline"] == 1
    assert set(told) == {"lettre03.txt", "message.eml"}


def test_a_number_in_a_comment_counts_where_no_column_announces_it(place):
    rows = [f"MARTIN{k};Marie;commentaire {k}" for k in range(60)]
    rows[7] = "DURAND;Paul;rappeler au 06 12 34 56 78 - NIR 2 70 03 75 116 001 33"
    rows[8] = "PETIT;Anne;mot de passe : Azerty123!"
    (place.work / "patients.csv").write_text("nom;prenom;commentaire\n" + "\n".join(rows) + "\n")
    document = triage(place, "patients.csv")
    assert document["texts"]["found"]["nir"] == {"rows": 1, "valid": 1, "distinct": 1}
    assert document["texts"]["found"]["password"]["rows"] == 1
    assert document["categories"]["nir"] == 1
    assert document["categories"]["credentials"] == 1
    assert document["documents"] == [], "a table of rows is no document"


def test_nothing_of_a_text_is_published(place):
    (place.work / "lettre.txt").write_text(LETTER, encoding="utf-8")
    document = triage(place, "lettre.txt")
    page = (place.work / "case" / "report.html").read_text(encoding="utf-8")
    for said in ("MARTIN", "Lemoine", "06 12", "Lilas", "75 116"):
        assert said not in page
        assert said not in json.dumps(document, ensure_ascii=False)


def test_a_resumed_case_tells_the_same_of_its_documents(place):
    with zipfile.ZipFile(place.work / "courriers.zip", "w") as archive:
        archive.writestr("a.txt", LETTER)
        archive.writestr("b.eml", MAIL)
    first = triage(place, "courriers.zip")
    done = place.run("triage", "--case", "case", "--resume", "--json")
    assert done.code == 0, done.err
    again = json.loads(done.out)
    assert again["documents"] == first["documents"]
    assert again["texts"] == first["texts"]
