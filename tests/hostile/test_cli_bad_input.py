"""What cannot be read, done or meant: one line that says what to do, the right exit code, nothing half-written."""

import ctypes
import gzip
import os
import re
import resource
import subprocess
import zipfile

import pytest

SMALL = "nom;prénom;né le;courriel\n" + "".join(
    f"DUPONT{n};Jeanne;0{n % 9 + 1}/02/19{50 + n};jeanne{n}@example.org\n" for n in range(40)
)
LIBC = ctypes.CDLL(None, use_errno=True)
PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 24, 1, 2
CLONE_NEWNS, CLONE_NEWUSER, MS_REC, MS_PRIVATE = 0x20000, 0x10000000, 0x4000, 0x40000


@pytest.fixture
def files(place):
    """Put one bad input of each sort in the folder where commands are run; return that folder."""
    work = place.work
    for name, data in {
        "small.csv": SMALL.encode("cp1252"),
        "empty.csv": b"",
        "blank.csv": b"\n\r\n \n\t\n\n",
        "noise.bin": bytes(range(256)) * 40,
        "report.pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n",
        "base.sqlite": b"SQLite format 3\0" + bytes(84),
        "old.xls": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504),
        "cut.csv.gz": gzip.compress(SMALL.encode())[:11],
        "key.txt": b"not a key\n",
        "kind.toml": b"[nom]\nkind = 'nonsense'\n",
        "role.toml": b"[nom]\nrole = 'nonsense'\n",
        "column.toml": b"[nobody]\nkind = 'nir'\n",
        "place.csv": b"column,kind,role\n#99,nir,patient\n",
        "not.toml": b"\x00\xff{[[",
        "words.toml": b"nom is a surname\n",
    }.items():
        (work / name).write_bytes(data)
    (work / "folder").mkdir()
    (work / "mine").mkdir()
    (work / "mine" / "diary.txt").write_text("mine")
    os.mkfifo(work / "pipe")
    with zipfile.ZipFile(work / "book.xlsx", "w") as book:
        book.writestr("xl/workbook.xml", "<workbook/>")
        book.writestr("[Content_Types].xml", "<Types/>")
    with zipfile.ZipFile(work / "nothing.zip", "w"):
        pass
    return work


BAD = {
    "not found": ("nowhere.csv", 3),
    "in no folder": ("nowhere/leak.csv", 3),
    "under a file": ("small.csv/leak.csv", 3),
    "too long a name": ("x" * 300, 3),
    "empty folder": ("folder", 3),
    "empty": ("empty.csv", 3),
    "blank lines": ("blank.csv", 3),
    "noise": ("noise.bin", 3),
    "pdf": ("report.pdf", 3),
    "xlsx": ("book.xlsx", 3),
    "sqlite": ("base.sqlite", 3),
    "xls": ("old.xls", 3),
    "cut gzip": ("cut.csv.gz", 3),
    "empty zip": ("nothing.zip", 3),
    "pipe": ("pipe", 3),
    "device": ("/dev/zero", 3),
    "two, one missing": ("small.csv nowhere.csv", 3),
    "no file": ("", 2),
    "no file to resume with": ("--resume", 3),
    "resume and new": ("small.csv --resume --new", 2),
    "unknown option": ("small.csv --frobnicate", 2),
    "unknown kind": ("small.csv --map kind.toml", 2),
    "unknown role": ("small.csv --map role.toml", 2),
    "unknown column": ("small.csv --map column.toml", 2),
    "unknown place": ("small.csv --map place.csv", 2),
    "map of bytes": ("small.csv --map not.toml", 2),
    "map of words": ("small.csv --map words.toml", 2),
    "map missing": ("small.csv --map nowhere.toml", 2),
    "map a folder": ("small.csv --map folder", 2),
    "until": ("small.csv --until tomorrow", 2),
    "reference date": ("small.csv --reference-date 31/12/2020", 2),
    "unknown table": ("small.csv --table nothing", 2),
    "not a key": ("small.csv --key-file key.txt", 5),
    "key a folder": ("small.csv --key-file folder", 5),
}


@pytest.mark.parametrize("bad", BAD)
def test_one_line_and_nothing_written(place, files, bad):
    before = {path: path.lstat().st_size for path in place.root.rglob("*")}
    arguments, code = BAD[bad]
    done = place.run("triage", *arguments.split(), "--case", "case")
    assert (done.code, done.out) == (code, ""), done.err
    assert len(done.only_fault.removeprefix("etanche: ")) > 20
    assert {path: path.lstat().st_size for path in place.root.rglob("*")} == before


@pytest.mark.parametrize("bad", ["not found", "unknown option", "unknown kind", "until", "not a key", "resume and new"])
def test_in_french_too(place, files, bad):
    arguments, code = BAD[bad]
    done = place.run("triage", *arguments.split(), "--case", "case", env={"LC_ALL": "fr_FR.UTF-8"})
    assert done.code == code
    assert re.search(r"[ \xa0\u202f][:;]", done.only_fault), "French puts a space before these"


def test_three_ways_to_ask_for_french(place, files):
    wrong = ("triage", "nowhere.csv", "--case", "case")
    english = place.run(*wrong).only_fault
    french = {
        place.run(*wrong, env={"LC_ALL": "fr_FR.UTF-8"}).only_fault,
        place.run("--lang", "fr", *wrong).only_fault,
        place.run(*wrong, env={"LC_ALL": "en_GB", "ETANCHE_LANGUAGE": "fr"}).only_fault,
    }
    assert len(french) == 1
    assert english not in french


COMMANDS = ("quarantine", "report", "custody", "purge", "hold --reason r --by b", "release --reason r --by b")


@pytest.mark.parametrize("command", COMMANDS)
def test_a_folder_that_is_no_case(place, files, command):
    before = sorted(files.rglob("*"))
    for case in ("mine", "nowhere", "small.csv") if command == "purge" else ("mine",):
        done = place.run(*command.split(), "--case", case)
        assert done.code == 3
        assert case in done.fault
    assert sorted(files.rglob("*")) == before


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ("", 2),
        ("frobnicate", 2),
        ("--lang xx custody --case c", 2),
        ("triage small.csv", 2),
        ("triage small.csv --case", 2),
        ("hold --case c --reason r", 2),
        ("replica", 2),
        ("replica new --rows many", 2),
        ("replica new --rows=-5", 2),
        ("replica new --encoding klingon", 2),
        ("replica new --columns sideways", 2),
        ("replica new --delimiter xyz", 2),
        ("replica mine --rows 10", 5),
        ("triage small.csv --case mine", 5),
        ("triage small.csv --case case --key-file nowhere/key", 1),
        ("triage small.csv --case small.csv", 1),
        ("triage small.csv --case small.csv/case", 1),
    ],
)
def test_a_slip_of_the_hand(place, files, arguments, code):
    before = sorted(files.rglob("*"))
    done = place.run(*arguments.split())
    assert done.code == code, done.err
    if arguments:
        assert done.fault
        assert done.out == ""
    assert sorted(files.rglob("*")) == before


@pytest.mark.parametrize(
    "variable", ["ETANCHE_THREADS=many", "ETANCHE_MEMORY=little", "ETANCHE_LANGUAGE=latin", "ETANCHE_THREADS=0"]
)
def test_a_slip_in_the_environment(place, files, variable):
    name, value = variable.split("=")
    done = place.run("triage", "small.csv", "--case", "case", env={name: value})
    assert done.code == 2
    assert name in done.fault
    assert not (files / "case").exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [({"stdin": None, "closing": 0}, "40"), ({"closing": 1}, ""), ({"closing": 2}, "40")],
    ids=["stdin", "stdout", "stderr"],
)
def test_a_stream_that_is_closed(place, files, options, said):
    """No file of the case gets the number of a stream, and nothing is written into one."""
    closing = options.pop("closing")
    process = place.start(
        "triage", "small.csv", "--case", "case", "--json", preexec_fn=lambda: os.close(closing), **options
    )
    done = place.end(process)
    assert done.code == 0, done.err
    assert said in done.out
    assert place.run("custody", "--case", "case").code == 0


def test_a_screen_that_is_full(place, files):
    with open("/dev/full", "wb") as full:
        done = place.end(place.start("doctor", "--json", stdout=full))
    assert done.code == 1
    assert "full" in done.fault


def test_a_reader_that_leaves(place, files):
    """`etanche lexicon | head -1`"""
    process = place.start("lexicon")
    process.stdout.close()
    err = process.stderr.read()
    assert process.wait() in {0, 1}
    assert err == b""


# -- permissions and space -----------------------------------------------------------------------------------------


def without_privilege():
    """Root may read everything but for two capabilities, which a process can give up for what it starts."""
    if os.getuid() == 0:
        for capability in (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH):
            assert LIBC.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0


@pytest.mark.parametrize("path", ["small.csv", "mine"])
def test_may_not_read(place, files, path):
    (files / path).chmod(0)
    done = place.run("triage", path, "--case", "case", preexec_fn=without_privilege)
    (files / path).chmod(0o700)
    assert done.code == 3
    assert "permission" in done.fault
    assert not (files / "case").exists()


def test_may_not_write(place, files):
    (files / "mine").chmod(0o500)
    done = place.run("triage", "small.csv", "--case", "mine/case", preexec_fn=without_privilege)
    replica = place.run("replica", "mine/new", "--rows", "10", preexec_fn=without_privilege)
    (files / "mine").chmod(0o700)
    for each in (done, replica):
        assert each.code == 1
        assert "ermission" in each.fault
    assert [path.name for path in (files / "mine").iterdir()] == ["diary.txt"]


def test_key_file_may_not_be_read(place, files):
    (files / "key.txt").chmod(0)
    done = place.run("triage", "small.csv", "--case", "case", "--key-file", "key.txt", preexec_fn=without_privilege)
    assert done.code == 5
    assert "key.txt" in done.fault
    assert not (files / "case").exists()


@pytest.mark.parametrize("kib", [1, 20])
def test_no_file_may_grow(place, files, leak, kib):
    """As on a full disk: where the case could not even be made nothing stays, else a case that says so."""
    limit = kib * 1024
    done = place.run(
        "triage",
        leak,
        "--case",
        "case",
        "--json",
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )
    assert done.code == 1
    assert done.out == ""
    assert re.search("No space left|files may not grow", done.fault)
    case = files / "case"
    if case.exists():
        assert not {"census.json", "report.html"} & {path.name for path in case.iterdir()}
        assert not list(case.rglob("*.age"))
        assert not list(case.rglob(".*"))
    else:
        assert not (files / "case.key").exists()
    again = place.run("triage", leak, "--case", "case", "--json", "--resume")
    assert again.code == 0, again.err


@pytest.mark.parametrize("kib", [8, 64])
def test_no_space_left(place, files, leak, kib):
    disk = files / "disk"
    disk.mkdir()

    def on_a_small_disk():
        flags = CLONE_NEWNS if os.getuid() == 0 else CLONE_NEWNS | CLONE_NEWUSER
        if LIBC.unshare(flags) or LIBC.mount(None, b"/", None, MS_REC | MS_PRIVATE, None):
            raise OSError(ctypes.get_errno(), "unshare")
        if LIBC.mount(b"tmpfs", os.fsencode(disk), b"tmpfs", 0, f"size={kib}k".encode()):
            raise OSError(ctypes.get_errno(), "mount")

    try:
        done = place.run("triage", leak, "--case", "disk/case", "--json", preexec_fn=on_a_small_disk)
    except subprocess.SubprocessError:
        pytest.skip("no disk can be mounted here")
    assert done.code == 1
    assert done.out == ""
    assert done.fault.startswith("etanche: No space left for disk/case")
