"""The file for the inspector holds nothing of another controller and nothing privileged, whatever the case holds."""

from __future__ import annotations

import csv
import io
import json
import shutil
from datetime import UTC, datetime, timedelta

import pypdfium2
from hypothesis import given, settings
from hypothesis import strategies as st

from etanche import responding
from etanche.casefile import CaseFolder, Event, KeyOptions
from etanche.config import Config
from etanche.responding import deciding, exposing, filing, rights, weighing

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
CODES = ("LAB", "LAB-2", "LAB-33-1", "LAB2", "B")
TURNOVER = 7_654_321_987
DOCUMENTS = ("notification.md", "notification.json", "documents/register-entry.md", "documents/severity.en.md")
PRIVATE = (
    "privileged/complaint-counsel.md", "privileged/notification.md", "documents/complaint.md", "documents/exposure.md",
    "documents/register-entry.new.md", "index.md", "documents.json", "letters/LAB-000001.pdf", "rights/LAB-0001.md",
)  # fmt: skip
NAMES = ("{}", "{}-0001", "decision-{}-33.json", "decisions/{}-34-1.json", "severity-{}.json", "link-{}.json")


@st.composite
def cases(draw):
    """Controllers whose codes begin alike, each with a mark of its own in every text, and what was done for each."""
    codes = draw(st.lists(st.sampled_from(CODES), min_size=2, max_size=3, unique=True))
    return {
        code: (f"zq{chr(97 + place) * 7}", draw(st.lists(st.sampled_from(ACTS), max_size=4, unique=True)))
        for place, code in enumerate(codes)
    }


def decide(folder, config, code, mark):
    asked = deciding.Asked("33", "notify", f"{mark}, head", f"because {mark}")
    deciding.decide(folder / "case", code, asked, config)


def decide_again(folder, config, code, mark):
    for outcome in ("later", "inform"):
        asked = deciding.Asked("34", outcome, f"{mark}, head", f"because {mark}")
        deciding.decide(folder / "case", code, asked, config)


def weigh(folder, config, code, mark):
    stated = {"dpc": ("4", mark), "ei": ("1", mark), "cb": ("malicious=0.5", mark)}
    weighing.weigh(weighing.Weighing(folder / "case", code, stated, f"{mark}, head"), config)


def request(folder, config, code, mark):
    asked = rights.Received(code, "access", f'name = "person {mark}"'.encode(), "p.toml")
    rights.add(folder / "case", asked, None, config)


def expose(folder, config, code, mark):
    exposing.expose(folder / "case", code, str(TURNOVER), None, config)


def link(folder, config, code, mark):
    """Leave what linking leaves of a controller's registry."""
    with CaseFolder.open(folder / "case", config) as case:
        case.log(Event.COMMAND, command="link", name=code, controller=mark, ground="mandate", signed_by=mark)
        case.log(Event.INPUT_READ, what="registry", name=code, sha256=mark, size=1)
        error = {"wrong_expected": 0.1}
        document = {"name": code, "notify": 1, "review": 0, "error": error, "of": mark}
        case.write_result(f"link-{code}.json", json.dumps(document).encode())


ACTS = (decide, decide_again, weigh, request, expose, link)


def prepared(folder, found, config):
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(["code", "name", "aware", "aware_reason", "cnil_receipt", "dpo_name", "insurer", "policy"])
    for code, (mark, _) in found.items():
        aware = (NOW - timedelta(hours=5)).isoformat(timespec="minutes")
        writer.writerow([code, f"name {mark}", aware, *(f"{mark} {n}" for n in range(5))])
    (folder / "c.csv").write_text(stream.getvalue(), encoding="utf-8")
    asked = responding.RespondRequest(
        case=folder / "case", controllers=folder / "c.csv", new=True, keys=KeyOptions(folder / "key")
    )
    responding.respond_case(asked, config)
    for code, (mark, _) in found.items():
        for name in (*DOCUMENTS, *PRIVATE):
            file = folder / "out" / code / name
            file.parent.mkdir(parents=True, exist_ok=True)
            said = {"code": code, "text": f"{mark} {'private' if name in PRIVATE else ''}"}
            file.write_text(json.dumps(said), encoding="utf-8")
    for step in range(4):
        for code, (mark, acts) in found.items():
            if step < len(acts):
                acts[step](folder, config, code, mark)


def text_of(file):
    if file.suffix != ".pdf":
        return file.read_text(encoding="utf-8")
    with pypdfium2.PdfDocument(file) as document:
        return "".join(document[page].get_textpage().get_text_range() for page in range(len(document)))


@settings(max_examples=8, deadline=None)
@given(found=cases(), language=st.sampled_from(["en", "fr"]))
def test_a_file_holds_its_controller_and_no_other(tmp_path_factory, found, language):
    folder = tmp_path_factory.mktemp("filed")
    config = Config(language=language, keyring=False, now=lambda: NOW)
    prepared(folder, found, config)
    for code, (own, acts) in found.items():
        filed = filing.file_of(folder / "case", code, folder / "filed", folder / "out", config)
        files = [file for file in filed.folder.rglob("*") if file.is_file()]
        told = "\n".join([*map(text_of, files), *(str(file.relative_to(folder)) for file in files)])
        assert own in told
        assert not [mark for mark, _ in found.values() if mark != own and mark in told]
        names = {f'"{name.format(other)}"' for other in found if other != code for name in NAMES}
        assert not {name for name in names if name in told}
        for secret in (str(TURNOVER), "privileged", "exposure", f"person {own}", f"{own} private"):
            assert secret not in told
        assert filing.check(filed.folder) == ((), filed.manifest["custody_head"])
        decided = {each for each in (decide, decide_again) if each in acts}
        assert (filed.folder / "decisions" / "33-1.pdf").is_file() == (decide in decided)
        shutil.rmtree(filed.folder)
