"""Columns of one short table: each stands, and is typed as the rows show it, not as its distinct values alone."""

import json


def triage(place, *paths):
    done = place.run("triage", *paths, "--case", "case", "--json")
    assert done.code == 0, done.err
    return {each["name"]: each for each in json.loads(done.out)["columns"]}


def test_columns_whose_names_differ_by_marks_alone_are_both_kept(place):
    (place.work / "leak.csv").write_bytes(
        b"Code APE,CODE_APE,Nom,NOM\n8810C,6831Z,ROUX,Petit\n8810D,6832Z,BLANC,Colin\n"
    )
    found = triage(place, "leak.csv")
    assert len(found) == 4
    assert sum(each["filled"] for each in found.values()) == 8


def test_a_short_table_is_typed_on_its_rows(place):
    rows = [f"{number},60.0,0\n" for number in range(1, 11)]
    (place.work / "leak.csv").write_text("".join(["rang,DEL1,gratuit\n", *rows]))
    found = triage(place, "leak.csv")
    assert (found["DEL1"]["kind"], found["gratuit"]["kind"]) == ("constant", "boolean")
