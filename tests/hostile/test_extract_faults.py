"""Extraction under kill -9, full disks, Ctrl-C and rivals: nothing half-written looks whole, nothing foreign goes."""

from __future__ import annotations

import ctypes
import errno
import json
import os
import resource
import signal
import subprocess
import time
import traceback
from pathlib import Path

import pytest

from etanche.config import Config
from etanche.errors import UserError
from etanche.extraction import ExtractRequest, Hooks, extract
from etanche.extraction.folder import Folder
from etanche.extraction.layout import UNFINISHED
from etanche.ingest.bids import all_readers

CALLS = ("open", "write", "rename", "unlink", "rmdir", "mkdir")
TABLES = {
    "a.csv": "id;nom\n" + "".join(f"{n};SYLVESTRE\n" for n in range(200)),
    "b/c.csv": "id,mot\n1,\0\n2,deux\n",
    "b/d.tsv": "x\ty\n1\t2\n",
}
WHOLE = {"a.csv/a.csv", "b/c.csv/c.csv", "b/d.tsv/d.csv"}
LIBC = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNS, CLONE_NEWUSER, MS_REC, MS_PRIVATE = 0x20000, 0x10000000, 0x4000, 0x40000


@pytest.fixture
def sources(tmp_path):
    all_readers()  # once, not in every child
    root = tmp_path / "in"
    for name, text in TABLES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def work(sources: Path, to: Path, *, new: bool = False) -> int:
    os.chdir(sources)
    done = extract(ExtractRequest((Path("a.csv"), Path("b")), to, new=new), Config(), Hooks())
    return int(done.exit_code)


def in_child(run) -> int:
    child = os.fork()
    if child == 0:
        code = 99
        try:
            code = run()
        except UserError as error:
            code = 50 + int(error.exit_code)
        except BaseException:  # noqa: BLE001 - the child must never return into the tests
            traceback.print_exc()
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def on_call(number, act):
    """Let the `number`-th call that changes the disk run `act(name, call, args)` instead."""
    count = 0

    def replaced(name, call):
        def run(*args, **kwargs):
            nonlocal count
            if name == "open" and not args[1] & os.O_CREAT:
                return call(*args, **kwargs)
            count += 1
            return act(name, call, args) if count == number else call(*args, **kwargs)

        return run

    for name in CALLS:
        setattr(os, name, replaced(name, getattr(os, name)))


def there(folder: Path) -> set[str]:
    return (
        {str(file.relative_to(folder)) for file in folder.rglob("*") if not file.is_dir()} if folder.exists() else set()
    )


def die(name, call, args):
    if name == "write":
        call(args[0], bytes(args[1])[: len(args[1]) // 2])
    os.kill(os.getpid(), signal.SIGKILL)


def test_kill_at_every_call(sources, tmp_path):
    """What a kill leaves is whole or says that it is not, and `--new` removes it all."""
    whole_tables = tmp_path / "whole"
    assert in_child(lambda: work(sources, whole_tables)) == 4
    number, code = 0, -signal.SIGKILL
    while code == -signal.SIGKILL:
        number += 1
        to = tmp_path / str(number)
        code = in_child(lambda number=number, to=to: on_call(number, die) or work(sources, to))
        left = there(to)
        for name in left:
            if not name.endswith(UNFINISHED):
                assert (to / name).read_bytes() == (whole_tables / name).read_bytes()
        if "manifest.json" in left:
            assert left - {f"manifest.json{UNFINISHED}"} == there(whole_tables)
        if number % 3 == 0 or code == 4:
            assert in_child(lambda to=to: work(sources, to, new=True)) == 4
            assert there(to) == there(whole_tables)
    assert code == 4
    assert number > 25, "an extraction changes the disk many times"


@pytest.mark.parametrize("fault", [errno.ENOSPC, errno.EIO])
def test_a_disk_fault_at_every_call(sources, tmp_path, fault):
    """A fault is one line with exit code 1, and nothing of the extraction stays."""

    def fail(name, call, args):
        raise OSError(fault, "no")

    number, code = 0, 0
    while code != 4:
        number += 1
        to = tmp_path / f"{number}"
        code = in_child(lambda number=number, to=to: on_call(number, fail) or work(sources, to))
        assert code in {51, 4}, number
        if code == 51:
            assert there(to) <= {name for name in there(to) if name.endswith(UNFINISHED)}
    assert number > 25


def test_interrupted(sources, tmp_path):
    def interrupt(name, call, args):
        raise KeyboardInterrupt

    for number in range(2, 24, 3):
        to = tmp_path / str(number)

        def run(number=number, to=to):
            on_call(number, interrupt)
            try:
                work(sources, to)
            except KeyboardInterrupt:
                return 7
            return 8

        assert in_child(run) == 7
        assert not to.exists()


def small_disk(disk: Path, kib: int):
    def mount() -> None:
        flags = CLONE_NEWNS if os.getuid() == 0 else CLONE_NEWNS | CLONE_NEWUSER
        if LIBC.unshare(flags) or LIBC.mount(None, b"/", None, MS_REC | MS_PRIVATE, None):
            raise OSError(ctypes.get_errno(), "unshare")
        if LIBC.mount(b"tmpfs", os.fsencode(disk), b"tmpfs", 0, f"size={kib}k".encode()):
            raise OSError(ctypes.get_errno(), "mount")

    return mount


@pytest.mark.parametrize("kib", [8, 200])
def test_no_space_left(place, leak, kib):
    disk = place.work / "disk"
    disk.mkdir()
    try:
        done = place.run("extract", leak, "--to", "disk/out", preexec_fn=small_disk(disk, kib))
    except subprocess.SubprocessError:
        pytest.skip("no disk can be mounted here")
    assert (done.code, done.out) == (1, "")
    assert done.only_fault.startswith("etanche: No space left for disk/out")


@pytest.mark.parametrize("form", ["csv", "parquet"])
@pytest.mark.parametrize("kib", [0, 1, 40])
def test_no_file_may_grow(place, leak, kib, form):
    limit = kib << 10
    done = place.run(
        *("extract", leak, "--to", "out", "--format", form),
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
        env={"PYTHONDONTWRITEBYTECODE": "1"},  # Python would keep modules that it could only half write
    )
    assert (done.code, done.out) == (1, "")
    assert "No space left" in done.only_fault
    assert not (place.work / "out").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_interrupted_from_outside(place, number):
    lines = b"".join(b"%d;nom %d;rue\n" % (n, n) for n in range(200_000))
    with (place.work / "large.csv").open("wb") as file:
        for _ in range(20):
            file.write(lines)
    process = place.start("extract", "large.csv", "--to", "out")
    out = place.work / "out"
    deadline = time.monotonic() + 30
    while not list(out.rglob(f"large.csv{UNFINISHED}")) and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(number)
    done = place.end(process)
    assert done.code == 1, done
    assert done.only_fault.startswith("etanche: Interrupted")
    assert not out.exists()


def test_two_extractions_into_one_folder(place):
    (place.work / "a.csv").write_text(TABLES["a.csv"])
    both = [place.start("extract", "a.csv", "--to", "out") for _ in range(2)]
    assert sorted(place.end(process).code for process in both) == [0, 5]
    assert len(json.loads((place.work / "out" / "manifest.json").read_bytes())) == 1
    assert not list((place.work / "out").rglob(f"*{UNFINISHED}"))


def test_a_folder_in_use(place):
    (place.work / "a.csv").write_text(TABLES["a.csv"])
    folder = Folder(place.work / "out", new=False)
    for more in ((), ("--new",)):
        done = place.run("extract", "a.csv", "--to", "out", *more)
        assert done.code == 5
        assert "another étanche" in done.only_fault
    folder.undo()
    assert place.run("extract", "a.csv", "--to", "out").code == 0


def test_a_folder_one_may_not_write(sources, tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir()
    closed.chmod(0o555)
    for folder in [tmp_path, *tmp_path.parents[:-2], sources, sources / "b"]:
        folder.chmod(folder.stat().st_mode | 0o055)

    def run():
        if os.getuid() == 0:
            os.setuid(65534)
        try:
            work(sources, closed / "out")
        except UserError as error:
            return 7 if error.code == "extract_not_permitted" else 8
        return 9

    assert in_child(run) == 7
    assert list(closed.iterdir()) == []
