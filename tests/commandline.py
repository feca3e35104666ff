"""The command line as a shell starts it, in folders of its own: all that it leaves anywhere can be looked through."""

from __future__ import annotations

import bz2
import csv
import gzip
import html
import json
import lzma
import os
import pty
import select
import signal
import subprocess
import sys
import termios
import time
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import ahocorasick_rs
import zstandard

import etanche

ETANCHE = Path(sys.executable).with_name("etanche")
FOLDERS = ("HOME", "TMPDIR", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR")
SHARED = tuple(Path(name) for name in ("/tmp", "/var/tmp", "/dev/shm"))
PATIENCE = 40
"""Seconds after which a command that should have ended is taken to wait for an answer."""


@dataclass(frozen=True)
class Done:
    """What a command said and how it ended."""

    code: int
    out: str
    err: str

    @property
    def fault(self) -> str:
        """The one line that says what is wrong, after which nothing is said."""
        *before, last = self.err.splitlines()
        assert last.startswith("etanche: "), self.err
        assert not any("etanche: " in line or "Traceback" in line or "rror:" in line for line in before), self.err
        return last

    @property
    def only_fault(self) -> str:
        """The one line that says what is wrong, when nothing else was said."""
        assert len(self.err.splitlines()) == 1, self.err
        return self.fault


@dataclass
class Place:
    """A fresh account: home, temporary and configuration folders, and a folder to work in."""

    root: Path
    work: Path = field(init=False)
    said: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.work = self.root / "work"
        for name in ("work", *FOLDERS):
            (self.root / name).mkdir(parents=True, mode=0o700)
        self._shared = {entry for folder in SHARED if folder.is_dir() for entry in folder.iterdir()}

    def environment(self, more: Mapping[str, str] = {}) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name in ("PATH", "LD_LIBRARY_PATH")}
        fresh = {name: str(self.root / name) for name in FOLDERS}
        # A command that may not write large files would leave compiled modules cut off for everybody after it.
        own = {
            "LC_ALL": "C.UTF-8",
            "ETANCHE_KEYRING": "0",
            "ETANCHE_OPERATOR": "tester",
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        return {**kept, **fresh, **own, **more}

    def start(self, *arguments: object, env: Mapping[str, str] = {}, **more: object) -> subprocess.Popen[bytes]:
        options = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **more}
        command = [os.fsencode(argument) if isinstance(argument, Path) else str(argument) for argument in arguments]
        return subprocess.Popen(
            [str(ETANCHE), *command], cwd=self.work, env=self.environment(env), start_new_session=True, **options
        )

    def run(self, *arguments: object, env: Mapping[str, str] = {}, **more: object) -> Done:
        process = self.start(*arguments, env=env, **more)
        return self.end(process)

    def end(self, process: subprocess.Popen[bytes]) -> Done:
        out, err = process.communicate(timeout=PATIENCE)
        self.said += [out or b"", err or b""]
        return Done(process.returncode, (out or b"").decode(), (err or b"").decode())

    def on_terminal(self, *arguments: object, answers: Sequence[tuple[str, str]] = (), env: Mapping[str, str] = {}):
        """Run a command on a terminal; type each answer when its question has been shown."""
        child, terminal = pty.fork()
        if child == 0:
            os.chdir(self.work)
            os.execve(ETANCHE, ["etanche", *map(str, arguments)], self.environment({"TERM": "xterm", **env}))  # noqa: S606
        seen, waiting, shown = b"", list(answers), 0
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if not select.select([terminal], [], [], 1)[0]:
                continue
            try:
                piece = os.read(terminal, 65536)
            except OSError:  # Linux: the other side is closed
                break
            if not piece:
                break
            seen += piece
            if waiting and (found := seen.find(waiting[0][0].encode(), shown)) >= 0:
                shown = found + len(waiting[0][0])
                while "assphrase" in waiting[0][0] and termios.tcgetattr(terminal)[3] & termios.ECHO:
                    time.sleep(0.01)  # what is typed before the echo is off is thrown away
                os.write(terminal, waiting.pop(0)[1].encode() + b"\n")
        else:
            os.kill(child, signal.SIGKILL)
        os.close(terminal)
        self.said.append(seen)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        assert not waiting, f"never asked: {waiting[0][0]}"
        return Done(code, seen.decode(errors="replace"), "")

    def traces(self, *but: Path) -> Iterator[tuple[str, bytes]]:
        """Yield all that was said, and every file left in these folders or new in those that all share."""
        for number, data in enumerate(self.said):
            yield f"output {number}", data
        fresh = (entry for folder in SHARED if folder.is_dir() for entry in folder.iterdir())
        strange = [entry for entry in fresh if entry not in self._shared and entry not in self.root.parents]
        for folder in (self.root, *strange):
            # os.walk minds no folder that another program removes meanwhile
            walked = (Path(at, name) for at, _, names in os.walk(folder) for name in names)
            for file in walked if folder.is_dir() else [folder]:
                if file.is_file() and not file.is_symlink() and file not in but:
                    try:
                        yield str(file), file.read_bytes()
                    except OSError:  # another program's, gone meanwhile
                        assert not file.is_relative_to(self.root)


class Secrets:
    """What names or touches a person in a replica, and where any of it is found again."""

    COLUMNS = frozenset(
        {"NUM_SECU", "NOM", "NOM_NAISSANCE", "PRENOM", "ADRESSE", "TEL_FIXE", "TEL_PORTABLE", "EMAIL", "NOM_CONJOINT"}
        | {"NOM_ASSURE", "PERSONNE_CONFIANCE", "NOM_MEDECIN", "RPPS_MEDECIN", "ADRESSE_MEDECIN", "TEL_MEDECIN"}
        | {"EMAIL_MEDECIN", "PRELEVEUR", "IBAN", "LOGIN", "MOT_DE_PASSE", "COMMENTAIRE1", "COMMENTAIRE2"}
    )

    def __init__(self, leak: Path) -> None:
        rows = list(csv.DictReader(leak.read_text("cp1252").splitlines(), delimiter=";", quoting=csv.QUOTE_NONE))
        package = Path(etanche.__file__).parent
        files = [*package.glob("words/**/*.toml"), *package.glob("report/*.*"), *package.glob("**/topics.toml")]
        public = " ".join(file.read_text(errors="replace") for file in files)
        public += " ".join(f"{row['NOM_LABO']} {row['VILLE']}" for row in rows) + " ".join(rows[0])
        public = public.casefold()
        found = {row[name].strip() for row in rows for name in self.COLUMNS}
        self.values = sorted(value for value in found if len(value) >= 7 and value.casefold() not in public)
        patterns = sorted({spelt for value in self.values for spelt in _spellings(value)})
        self._finder = ahocorasick_rs.BytesAhoCorasick(patterns)

    def found(self, data: bytes) -> int:
        """Return how many times any of the values is in the data, packed or not."""
        return sum(len(self._finder.find_matches_as_indexes(each)) for each in _unpacked(data))

    def places(self, traces: Iterator[tuple[str, bytes]]) -> list[str]:
        """Return where anything was found."""
        return [name for name, data in traces if self.found(data)]


def _spellings(value: str) -> Iterator[bytes]:
    for text in (value, value.lower(), value.upper(), value.title()):
        yield json.dumps(text)[1:-1].encode()
        yield html.escape(text).encode()
        for encoding in ("utf-8", "cp1252", "utf-16-le"):
            yield text.encode(encoding, "replace")


def _unpacked(data: bytes) -> Iterator[bytes]:
    yield data
    for unpack in (gzip.decompress, bz2.decompress, lzma.decompress, zlib.decompress, _zstd):
        try:
            yield unpack(data)
        except (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError, zstandard.ZstdError):
            continue


def _zstd(data: bytes) -> bytes:
    return zstandard.ZstdDecompressor().decompress(data, max_output_size=1 << 28)
