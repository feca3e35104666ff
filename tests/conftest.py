"""What holds for all tests.

Under ETANCHE_TEST_ALL=1 (CI) a test that cannot run fails: a skip there hides a missing part of the machine.
"""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Generator
from pathlib import Path

import pytest

from commandline import Place, Secrets

ALL = os.environ.get("ETANCHE_TEST_ALL") == "1"

# A job started in the background of a script ignores Ctrl-C, one under nohup ignores a hang-up, and so would the
# commands that the tests interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)


def _refuse_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    if ALL and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"could not run, and ETANCHE_TEST_ALL=1 asks that every test does: {report.longrepr}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    _refuse_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    _refuse_skip(report)
    return report


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """Return a fresh account to run commands in."""
    return Place(tmp_path / "account")


@pytest.fixture(scope="session")
def leak(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a small replica's leak, of people that no other test has."""
    place = Place(tmp_path_factory.mktemp("replica"))
    done = place.run("replica", "twin", "--rows", "1000", "--seed", "600613")
    assert done.code == 0, done.err
    return place.work / "twin" / "leak.txt"


@pytest.fixture(scope="session")
def secrets(leak: Path) -> Secrets:
    """Return what names people in that leak."""
    return Secrets(leak)


@pytest.fixture(scope="session")
def triaged(leak: Path, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """Return an account in which that leak was triaged, with `--json`; not to be changed (see `case`)."""
    place = Place(tmp_path_factory.mktemp("triaged"))
    done = place.run("triage", leak, "--case", "case", "--json", "--from", "CERT", "--until", "2099-12-31")
    assert done.code == 0, done.err
    return place


@pytest.fixture
def case(triaged: Place, tmp_path: Path) -> Place:
    """Return an account with a copy of the triaged case and its key, to do with as one likes."""
    place = Place(tmp_path / "copied")
    shutil.copytree(triaged.work, place.work, dirs_exist_ok=True)
    return place
