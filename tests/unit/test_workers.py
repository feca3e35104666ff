"""Work shared by processes: in order, no further than asked, nobody left behind, a process that dies said."""

from __future__ import annotations

import multiprocessing
import os
from concurrent.futures.process import BrokenProcessPool
from itertools import pairwise

import pytest

from etanche.workers import ordered


def doubled(number):
    return 2 * number, os.getpid()


def dies(number):
    os._exit(number)


@pytest.mark.parametrize("workers", [1, 2])
def test_results_are_in_order(workers):
    assert [value for value, _ in ordered(doubled, range(11), workers, each=2)] == [2 * number for number in range(11)]


def test_work_is_done_elsewhere_and_processes_end_after_their_share():
    by_batch = [pid for _, pid in ordered(doubled, range(12), 2, each=2)]
    assert os.getpid() not in by_batch
    batches = [set(by_batch[start : start + 4]) for start in range(0, 12, 4)]
    assert all(not one & other for one, other in pairwise(batches))


def test_jobs_are_taken_as_they_are_needed_and_nobody_is_left_behind():
    taken = []

    def jobs():
        for number in range(100):
            taken.append(number)
            yield number

    results = ordered(doubled, jobs(), 2, each=2)
    next(results)
    assert len(taken) == 4
    results.close()
    assert multiprocessing.active_children() == []


def test_a_process_that_dies_is_an_error_and_no_wait():
    with pytest.raises(BrokenProcessPool):
        list(ordered(dies, [3, 4, 5], 2, each=2))
