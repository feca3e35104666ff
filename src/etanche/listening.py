"""What texts say, read beside the engine: in a process of its own where there is enough to read.

Rules, in the order in which they apply:

1. Distinct texts are read as the parts of the rows arrive, each once; what they say comes back as bits (`told`).
2. Reading them is Python for seconds, and the engine's own Python (expressions, statements) would wait for it: from
   `_WORTH` bytes on, it is done by a process forked before there is a second thread and before anything was read.
3. That process has what this one has, rights and limits included (`secure_process`).  It gets texts and gives answers
   through two pipes, writes nothing, says nothing (its standard streams are closed to it), and dies with its parent.
4. Where it ends before its time (no memory, say), `told` says None, and whoever asked has the texts read here.
"""

from __future__ import annotations

import ctypes
import gc
import os
import pickle
import signal
import sys
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Protocol

from etanche import assess, lexicon
from etanche.model import Column
from etanche.recognise import findings, holdings, texts

_WORTH = 24 << 20
"""Bytes of files from which a process is forked: reading a tenth of them takes longer than forking."""
_PR_SET_PDEATHSIG = 1
_WARM = "Rappeler Mme DUPONT née MARTIN le 01/02/1980, 12 rue de Paris à LYON, VIH négatif"


class Ears(Protocol):
    """Whoever reads texts."""

    def hear(self, cells: Sequence[str], column: Column | None = None, /) -> None:
        """Take texts, or the cells of a packed column, to be read; those known already are passed over."""

    def told(self) -> assess.Told | None:
        """Return what all of them say, once; None when the reading was cut short."""


class Here:
    """Reads in this process, by a thread."""

    def __init__(self, topics: Sequence[str]) -> None:
        """Take the names of the topics, in the order of their bits."""
        self._reader = _Reader(topics)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="listen")
        self._asked: list[Future[None]] = []

    def hear(self, cells: Sequence[str], column: Column | None = None, /) -> None:
        """Have texts read."""
        self._asked.append(self._thread.submit(self._reader.read, cells, column))

    def told(self) -> assess.Told:
        """Return what they say; raises what reading raised."""
        with self._thread:
            for asked in self._asked:
                asked.result()
        return self._reader.told


class _Reader:
    """Reads texts, each once."""

    def __init__(self, topics: Sequence[str]) -> None:
        self.told = assess.Told(tuple(topics))
        self._known: set[str] = set()
        self._hearing: texts.Hearing | None = None
        self._holding = findings.Holding()

    def read(self, cells: Sequence[str], column: Column | None = None) -> None:
        if column is not None:
            for cell, items in zip(cells, holdings.holdings(cells, column), strict=True):
                self.told.add(cell, (), items)
            return
        if self._hearing is None:
            self._hearing = texts.Hearing(lexicon.own.topic_files())
        heard, hold, add, known = self._hearing.topics, self._holding.found, self.told.add, self._known
        with texts.collector_off():
            for text in cells:
                if text not in known:
                    known.add(text)
                    add(text, heard(text), hold(text))


class _Beside:
    """Reads in a forked process."""

    def __init__(self, process: int, inbox: IO[bytes], outbox: IO[bytes]) -> None:
        self._process, self._inbox, self._outbox = process, inbox, outbox
        # A pipe holds little, and whoever brings texts must not wait until those before were read.
        self._sender = ThreadPoolExecutor(1, thread_name_prefix="tell")
        self._cut = False

    def hear(self, cells: Sequence[str], column: Column | None = None, /) -> None:
        self._sender.submit(self._send, (cells, column))

    def told(self) -> assess.Told | None:
        self._sender.submit(self._send, None)
        self._sender.shutdown(wait=True)
        if self._cut:
            return None
        try:
            told: assess.Told = pickle.load(self._outbox)  # noqa: S301 - from this program's own fork
        except (EOFError, OSError, pickle.UnpicklingError):
            return None
        return told

    def _send(self, message: tuple[Sequence[str], Column | None] | None) -> None:
        try:
            if not self._cut:
                pickle.dump(message, self._inbox, pickle.HIGHEST_PROTOCOL)
                self._inbox.flush()
        except OSError:
            self._cut = True

    def close(self) -> None:
        """End the process, whatever it does."""
        with suppress(ProcessLookupError):
            os.kill(self._process, signal.SIGKILL)
        self._sender.shutdown(wait=True, cancel_futures=True)
        for pipe in (self._inbox, self._outbox):
            with suppress(OSError):
                pipe.close()
        with suppress(ChildProcessError):
            os.waitpid(self._process, 0)


@contextmanager
def ears(paths: Sequence[Path], topics: Sequence[str], processors: int) -> Iterator[Ears]:
    """Yield whoever is to read the texts of some files; to be called while this process has one thread."""
    # Elsewhere a fork without exec is not safe (macOS) or not to be had.
    beside = _fork(topics) if sys.platform == "linux" and processors > 1 and _large(paths) else None
    if beside is None:
        yield Here(topics)
        return
    try:
        yield beside
    finally:
        beside.close()


def _large(paths: Sequence[Path]) -> bool:
    """Tell whether files and folders hold enough for a process of its own."""
    size = 0
    for path in paths:
        for file in _files(path):
            with suppress(OSError):
                size += file.stat().st_size
            if size >= _WORTH:
                return True
    return False


def _files(path: Path) -> Iterable[Path]:
    """Return the files that a path names; what cannot be looked at is for whoever opens it to say."""
    with suppress(OSError):
        return path.rglob("*") if path.is_dir() else (path,)
    return ()


def _fork(topics: Sequence[str]) -> _Beside | None:
    """Return a process that reads; None where none is to be had."""
    there, inbox = os.pipe()
    outbox, answers = os.pipe()
    parent = os.getpid()
    try:
        process = os.fork()
    except OSError:
        for end in (there, inbox, outbox, answers):
            os.close(end)
        return None
    if process:
        os.close(there)
        os.close(answers)
        return _Beside(process, os.fdopen(inbox, "wb"), os.fdopen(outbox, "rb"))
    # The child: whatever happens, it ends here, without a word.
    try:
        os.close(inbox)
        os.close(outbox)
        _alone(parent)
        with os.fdopen(there, "rb") as orders, os.fdopen(answers, "wb") as told:
            pickle.dump(_read_all(orders, topics), told, pickle.HIGHEST_PROTOCOL)
    finally:
        os._exit(0)


def _alone(parent: int) -> None:
    """Make a forked process quiet, and mortal with its parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(0)
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in range(3):
        os.dup2(nothing, stream)
    gc.freeze()


def _read_all(orders: IO[bytes], topics: Sequence[str]) -> assess.Told:
    """Read what is asked for until nothing more is."""
    # While the parent looks at the first bytes of the file, dictionaries are loaded.
    warm = _Reader(topics)
    warm.read([_WARM])
    reader = _Reader(topics)
    while (message := pickle.load(orders)) is not None:  # noqa: S301 - from this program itself
        reader.read(*message)
    return reader.told
