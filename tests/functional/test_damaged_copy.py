"""A damaged copy of a leak, end to end: every line is somewhere, and the rows that were not touched are counted.

The damages, each at places that a seed chooses: a quote that nothing closes, a cell too few or too many, NUL bytes, a
line in UTF-8 among CP1252, a blank line, a last line that is cut.  What is expected is counted here, on the bytes.
"""

import json
import random

import pytest

SEEDS = (1, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(2, 12)))


def unbalanced(line, chance):
    cut = chance.randrange(len(line))
    return line[:cut] + b'"' + line[cut:]


def ragged(line, chance):
    return (
        line + b";extra" * chance.randint(1, 3) if chance.random() < 0.5 else line.rsplit(b";", chance.randint(1, 9))[0]
    )


def nul(line, chance):
    cut = chance.randrange(len(line))
    return line[:cut] + b"\0" * chance.randint(1, 40) + line[cut:]


def other_encoding(line, chance):
    return line.replace(b";", ";É".encode(), 1) if chance.random() < 0.5 else line.decode("cp1252").encode()


def blank(line, _):
    return b"\r\n" + line


DAMAGES = (unbalanced, ragged, nul, other_encoding, blank)


def damaged(data, seed):
    """Return a copy with some 60 lines damaged and the last one cut, and the numbers (from 0) of those left alone."""
    chance = random.Random(seed)
    lines = data.rstrip(b"\r\n").split(b"\r\n")
    hurt = set(chance.sample(range(1, len(lines) - 1), 60))
    for number in hurt:
        lines[number] = chance.choice(DAMAGES)(lines[number], chance)
    last = lines[-1]
    lines[-1] = last[: chance.randrange(10, len(last) - 80)]
    left = set(range(1, len(lines) - 1)) - hurt
    return b"\r\n".join(lines), left


@pytest.mark.parametrize("seed", SEEDS)
def test_every_line_is_somewhere(place, leak, seed):
    data, left = damaged(leak.read_bytes(), seed)
    (place.work / "copy.txt").write_bytes(data)
    done = place.run("triage", "copy.txt", "--case", "case", "--json")
    assert done.code == 4, done.err
    document = json.loads(done.out)
    ledger = document["ledger"]
    lines = len(data.split(b"\n"))
    assert document["lines"] == lines
    assert ledger["header"] + ledger["row_lines"] + document["quarantined"] + ledger["blank"] == lines
    assert ledger["header"] == 1
    assert sum(ledger["reasons"].values()) == document["quarantined"] <= 61
    assert len(left) <= document["rows"] <= len(left) + 61
    aside = [int(line.split("\t")[0]) for line in place.run("quarantine", "--case", "case").out.splitlines()]
    assert len(aside) == document["quarantined"]
    physical = data.split(b"\r\n")
    whole = set(leak.read_bytes().split(b"\r\n"))
    assert not [number for number in aside if physical[number - 1] in whole], "an undamaged line was set aside"


def test_the_undamaged_rows_are_the_same_rows(place, leak):
    """What is left of a damaged copy, as a file of its own, gives the same figures for its keys as the original has."""
    data, left = damaged(leak.read_bytes(), 3)
    lines = leak.read_bytes().rstrip(b"\r\n").split(b"\r\n")
    sums = {}
    for name, content in {
        "damaged": data,
        "left": b"\r\n".join([lines[0], *(lines[number] for number in sorted(left))]) + b"\r\n",
    }.items():
        (place.work / f"{name}.txt").write_bytes(content)
        done = place.run("triage", f"{name}.txt", "--case", name, "--json")
        assert done.code in {0, 4}
        sums[name] = json.loads(done.out)
    assert sums["left"]["rows"] == len(left)
    for kind in ("nir", "email", "rpps", "iban"):
        less, more = (sums[name]["counts"][kind] for name in ("left", "damaged"))
        assert less["rows"] <= more["rows"] <= less["rows"] + 61
        assert less["valid"] <= more["valid"] <= less["valid"] + 61
    for title, count in sums["left"]["titles"].items():
        assert count <= sums["damaged"]["titles"].get(title, 0)
