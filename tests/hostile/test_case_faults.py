"""The case folder under kill -9 and disk faults, at every single call that changes the disk.

A story that uses all of the folder is run again and again; the Nth changing call (write, flush, rename, remove, make)
kills the process, half-done where it can be, or fails as a full disk does.  Each time the folder must open, be sound,
and hold nothing readable.
"""

import errno
import json
import os
import resource
import signal
import traceback
from pathlib import Path

import pytest

from etanche.casefile import CaseFolder, Event, KeyOptions, keys
from etanche.config import Config
from etanche.errors import UserError

CONFIG = Config(keyring=False)
CLEAR = b"SYLVESTRE;Aurore;2780675123456;aurore@example.org\n" * 200
CALLS = ("write", "fsync", "ftruncate", "replace", "rename", "unlink", "rmdir", "mkdir")
RESULTS = (b'{"persons": 1}', b'{"persons": 22}')


def story(path):
    """Make a case, fill it, write a result twice, purge its data, then all of it."""
    with CaseFolder.create(path, keys.choose(CONFIG, KeyOptions()), CONFIG) as case:
        case.seal("rows/00001", CLEAR)
        case.seal("rows/00002", CLEAR)
        case.log(Event.ROWS_SEALED)
        case.write_result("census.json", RESULTS[0])
        case.write_result("letters.txt", CLEAR, private=True)
        case.write_result("census.json", RESULTS[1])
        case.discard("rows/")
        case.seal("rows/00001", CLEAR)
    with CaseFolder.open(path, CONFIG) as case:
        case.purge(data_only=True)
        case.purge(data_only=False)


def on_call(number, act, lasting=()):
    """Replace the calls that change the disk: the `number`-th runs `act(name, call, arguments)` instead.

    So do those of `lasting` after it.
    """
    count = 0

    def replaced(name, call):
        def run(*args, **kwargs):
            nonlocal count
            count += 1
            hit = count == number or (count > number and name in lasting)
            return act(name, call, args) if hit else call(*args, **kwargs)

        return run

    kept = {name: getattr(os, name) for name in CALLS}
    for name, call in kept.items():
        setattr(os, name, replaced(name, call))
    return kept


def die(name, call, args):
    if name == "write":
        call(args[0], bytes(args[1])[: len(args[1]) // 2])
    os.kill(os.getpid(), signal.SIGKILL)


def in_child(work):
    """Run `work` in a forked process; return its exit code, or minus the signal that killed it."""
    child = os.fork()
    if child == 0:
        code = 99
        try:
            code = work() or 0
        except BaseException:  # noqa: BLE001 - the child must never return into the tests
            traceback.print_exc()
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def check_sound(root, path):
    """What holds after any fault: nothing readable, nothing half-written, a log that says all."""
    assert not any(b"SYLVESTRE" in file.read_bytes() for file in root.rglob("*") if file.is_file())
    if not CaseFolder.exists(path):
        CaseFolder.create(path, keys.choose(CONFIG, KeyOptions()), CONFIG).close()
        return
    with CaseFolder.open(path, CONFIG) as case:
        assert case.verify().ok, case.verify()
        purged, entries = case.summary.data_purged or case.summary.purged, case.summary.entries
        if purged:
            assert list(path.rglob("*.age")) == []
        elif case.sealed("rows/"):
            identity = keys.unlock(case, CONFIG, KeyOptions())
            assert all(case.unseal(name, identity) == CLEAR for name in case.sealed())
        known = {path / name for name in case.summary.results} if not case.summary.purged else set()
        assert set(path.glob("census*")) == known
        assert all(file.read_bytes() in RESULTS for file in known)
        assert list(path.rglob(".*")) == []
    with CaseFolder.open(path, CONFIG) as case:
        assert case.summary.entries == entries, "recovery happens once"


def test_kill_at_every_call(tmp_path):
    number, code = 0, -signal.SIGKILL
    while code == -signal.SIGKILL:
        number += 1
        root = tmp_path / str(number)
        root.mkdir()
        code = in_child(lambda number=number, root=root: (on_call(number, die), story(root / "case"))[0] and 0)
        check_sound(root, root / "case")
    assert code == 0
    assert number > 60, "the story changes the disk many times"


def test_kill_during_recovery(tmp_path):
    """A process killed while it puts a case right leaves it to the next one."""
    first = 0
    while True:
        first += 7
        root = tmp_path / str(first)
        root.mkdir()
        if in_child(lambda first=first, root=root: (on_call(first, die), story(root / "case"))[0] and 0) == 0:
            break
        if not CaseFolder.exists(root / "case"):
            continue
        for second in range(1, 12):
            in_child(
                lambda second=second, root=root: (
                    (
                        on_call(second, die),
                        CaseFolder.open(root / "case", CONFIG).close(),
                    )[0]
                    and 0
                )
            )
        check_sound(root, root / "case")
    assert first > 60


def outcome(number, fault, work, lasting=()):
    """Run `work` with the `number`-th call failing; return the code of its `UserError`, and whether it came so far."""
    met = False

    def fail(name, call, args):
        nonlocal met
        met = True
        raise OSError(fault, os.strerror(fault))

    kept = on_call(number, fail, lasting)
    try:
        work()
    except UserError as error:
        return error.code, met
    finally:
        for name, call in kept.items():
            setattr(os, name, call)
    return None, met


@pytest.mark.parametrize("fault", [errno.ENOSPC, errno.EIO])
def test_a_disk_fault_at_every_call(tmp_path, fault):
    codes, number, met = [], 0, True
    while met:
        number += 1
        root = tmp_path / str(number)
        root.mkdir()
        code, met = outcome(number, fault, lambda root=root: story(root / "case"))
        codes.append(code)
        check_sound(root, root / "case")
    wanted = {errno.ENOSPC: "case_no_space", errno.EIO: "case_disk"}[fault]
    # None: a fault that costs nothing (case.json, tidying), and the last run, which met none
    assert set(codes) == {wanted, None}
    assert codes.count(wanted) > 50


@pytest.mark.parametrize(("fault", "lasting"), [(errno.ENOSPC, ("write", "mkdir")), (errno.EIO, CALLS)])
def test_a_disk_that_stays_full_or_dies(tmp_path, fault, lasting):
    number, met = 1, True
    while met:
        root = tmp_path / str(number)
        root.mkdir()
        _, met = outcome(number, fault, lambda root=root: story(root / "case"), lasting)
        check_sound(root, root / "case")
        number += 3
    assert number > 60


def test_a_creation_that_fails_leaves_nothing(tmp_path):
    def create(root):
        CaseFolder.create(root / "a/b/case", keys.choose(CONFIG, KeyOptions()), CONFIG).close()

    failed, number, met = 0, 0, True
    while met:
        number += 1
        root = tmp_path / str(number)
        root.mkdir()
        code, met = outcome(number, errno.ENOSPC, lambda root=root: create(root))
        if code:
            failed += 1
            assert code == "case_no_space"
            assert list(root.iterdir()) == []
    assert failed > 8


def test_a_real_limit_of_the_system_is_one_line(tmp_path):
    """RLIMIT_FSIZE stands in for a full disk: the kernel itself refuses the write."""
    path = tmp_path / "case"

    def work():
        with CaseFolder.create(path, keys.choose(CONFIG, KeyOptions()), CONFIG) as case:
            resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
            case.seal("rows/1", CLEAR)
            try:
                case.seal("rows/2", os.urandom(50_000))
            except UserError as error:
                return 7 if error.code == "case_no_space" else 8
        return 9

    assert in_child(work) == 7
    check_sound(tmp_path, path)


def test_a_folder_one_may_not_write_is_one_line(tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir()
    closed.chmod(0o500)

    def work():
        if os.getuid() == 0:
            os.setuid(65534)
        try:
            CaseFolder.create(closed / "case", keys.choose(CONFIG, KeyOptions()), CONFIG)
        except UserError as error:
            return 7 if error.code == "case_not_permitted" else 8
        return 9

    assert in_child(work) == 7
    assert list(closed.iterdir()) == []


@pytest.mark.parametrize("place", ["file", "file/below"])
def test_a_file_in_place_of_the_folder(tmp_path, place):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(UserError) as caught:
        CaseFolder.create(tmp_path / place, keys.choose(CONFIG, KeyOptions()), CONFIG)
    assert caught.value.code == "case_not_a_folder"
    assert (tmp_path / "file").read_text() == "mine"


def test_a_log_rebuilt_by_hand_with_strange_entries_is_refused(tmp_path):
    from etanche.casefile.custody import line_of, next_entry

    path = tmp_path / "case"
    path.mkdir()
    entry = next_entry(None, "purge_begun", CONFIG.now(), "9", "x", {})
    (path / "custody.jsonl").write_bytes(line_of(entry))
    with pytest.raises(UserError) as caught:
        CaseFolder.open(path)
    assert caught.value.code == "case_tampered"


@pytest.mark.parametrize(
    "manifest",
    [b'{"../../outside": ["x", 1]}', b'{"rows/1": 5}', b'{"rows/1": ["x", "y"]}', b"[1]", b"[" * 100_000, b"\xff"],
)
def test_a_well_made_chain_over_a_hostile_manifest(tmp_path, manifest):
    from etanche.casefile.custody import LOG, line_of, next_entry, read
    from etanche.crypto import fingerprint

    path = tmp_path / "case"
    (tmp_path / "outside.age").write_text("kept")
    CaseFolder.create(path, keys.choose(CONFIG, KeyOptions()), CONFIG).close()
    entries, _ = read((path / LOG).read_bytes())
    forged = next_entry(entries[-1], "rows_sealed", CONFIG.now(), "9", "x", {"manifest": fingerprint(manifest)})
    (path / LOG).write_bytes((path / LOG).read_bytes() + line_of(forged))
    (path / "sealed").mkdir()
    (path / "sealed/manifest.json").write_bytes(manifest)
    with CaseFolder.open(path, CONFIG) as case:
        assert not case.verify().ok
        assert case.sealed() == []
        case.purge(data_only=True)
    assert (tmp_path / "outside.age").read_text() == "kept"


def test_a_symbolic_link_is_not_followed(tmp_path):
    """A case handed over by somebody else must not make étanche write or remove elsewhere."""
    path, outside = tmp_path / "case", tmp_path / "outside"
    outside.mkdir()
    (outside / "kept.txt").write_text("kept")
    with CaseFolder.create(path, keys.choose(CONFIG, KeyOptions()), CONFIG) as case:
        (path / "link").symlink_to(outside)
        (path / ".census.json.partial").symlink_to(outside / "kept.txt")
        case.write_result("census.json", b"{}")
        assert (outside / "kept.txt").read_text() == "kept"
        case.purge(data_only=False)
    assert (outside / "kept.txt").read_text() == "kept"
    assert json.loads((path / "custody.jsonl").read_text().splitlines()[-1])["event"] == "purged"


def test_secure_process_forbids_core_dumps(tmp_path):
    from etanche.casefile import secure_process

    def work():
        secure_process()
        made = tmp_path / "made"
        made.write_text("")
        private = made.stat().st_mode & 0o077 == 0
        return (
            7
            if private and resource.getrlimit(resource.RLIMIT_CORE) == (0, 0) and Path("/proc/self/fd").exists()
            else 8
        )

    assert in_child(work) == 7
