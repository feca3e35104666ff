import re
import tomllib
from pathlib import Path

from etanche import doctor
from etanche.config import Config
from etanche.words import LANGUAGES, Words

PROJECT = Path(__file__).parents[2] / "pyproject.toml"


def test_every_finding_says_what_it_adds():
    found = doctor.examine(Config(keyring=False), Path(__file__).parent)
    assert len({finding.name for finding in found}) == len(found)
    for finding in found:
        for language in LANGUAGES:
            assert Words(language).find(f"doctor.adds.{finding.adds}"), finding
    wheels = [finding for finding in found if finding.needed]
    assert all(finding.present and finding.version for finding in wheels)
    assert not next(finding for finding in found if finding.name == "system_keyring").present


def test_the_wheels_are_those_of_the_project():
    wanted = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]["dependencies"]
    # a requirement for some systems only (`name; sys_platform == …`) comes with another wheel elsewhere
    names = {re.match(r"[\w.-]+", each)[0].lower() for each in wanted if ";" not in each}
    assert set(doctor.WHEELS) == names


def test_a_program_is_found_and_asked_its_version(tmp_path, monkeypatch):
    for name, text in {"mdb-export": "echo mdbtools v1.0.2", "unrar": "exit 3", "7zz": "sleep 60"}.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{text}\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr(doctor, "_PATIENCE", 1)
    found = {finding.name: finding for finding in doctor.examine(Config(keyring=False), tmp_path)}
    assert (found["mdbtools"].present, found["mdbtools"].version) == (True, "1.0.2")
    assert (found["unrar"].present, found["unrar"].version) == (True, "")
    assert (found["7z"].present, found["7z"].version) == (True, "")


def test_a_missing_wheel_is_found(monkeypatch):
    monkeypatch.setattr(doctor, "WHEELS", ("no-such-wheel",))
    missing = [each for each in doctor.examine(Config(keyring=False)) if each.needed and not each.present]
    assert [each.name for each in missing] == ["no-such-wheel"]
