"""What a leaked file says to spreadsheets, terminals and browsers does nothing, wherever étanche repeats it.

Hostile texts stand in the cells that are shown (laboratories, titles), in names of columns, in the name of the file and
in the lines that are set aside.
"""

import json
import re
import unicodedata
from html.parser import HTMLParser

import pytest

from commandline import Place

HOSTILE = (
    "=cmd|' /C calc'!A0",
    "+1+1",
    "@SUM(1+9)*cmd|' /C calc'!A0",
    "-2+3",
    "\x1b]0,owned\x07",
    "\x1b[2J\x1b[31mred",
    "\x1b]8,,file:///etc/passwd\x1b\\click\x1b]8,,\x1b\\",
    "\x9b31mred",
    "abc\u202edcba\u2066x\u2069",
    "<script>alert(1)</script>",
    '"><svg/onload=alert(1)>',
    "<img src=x onerror=alert(1)>",
    "</style><iframe srcdoc=x>",
    "[bold red]bold[/bold red][/]",
    "{rows} {0} %s",
    "X" * 5_000,
)
NAME = "-rf \x1b[31m\u202e[bold]<img src=x onerror=alert(1)>'.txt"
RICH = re.compile(r"\x1b\[[\d;]*m|\x1b\[\?25[lh]|\x1b\[\d*[AK]|\r")
"""What Rich itself says to a terminal: colours, the cursor, a line up, a line cleared."""


def harmful(text):
    return {c for c in text if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}} - {"\n", "\t"}


class Page(HTMLParser):
    """Names of elements, attributes with values, and the text of a page."""

    def __init__(self, page):
        super().__init__()
        self.elements, self.attributes, self.text, self.css = set(), set(), "", ""
        self._in_style = False
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self._in_style = tag == "style"

    def handle_data(self, data):
        if self._in_style:
            self.css += data
        else:
            self.text += data

    def handle_endtag(self, tag):
        self._in_style = False


@pytest.fixture(scope="module")
def hostile(leak, tmp_path_factory):
    """Return an account with the triage of a hostile leak, and what it said."""
    place = Place(tmp_path_factory.mktemp("hostile"))
    header, *lines = leak.read_text("cp1252").splitlines()
    names = header.split(";")
    labo, title, spare = names.index("NOM_LABO"), names.index("TITRE"), names.index("RESERVE")
    version, active = names.index("VERSION"), names.index("ACTIF")
    names[spare], names[version], names[active] = HOSTILE[9], HOSTILE[5], HOSTILE[0]
    rows = [names]
    for number, line in enumerate(lines):
        cells = line.split(";")
        cells[labo] = cells[spare] = HOSTILE[number % len(HOSTILE)]
        if number % 3 == 0:
            cells[title] = HOSTILE[number % len(HOSTILE)]
        rows.append(cells)
    rows += [["torn", *HOSTILE] * 9]
    (place.work / NAME).write_bytes("\r\n".join(";".join(row) for row in rows).encode())
    done = place.run("triage", f"./{NAME}", "--case", "case", "--from", HOSTILE[5], "--how", HOSTILE[9])
    assert done.code == 4, done.err
    return place, done


def test_screen(hostile):
    _, done = hostile
    assert harmful(done.out) == set()
    assert harmful(done.err) == set()
    assert "\x1b" not in done.out + done.err


def test_json(hostile):
    place, _ = hostile
    text = (place.work / "case" / "census.json").read_text()
    document = json.loads(text)
    assert any("script" in name for name in document["laboratories"])
    assert any("cmd|" in name for name in document["laboratories"])
    said = json.dumps(document, ensure_ascii=False)
    assert harmful(text) == set()
    assert not re.search(r"\\u001b|\\u202e|\\u009b", said)
    assert max(map(len, document["laboratories"])) < 200


def test_page(hostile, triaged):
    place, _ = hostile
    for arguments in ((), ("--shareable",), ("--lang", "fr")):
        assert place.run("report", "--case", "case", *arguments).code == 0
    usual = Page((triaged.work / "case" / "report.html").read_text())
    for name in ("report.html", "report-shareable.html"):
        text = (place.work / "case" / name).read_text()
        page = Page(text)
        assert page.elements <= usual.elements
        assert page.attributes <= usual.attributes
        assert page.css == usual.css
        assert not {"script", "iframe", "img", "object", "embed", "link", "form"} & page.elements
        assert not [name for name in page.attributes if name.startswith("on") or name in {"src", "srcdoc"}]
        assert not re.search(r"<(script|img|svg/|iframe)", text)
        assert harmful(text) == set()
    full = Page((place.work / "case" / "report.html").read_text())
    assert "<script>alert(1)</script>" in full.text


def test_custody_log_and_case(hostile):
    place, _ = hostile
    log = (place.work / "case" / "custody.jsonl").read_bytes()
    assert log.isascii()
    assert harmful(log.decode()) == set()
    assert place.run("custody", "--case", "case").code == 0


@pytest.mark.parametrize("clear", [False, True])
def test_quarantine_on_a_terminal(hostile, clear):
    place, _ = hostile
    done = place.on_terminal("quarantine", "--case", "case", *(["--clear"] if clear else []))
    assert done.code == 0
    assert harmful(RICH.sub("", done.out)) == set()
    assert ("calc" in done.out) is clear
    assert "[bold red]bold[/bold red]" in done.out or not clear
    assert len(done.out.splitlines()) == 2, "one line of a leak is one line here"


def test_triage_on_a_terminal(hostile):
    place, _ = hostile
    done = place.on_terminal("triage", "--case", "case", "--resume")
    assert done.code == 4
    assert harmful(RICH.sub("", done.out)) == set()


@pytest.mark.parametrize("argument", HOSTILE[5:9:3], ids=ascii)
def test_what_the_command_line_repeats(place, argument):
    """A path, an option, a reason that somebody pasted."""
    for command in (
        ("triage", f"./{argument}", "--case", "case"),
        ("report", "--case", argument),
        (f"--{argument}",),
        ("triage", "x", "--case", "case", "--until", argument),
    ):
        done = place.run(*command)
        assert done.code in {2, 3}
        assert harmful(done.only_fault) == set()
