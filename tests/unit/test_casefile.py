import json
import stat
import threading
from datetime import UTC, date, datetime

import pytest

from etanche.casefile import Acquisition, CaseFolder, Event, Fault, KeyChoice, Way, keys, parse_until
from etanche.casefile.keys import KeyOptions
from etanche.config import Config
from etanche.crypto import generate, seal
from etanche.errors import ExitCode, UserError
from etanche.words import LANGUAGES, Words

CONFIG = Config(keyring=False, operator="dpo@lab", now=lambda: datetime(2026, 3, 1, 9, tzinfo=UTC))
CLEAR = b"SYLVESTRE;Aurore;2780675123456;06 39 98 00 01\n" * 1000


def make(path, **facts):
    return CaseFolder.create(path, keys.choose(CONFIG, KeyOptions()), CONFIG, **facts)


def refused(code, exit_code=ExitCode.REFUSED):
    class Catch:
        def __enter__(self):
            self.context = pytest.raises(UserError)
            self.info = self.context.__enter__()

        def __exit__(self, *args):
            swallowed = self.context.__exit__(*args)
            assert (self.info.value.code, self.info.value.exit_code) == (code, exit_code)
            for language in LANGUAGES:
                assert "\n" not in Words(language)(f"errors.{code}", **self.info.value.params)
            return swallowed

    return Catch()


def everything(folder):
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_a_case_keeps_what_it_is_given(tmp_path):
    path = tmp_path / "deep" / "case"
    with make(path, acquisition=Acquisition(from_whom="CERT", until=date(2026, 12, 31)), command="triage") as case:
        case.log(Event.INPUT_READ, path="leak.csv", sha256="0" * 64, size=12)
        for number in range(3):
            case.seal(f"rows/{number:05}", CLEAR + bytes([number]))
        case.seal("quarantine/00001", b"bad line")
        case.log(Event.ROWS_SEALED, table="t")
        case.write_result("census.json", b'{"persons": 12}')
        case.write_result("report/fr.html", b"<html>")
        head = case.head()
    with CaseFolder.open(path, CONFIG) as case:
        identity = keys.unlock(case, CONFIG, KeyOptions())
        assert case.sealed("rows/") == ["rows/00000", "rows/00001", "rows/00002"]
        assert case.unseal("rows/00001", identity) == CLEAR + b"\x01"
        assert case.head() == head
        assert case.verify(head).ok
        assert case.verify("f" * 64).fault is Fault.TAIL_MISSING
    picture = json.loads((path / "case.json").read_text())
    assert picture["inputs"][0]["path"] == "leak.csv"
    assert picture["acquisition"] == {
        "from_whom": "CERT", "how": "not stated", "when": "not stated", "ground": "not stated", "until": "2026-12-31",
    }  # fmt: skip
    assert set(picture["results"]) == {"census.json", "report/fr.html"}
    assert (picture["head"], picture["by"], picture["created"]) == (head, "dpo@lab", "2026-03-01T09:00:00.000000Z")
    assert b"SYLVESTRE" not in everything(path)


def test_everything_is_the_users_alone(tmp_path):
    with make(tmp_path / "case") as case:
        case.seal("rows/00001", CLEAR)
        case.write_result("a/census.json", b"{}")
    for path in [tmp_path / "case", tmp_path / "case.key", *(tmp_path / "case").rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_threads_may_seal_while_the_log_is_written(tmp_path):
    with make(tmp_path / "case") as case:
        threads = [
            threading.Thread(target=lambda base=base: [case.seal(f"rows/{base}{n:03}", CLEAR) for n in range(10)])
            for base in range(4)
        ]
        for thread in threads:
            thread.start()
        for _ in range(5):
            case.log(Event.ROWS_SEALED)
        for thread in threads:
            thread.join()
    with CaseFolder.open(tmp_path / "case", CONFIG) as case:
        assert len(case.sealed("rows/")) == 40
        assert case.verify().ok


def test_a_private_result_is_sealed(tmp_path):
    with make(tmp_path / "case") as case:
        case.write_result("quarantine.txt", CLEAR, private=True)
        identity = keys.unlock(case, CONFIG, KeyOptions())
        assert case.unseal("results/quarantine.txt", identity) == CLEAR
        assert b"SYLVESTRE" not in everything(tmp_path)
        assert case.verify().ok


def test_an_existing_case_and_a_foreign_folder_are_refused(tmp_path):
    make(tmp_path / "case").close()
    with refused("case_exists"):
        make(tmp_path / "case")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("x")
    with refused("case_not_empty"):
        make(tmp_path / "mine")
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["thesis.txt"]
    assert CaseFolder.exists(tmp_path / "case")
    assert not CaseFolder.exists(tmp_path / "mine")
    with refused("case_not_found", ExitCode.UNREADABLE):
        CaseFolder.open(tmp_path / "mine")


def test_one_process_at_a_time(tmp_path):
    with make(tmp_path / "case"), refused("case_busy", ExitCode.FAILED):
        CaseFolder.open(tmp_path / "case")


@pytest.mark.parametrize("name", ["../x", "/etc/x", "a//b", ".hidden", "a/../b", "", "x.partial", "a\nb", "a/b/c/d/e"])
def test_a_name_stays_inside(tmp_path, name):
    with make(tmp_path / "case") as case:
        with pytest.raises(ValueError, match="not a name"):
            case.write_result(name, b"")
        with pytest.raises(ValueError, match="not a name"):
            case.seal(name, b"")


@pytest.mark.parametrize("name", ["case.json", "custody.jsonl", "key.json", "sealed/rows/1"])
def test_a_result_never_takes_the_place_of_the_cases_own_files(tmp_path, name):
    with make(tmp_path / "case") as case, pytest.raises(ValueError, match="case folder itself"):
        case.write_result(name, b"")


def test_a_committed_part_is_replaced_only_by_a_logged_discard(tmp_path):
    with make(tmp_path / "case") as case:
        case.seal("rows/00001", b"one")
        case.log(Event.ROWS_SEALED)
        with pytest.raises(ValueError, match="never written over"):
            case.seal("rows/00001", b"two")
        case.discard("rows/")
        assert case.sealed() == []
        case.seal("rows/00001", b"two")
        case.log(Event.ROWS_SEALED)
        assert case.unseal("rows/00001", keys.unlock(case, CONFIG, KeyOptions())) == b"two"


def test_parts_of_a_command_that_failed_go_with_it(tmp_path):
    def failing():
        with make(tmp_path / "case") as case:
            case.seal("rows/00001", CLEAR)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        failing()
    assert list((tmp_path / "case" / "sealed").rglob("*.age")) == []


@pytest.mark.parametrize("damage", ["flip", "cut", "swap", "forge", "remove", "empty"])
def test_a_sealed_part_that_was_tampered_with_is_refused(tmp_path, damage):
    with make(tmp_path / "case") as case:
        case.seal("rows/00001", CLEAR)
        case.seal("rows/00002", CLEAR[:500])
        case.log(Event.ROWS_SEALED)
        identity = keys.unlock(case, CONFIG, KeyOptions())
        file, other = (tmp_path / f"case/sealed/rows/0000{n}.age" for n in (1, 2))
        data = file.read_bytes()
        match damage:
            case "flip":
                file.write_bytes(data[:-9] + bytes([data[-9] ^ 4]) + data[-8:])
            case "cut":
                file.write_bytes(data[:-20])
            case "swap":
                file.write_bytes(other.read_bytes())
            case "forge":  # anyone can seal to the recipient, which is public
                file.write_bytes(seal(b"forged", identity.recipient))
            case "remove":
                file.unlink()
            case "empty":
                file.write_bytes(b"")
        with refused("case_part_missing" if damage == "remove" else "case_part_damaged", ExitCode.FAILED):
            case.unseal("rows/00001", identity)
        assert (case.verify().fault, case.verify().file) == (Fault.FILE_CHANGED, "rows/00001")


@pytest.mark.parametrize("content", [None, b"{}", b"[", b'{"rows/00001": ["x", 1]}'])
def test_a_lost_manifest_removes_nothing_opens_nothing_and_can_be_purged(tmp_path, content):
    with make(tmp_path / "case") as case:
        case.seal("rows/00001", CLEAR)
    manifest = tmp_path / "case/sealed/manifest.json"
    manifest.unlink() if content is None else manifest.write_bytes(content)
    with CaseFolder.open(tmp_path / "case", CONFIG) as case:
        assert (case.verify().fault, case.verify().file) == (Fault.FILE_CHANGED, "manifest.json")
        with refused("case_part_damaged", ExitCode.FAILED):
            case.unseal("rows/00001", keys.unlock(case, CONFIG, KeyOptions()))
        with refused("case_part_damaged", ExitCode.FAILED):
            case.seal("rows/00002", CLEAR)
        assert (tmp_path / "case/sealed/rows/00001.age").exists()
        (tmp_path / "case/sealed/rows/copy.bak").write_bytes(b"a copy that somebody made")
        assert case.purge(data_only=True).key_destroyed
        assert case.verify().ok
    assert [path.name for path in (tmp_path / "case/sealed").rglob("*")] == ["manifest.json"]


def test_a_private_result_may_be_written_again(tmp_path):
    with make(tmp_path / "case") as case:
        case.write_result("a.txt", b"one", private=True)
        case.write_result("a.txt2", b"other", private=True)
        case.write_result("a.txt", b"two", private=True)
        identity = keys.unlock(case, CONFIG, KeyOptions())
        assert [case.unseal(name, identity) for name in case.sealed("results/")] == [b"two", b"other"]
        assert case.verify().ok


def test_a_result_that_was_changed_or_removed_is_found(tmp_path):
    with make(tmp_path / "case") as case:
        case.write_result("census.json", b"{}")
        (tmp_path / "case/census.json").write_bytes(b"{ }")
        assert case.verify().fault is Fault.FILE_CHANGED
        (tmp_path / "case/census.json").unlink()
        assert case.verify().fault is Fault.FILE_MISSING


def test_a_log_that_was_tampered_with_or_shortened_is_refused(tmp_path):
    make(tmp_path / "case").close()
    log = tmp_path / "case/custody.jsonl"
    whole = log.read_bytes()
    log.write_bytes(whole.replace(b"dpo@lab", b"dpo@lob"))
    with refused("case_tampered"):
        CaseFolder.open(tmp_path / "case")
    log.write_bytes(whole.split(b"\n")[0] + b"\n")
    with refused("case_tampered"):
        CaseFolder.open(tmp_path / "case")
    log.write_bytes(whole)
    CaseFolder.open(tmp_path / "case").close()


def test_a_cut_last_line_is_repaired_and_said(tmp_path):
    with make(tmp_path / "case") as case:
        entries = case.summary.entries
    with (tmp_path / "case/custody.jsonl").open("ab") as stream:
        stream.write(b'{"by":"dpo@lab","eve')
    with CaseFolder.open(tmp_path / "case", CONFIG) as case:
        assert case.summary.done[-1]["event"] == Event.LOG_REPAIRED
        assert case.summary.entries == entries + 1
        assert case.verify().ok


def test_purge_of_data_leaves_counts_and_takes_the_key(tmp_path):
    with make(tmp_path / "case") as case:
        case.seal("rows/00001", CLEAR)
        case.seal("letters/00001", CLEAR)
        case.log(Event.ROWS_SEALED)
        case.write_result("letters.txt", CLEAR, private=True)
        case.write_result("census.json", b'{"persons": 12}')
        identity = keys.unlock(case, CONFIG, KeyOptions())
        receipt = case.purge(data_only=True)
        assert (receipt.files, receipt.key_destroyed, receipt.head) == (3, True, case.head())
        assert case.verify().ok
        with refused("key_destroyed"):
            keys.unlock(case, CONFIG, KeyOptions())
        with refused("case_data_purged"):
            case.seal("rows/00002", b"")
        with refused("case_part_missing", ExitCode.FAILED):
            case.unseal("rows/00001", identity)
    assert list(tmp_path.rglob("*.age")) == []
    assert not (tmp_path / "case.key").exists()
    assert (tmp_path / "case/census.json").read_bytes() == b'{"persons": 12}'
    with CaseFolder.open(tmp_path / "case", CONFIG) as case:
        assert case.summary.data_purged
        assert case.verify().ok


def test_purge_of_data_keeps_the_register_and_then_its_key(tmp_path):
    with make(tmp_path / "case") as case:
        case.seal("rows/00001", CLEAR)
        case.seal("register/00001", b"decision")
        case.log(Event.ROWS_SEALED)
        receipt = case.purge(data_only=True)
        assert (receipt.key_destroyed, receipt.key_needed) == (False, True)
        assert case.sealed() == ["register/00001"]
        assert case.unseal("register/00001", keys.unlock(case, CONFIG, KeyOptions())) == b"decision"


def test_a_whole_purge_leaves_the_log_alone_and_the_folder_serves_again(tmp_path):
    path = tmp_path / "case"
    with make(path) as case:
        case.seal("rows/00001", CLEAR)
        case.write_result("a/census.json", b"{}")
        receipt = case.purge(data_only=False)
        with refused("case_purged"):
            case.log(Event.TRIAGED)
    assert [file.name for file in path.iterdir()] == ["custody.jsonl"]
    assert [file.name for file in tmp_path.iterdir()] == ["case"]
    with CaseFolder.open(path, CONFIG) as case, refused("case_purged"):
        case.purge(data_only=False)
    with make(path) as case:
        assert json.loads((path / "custody.jsonl").read_text().splitlines()[0])["params"]["previous"] == receipt.head
        assert case.verify().ok
    assert (path / "custody-0001.jsonl").exists()


@pytest.mark.parametrize("data_only", [True, False])
def test_nothing_is_destroyed_under_legal_hold(tmp_path, data_only):
    with make(tmp_path / "case") as case:
        case.seal("rows/00001", CLEAR)
        case.log(Event.ROWS_SEALED)
        case.hold("complaint of 3 March", "counsel")
    with CaseFolder.open(tmp_path / "case", CONFIG) as case:
        before = everything(tmp_path)
        with refused("case_held"):
            case.purge(data_only)
        assert everything(tmp_path) == before
        case.release("closed", "counsel")
        assert case.purge(data_only).key_destroyed


def test_a_key_record_that_lies_never_removes_another_file(tmp_path):
    bystander = tmp_path / "bystander.key"
    KeyChoice(Way.FILE, generate(), file=bystander).keep(tmp_path / "other", "0")
    with make(tmp_path / "case") as case:
        record = json.loads((tmp_path / "case/key.json").read_text())
        (tmp_path / "case/key.json").write_text(json.dumps({**record, "file": "../bystander.key"}))
        assert not case.purge(data_only=False).key_destroyed
    assert bystander.exists()


def test_provenance_dates():
    assert parse_until(" 2026-12-31 ") == parse_until("31/12/2026") == date(2026, 12, 31)
    for wrong in ("tomorrow", "32/01/2026", "2026-13-01", "", "31/12/26x"):
        with refused("case_until", ExitCode.USAGE):
            parse_until(wrong)
    past = Acquisition(until=date(2026, 1, 1)).warnings(date(2026, 1, 2))
    assert [Words("fr")(f"casefile.{reason.code}", **dict(reason.params)) for reason in past]
    assert Acquisition(until=date(2026, 1, 2)).warnings(date(2026, 1, 2)) == ()
    assert Acquisition().warnings(date(2026, 1, 2)) == ()


def test_every_event_and_fault_has_words():
    for language in LANGUAGES:
        for event in Event:
            assert Words(language).find(f"casefile.event.{event}")
        for fault in Fault:
            assert Words(language).find(f"casefile.verify.{fault}")
