"""The pictures: the map is small and whole, the shades and axes say what they draw."""

from __future__ import annotations

import json
import re
from importlib import resources

from hypothesis import given
from hypothesis import strategies as st

from etanche.report.pictures import CLASSES, bar, breaks, choropleth, legend, timeline
from etanche.report.speech import Speech, departement_names

SPEECH = Speech("en")
MAP = (resources.files("etanche.report") / "departements.json").read_text(encoding="utf-8")


def test_the_map_is_small_and_holds_every_departement_that_has_a_name() -> None:
    drawn = json.loads(MAP)
    assert len(MAP.encode()) < 60_000
    codes = set(drawn["metropolis"]["paths"]) | (set(drawn["insets"]) - {"75"})
    # Corsica as one is a range of postcodes; the territories' centres are misplaced or missing in the base.
    assert set(departement_names()) - codes == {"20", "975", "977", "978", "986", "987", "988"}
    assert codes <= set(departement_names())
    assert len(drawn["metropolis"]["paths"]) == 96
    assert drawn["source"]["licence"].startswith("Licence Ouverte 2.0")


def test_every_path_is_closed_and_within_its_box() -> None:
    drawn = json.loads(MAP)
    for box in (drawn["metropolis"], *drawn["insets"].values()):
        for path in box["paths"].values():
            for ring in path.removesuffix("z").split("z"):
                start, steps = re.fullmatch(r"M(-?\d+,-?\d+)l(.+)", ring).groups()
                x, y = map(int, start.split(","))
                for step in steps.split():
                    dx, dy = map(int, step.split(","))
                    x, y = x + dx, y + dy
                    assert -1 <= x <= box["width"] + 1
                    assert -1 <= y <= box["height"] + 1


@given(st.lists(st.integers(1, 10_000_000), min_size=1, max_size=120))
def test_shades_rise_to_the_largest_count(counts: list[int]) -> None:
    bounds = breaks(counts)
    assert bounds == sorted(set(bounds))
    assert bounds[-1] == max(counts)
    assert 1 <= len(bounds) <= CLASSES


def test_the_map_says_each_departement_and_what_is_hidden() -> None:
    rows = {"56": 1_200, "45": 30, "59": None, "20": 8}
    picture = choropleth("patient", rows, SPEECH)
    assert "56 Morbihan: 1,200" in picture
    assert "2A Corse-du-Sud: 8" in picture
    assert '<use href="#d59" class="hidden"><title>59 Nord: hidden</title></use>' in picture
    assert "</svg> hidden</li>" in legend(rows, SPEECH)
    assert "</svg> hidden</li>" not in legend({"56": 12}, SPEECH)


def test_the_timeline_has_every_month_and_none_squeezes_the_rest() -> None:
    picture = timeline({"2019-11": 10, "2020-02": None}, SPEECH)
    months = re.findall(r"<title>(\w+\W\d{4}): (\w+)</title>", picture)
    assert [(month.replace("\u00a0", " "), count) for month, count in months] == [
        ("November 2019", "10"), ("December 2019", "0"), ("January 2020", "0"), ("February 2020", "hidden"),
    ]  # fmt: skip
    assert timeline({"1900-01": 1, "2020-02": 9}, SPEECH).count("<rect") == 601


def test_a_bar_is_a_share() -> None:
    assert 'width="25.00"' in bar(1, 4)
    assert 'width="100.00"' in bar(9, 4)
    assert 'width="0.00"' in bar(None, 4)
    assert 'width="0.60"' in bar(1, 1_000_000)
