"""Every check of plausibility against a slow reference, row by row, written from the rules in the docstrings."""

from __future__ import annotations

import random

from counting import counted
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from etanche.assess.plausibility import born_there, in_postcode
from etanche.model import Kind, Role

KINDS = (
    ("nir", Kind.NIR),
    ("ins", Kind.INS),
    ("born_in", Kind.BIRTH_PLACE),
    ("born", Kind.BIRTH_DATE),
    ("postcode", Kind.POSTCODE),
    ("commune", Kind.COMMUNE),
    ("insee", Kind.INSEE_COMMUNE),
    ("mobile", Kind.MOBILE),
    ("cip", Kind.CIP),
    ("cim10", Kind.CIM10),
    ("atc", Kind.ATC),
    ("sampled", Kind.SAMPLE_DATE),
)
# Value -> what the rules say of it, written by hand: (département possible, commune given).
NIRS = {
    "280035626012311": (True, True),
    "2 80 03 56 260 123 11": (True, True),
    "2750320004123": (True, True),
    "2800320004123": (False, False),
    "275032A004123": (False, False),
    "280032B033123": (True, True),
    "180035699912345": (False, False),
    "165039101412345": (False, False),
    "160039101412345": (True, True),
    "1850391174123": (True, True),
    "1700375119123": (True, True),
    "1700375190123": (True, False),
    "1700397411123": (True, True),
    "1700397999123": (False, False),
    "1700399352123": (True, True),
    "1700399652123": (False, False),
    "nothing": None,
}
DEPARTEMENTS = {
    "VANNES": "56", "Vannes (56)": "56", "56260": "56", "RENNES": "35", "AJACCIO": "2A", "BASTIA": "2B",
    "PARIS 19": "75", "BOBIGNY": "93", "CORBEIL ESSONNES": "91",
}  # fmt: skip
"""The one département that has each place of birth; others are not known."""
FORMERLY = {"20": {"2A", "2B"}, "75": {"92", "93", "94"}}
PLACES = (
    "VANNES",
    "Vannes (56)",
    "56260",
    "RENNES",
    "AJACCIO",
    "BASTIA",
    "PARIS 19",
    "BOBIGNY",
    "CORBEIL ESSONNES",
    "NOWHERE AT ALL",
)
MOBILES = {
    "0612345678": (True, True),
    "+33 6 12 34 56 78": (True, True),
    "0639981234": (True, False),
    "0733221100": (False, True),
    "0811223344": None,
    "12": None,
}
"""On a day of 2009: a range open, no fiction; None for what is no person's line."""
INS = {
    "280035626012311^1.2.250.1.213.1.4.8": True,
    "280035626012311^1.2.250.1.213.1.4.10": False,
    "280035626012311": None,
}
LISTED = {
    "cip": {"3400930150320": True, "3400999999991": False},
    "cim10": {"E11.9": True, "b20": True, "B93": False},
    "atc": {"N02BE01": True, "N09AA": False},
    "insee": {"56260": True, "2a004": True, "56999": False},
}
BORN = {"01/03/1980": True, "01/03/2030": False, "05/06/1850": False, "31/02/1980": None}


def tally(verdicts):
    decided = [verdict for verdict in verdicts if verdict is not None]
    return sum(decided), len(decided)


@settings(max_examples=8, deadline=None, phases=[Phase.generate])
@given(seed=st.integers(0, 10**6), filled=st.sampled_from([0.5, 0.9]))
def test_checks_follow_their_rules(seed, filled):
    draw = random.Random(seed)
    values = {
        "nir": list(NIRS), "ins": list(INS), "born_in": PLACES, "born": list(BORN), "mobile": list(MOBILES),
        "postcode": ["56000", "35000", "56019", "99999"], "sampled": ["01/06/2008", "31/12/2009"],
        "commune": ["VANNES", "RENNES", "Rennes", "VANNES CEDEX 9", "RENNES CEDEX"],
        **{name: list(known) for name, known in LISTED.items()},
    }  # fmt: skip
    rows = [{name: draw.choice(values[name]) for name, _ in KINDS if draw.random() < filled} for _ in range(60)]
    rows.append({"nir": "2800356260123", "sampled": "31/12/2009"})
    found = {
        name: (share.count, share.of)
        for name, share in counted([(name, kind, Role.PATIENT) for name, kind in KINDS], rows).plausibility.items()
    }

    def pairs(one, other):
        return [(row[one], row[other]) for row in rows if one in row and other in row]

    births = [NIRS.get(row["nir"], (True, True)) for row in rows if "nir" in row]
    births = [verdict for verdict in births if verdict is not None]
    expected = {
        "nir_departement": tally(possible for possible, _ in births),
        "nir_commune": tally(given for _, given in births),
        "nir_birth_place": tally(birth(*pair) for pair in pairs("nir", "born_in")),
        "postcode_commune": tally(town(*pair) for pair in pairs("postcode", "commune")),
        "ins_oid": tally(INS[row["ins"]] for row in rows if "ins" in row),
        "postcode_insee": tally(codes(*pair) for pair in pairs("postcode", "insee")),
        "birth_date_possible": tally(BORN[row["born"]] for row in rows if "born" in row),
        **{
            f"{name}_listed": tally(known.get(row[name]) for row in rows if name in row)
            for name, known in LISTED.items()
        },
    }
    lines = [MOBILES[row["mobile"]] for row in rows if "mobile" in row]
    expected["phone_plan"] = tally(line and line[0] for line in lines)
    expected["phone_not_fiction"] = tally(line and line[1] for line in lines)
    for name, figures in expected.items():
        assert found.get(name, (0, 0)) == figures, name


def birth(number, place):
    """Return whether a NIR and a place of birth are of one département."""
    digits = "".join(number.split())
    two = digits[5:8] if digits[5:7] == "97" else digits[5:7]
    if number == "nothing" or two == "99" or (two == "91" and digits[1:3] < "68") or place not in DEPARTEMENTS:
        return None
    return DEPARTEMENTS[place] in FORMERLY.get(two, set()) | {two}


def town(code, name):
    """Return whether a commune has a postcode; a CEDEX one is of its département."""
    known = {"56000": "VANNES", "35000": "RENNES"}
    if code in known:
        return name.upper() == known[code]
    return name.startswith("VANNES") if code == "56019" and "CEDEX" in name else None


def codes(code, insee):
    """Return whether an INSEE code is of a commune with the postcode."""
    known = {"56260": "56000", "2A004": "20000"}
    return known[insee.upper()] == code if insee.upper() in known and code in {"56000", "35000"} else None


def test_places_abroad_and_in_the_protectorates_decide_nothing():
    assert born_there("ALGER", True, "993") is None
    assert born_there("VANNES", True, "993") is None
    assert born_there("BOBIGNY", False, "913") is None
    assert born_there("CORBEIL ESSONNES", True, "911") is True
    assert born_there("NOWHERE AT ALL", False, "562") is None
    assert born_there("VERSAILLES", False, "786") is True
    assert born_there("SAINT DENIS (974)", False, "974") is True
    assert in_postcode("56000", "Vannes") is True
