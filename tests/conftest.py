"""What holds for all tests.

Under ETANCHE_TEST_ALL=1 (CI) a test that cannot run fails: a skip there hides a missing part of the machine.
"""

from __future__ import annotations

import os
from collections.abc import Generator

import pytest

ALL = os.environ.get("ETANCHE_TEST_ALL") == "1"


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
