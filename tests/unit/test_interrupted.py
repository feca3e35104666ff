"""Ctrl-C: one line and the contract's exit code, while the commands are loaded and while processes are started.

And nothing half written stays, whatever it names.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from etanche import workers
from etanche.casefile import write_whole
from etanche.responding.files import publish

LOADING = """
import sys

class Finder:
    def find_spec(self, name, *_):
        if name == "etanche.cli.app":
            raise KeyboardInterrupt

sys.meta_path.insert(0, Finder())
from etanche.cli import main
main()
"""


def test_while_the_commands_are_loaded_it_is_one_line():
    done = subprocess.run([sys.executable, "-c", LOADING], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("etanche: ")


def test_while_processes_are_started_it_waits_for_them(monkeypatch):
    real, started = workers.ProcessPoolExecutor.map, []

    def interrupted(pool, work, some):
        signal.raise_signal(signal.SIGINT)
        done = real(pool, work, some)
        started.append(done)
        return done

    before = signal.getsignal(signal.SIGINT)
    monkeypatch.setattr(workers.ProcessPoolExecutor, "map", interrupted)
    with pytest.raises(KeyboardInterrupt):
        list(workers.ordered(abs, [-1, -2, -3], 2, each=1))
    assert len(started) == 1
    assert signal.getsignal(signal.SIGINT) is before
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())


def pressed_at(monkeypatch, number):
    """Press Ctrl-C as the file of that number is flushed, and as those after it are."""
    real, count = os.fsync, iter(range(1, 100))

    def flush(descriptor):
        if next(count) >= number:
            raise KeyboardInterrupt
        real(descriptor)

    monkeypatch.setattr(os, "fsync", flush)


def test_what_is_being_written_outside_the_case_goes(tmp_path, monkeypatch):
    pressed_at(monkeypatch, 1)
    with pytest.raises(KeyboardInterrupt):
        write_whole(tmp_path / "list.csv", b"DUPONT;MARIE")
    assert not list(tmp_path.iterdir())


def test_of_many_files_none_stays_under_another_name(tmp_path, monkeypatch):
    pressed_at(monkeypatch, 2)
    with pytest.raises(KeyboardInterrupt):
        publish(None, {f"LAB01/{name}.pdf": b"DUPONT;MARIE" for name in "abc"}, tmp_path / "out")
    assert not list(tmp_path.iterdir())
