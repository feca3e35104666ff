"""Work that several processes share, its results in order.

Rules, in the order in which they apply:

1. What is forked is a server that holds no thread: a process forked from one that holds threads may hang.
2. Processes keep nobody's data for long: all of them end after a number of jobs, and others take their place.  The
   executor's own `max_tasks_per_child` is not used, because with it Python 3.11 may wait forever for a process that it
   never starts (cpython, issue 115634).
3. Jobs are taken from their iterator as they are needed; whoever stops early leaves no process behind.
4. Ctrl-C is for whoever shares the work out, in the main thread: the others never hear of it, and say nothing.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from itertools import islice
from multiprocessing import resource_tracker
from tempfile import gettempdir
from typing import TypeVar

from etanche.casefile import secure_process

_Job = TypeVar("_Job")
_Done = TypeVar("_Done")
_ROOM = 64
"""Bytes of the temporary folder's path that leave room for a socket's name."""


def ordered(
    work: Callable[[_Job], _Done], jobs: Iterable[_Job], workers: int, *, each: int, needs: tuple[str, ...] = ()
) -> Iterator[_Done]:
    """Yield `work` of each job, in order; `needs`: modules that the server loads once for all.

    A process ends after about `each` jobs.  With one worker, everything happens here.
    """
    if workers < 2:
        yield from map(work, jobs)
        return
    # The server's socket lies in the temporary folder, and a socket's path has at most 107 bytes.
    context = multiprocessing.get_context("forkserver" if len(os.fsencode(gettempdir())) <= _ROOM else "spawn")
    context.set_forkserver_preload([work.__module__, *needs])
    waiting = iter(jobs)
    while some := list(islice(waiting, workers * each)):
        with ProcessPoolExecutor(min(workers, len(some)), mp_context=context, initializer=_begin) as pool:
            try:
                with _undisturbed():
                    done = pool.map(work, some)
                yield from done
            finally:
                pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Keep Ctrl-C waiting while processes are started, none is left half made; they inherit that it is blocked."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    # Started in the midst of the others, it would let Ctrl-C through again.
    resource_tracker.ensure_running()
    pressed: list[int] = []
    # Blocked for this thread, it may come by another one of a library's.
    handler = signal.signal(signal.SIGINT, lambda number, _frame: pressed.append(number))
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
        signal.signal(signal.SIGINT, handler)
    if pressed:
        raise KeyboardInterrupt


def _begin() -> None:
    """Start a process: one among several leaves the other processors to them (what Rust's libraries ask for)."""
    secure_process()
    os.environ["RAYON_NUM_THREADS"] = "1"
