"""Parsers of binary formats run in a child process that may crash, hang or swell, and take nothing with it.

1. `run` starts one child for one pass and yields its frames; the child's bounds are its own doing (`parsers.__main__`),
   the parent adds the clock: a child that stays silent too long is killed.
2. The file reaches the child as an open descriptor; passwords and other parameters by standard input, never by
   arguments or environment.  Standard error is thrown away: it may quote rows.
3. Frames that came before a crash count.  Then one `UserError` says that the parser stopped.
4. Closing the generator kills the child and its children; nothing is left behind.

A parser beside its reader, in a few lines:

    # parsers/thing.py
    def rows(path, params):                                   # runs in the child
        for first, rows in third_party.read(path, params["sheet"]):
            yield frame_of(rows, first)                       # ingest.frames

    # readers/thing.py
    def pieces():
        with local_path(entry, limits) as path:
            yield from sandbox.pieces(sandbox.run("thing:rows", path, {"sheet": 0}, limits, shown=entry.outer.shown))
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from etanche.errors import ExitCode, UserError
from etanche.ingest.entries import system_error
from etanche.ingest.frames import MARK, MOST_BODY, MOST_HEADER, PREFIX, Frame
from etanche.ingest.limits import Limits
from etanche.ingest.scan import Piece
from etanche.ingest.tables import runs_of
from etanche.model import Quarantined, QuarantineReason

_CHILD = Path(__file__).resolve().parent / "parsers" / "__main__.py"
_LOOK_EVERY = 0.5
"""Seconds between looks at whether a silent child is still alive."""
_PIPE_BYTES = 1 << 20
_F_SETPIPE_SZ = 1031


class _StoppedError(Exception):
    """The child stopped; the text says why, without anything of the file."""


def run(task: str, path: Path, params: Mapping[str, object], limits: Limits, *, shown: str = "") -> Iterator[Frame]:
    """Yield what `task` ("module:function" below `etanche.ingest.parsers`) yields over a file.

    `params` are JSON values; a `Path` among them is a second file, opened here and handed over like the first.
    Raises `UserError` after the last whole frame: the parser's own `RefusalError`, or `ingest_parser_stopped` for a
    crash or a limit.  `shown` is the path as the user knows it.
    """
    shown = shown or str(path)
    files = {key: value for key, value in params.items() if isinstance(value, Path)}
    opened: list[int] = []
    try:
        for file in (path, *files.values()):
            opened.append(_opened(file))  # noqa: PERF401 - what was opened must be closed if the next one fails
        order = {
            "task": task,
            "file": opened[0],
            "files": dict(zip(files, opened[1:], strict=True)),
            "params": {key: value for key, value in params.items() if key not in files},
            "limits": {"bytes": limits.parser_bytes, "seconds": limits.parser_seconds},
            "parent": os.getpid(),
        }
        child = _Child(order, opened, limits.parser_silence)
    finally:
        for descriptor in opened:
            os.close(descriptor)
    try:
        yield from _frames(child, shown)
    finally:
        child.close()


def _opened(path: Path) -> int:
    try:
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        raise system_error(path, error) from None


def _frames(child: _Child, shown: str) -> Iterator[Frame]:
    """Yield a child's frames up to its last word.  Raises `UserError` unless that is "end"."""
    why = ""
    while not why:
        try:
            header, body = child.frame()
        except _StoppedError as stopped:
            why = str(stopped)
            break
        if "frame" in header:
            yield header["frame"], body
        elif "end" in header:
            return
        elif "refused" in header:
            raise UserError(header["refused"], ExitCode.UNREADABLE, **{"path": shown, **header["params"]})
        else:
            why = str(header.get("failed", "?"))
    raise UserError("ingest_parser_stopped", ExitCode.UNREADABLE, path=shown, why=why)


class _Child:
    """One parser at work, and the pipe it writes to."""

    def __init__(self, order: dict[str, Any], files: list[int], silence: int) -> None:
        self._silence = silence
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-B", str(_CHILD)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            pass_fds=files,
            env={"PATH": os.defpath},
            cwd="/",
            start_new_session=True,
            bufsize=0,
        )
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            msg = "pipes were asked for"
            raise RuntimeError(msg)
        self._out = stdout
        try:
            _widen(stdout.fileno())
            stdin.write(json.dumps(order).encode("ascii"))
            stdin.close()
        except BrokenPipeError:
            stdin.close()
        except BaseException:
            self.close()
            raise

    def frame(self) -> tuple[dict[str, Any], bytes]:
        """Return the next frame.  Raises `_StoppedError` when none comes."""
        mark, head, body = PREFIX.unpack(self._exactly(PREFIX.size))
        if mark != MARK or head > MOST_HEADER or body > MOST_BODY:
            raise _StoppedError("protocol")
        try:
            header = json.loads(self._exactly(head))
        except (ValueError, RecursionError):
            raise _StoppedError("protocol") from None
        if not isinstance(header, dict):
            raise _StoppedError("protocol")
        return header, self._exactly(body)

    def _exactly(self, size: int) -> bytes:
        """Return `size` bytes.  The clock runs only while the child is waited for, not while its rows are used."""
        got = bytearray()
        deadline = time.monotonic() + self._silence
        while len(got) < size:
            if not select.select([self._out], [], [], _LOOK_EVERY)[0]:
                if self._ended() and not select.select([self._out], [], [], 0)[0]:
                    raise _StoppedError(self._verdict())
                if time.monotonic() > deadline:
                    raise _StoppedError(f"{self._silence} s")
                continue
            data = os.read(self._out.fileno(), min(size - len(got), _PIPE_BYTES))
            if not data:
                raise _StoppedError(self._verdict())
            got += data
        return bytes(got)

    def _ended(self) -> bool:
        """Tell whether the child has ended, leaving it to be waited for: its group keeps its number until then."""
        return os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None

    def _verdict(self) -> str:
        """Return how the child ended."""
        deadline = time.monotonic() + 1
        while not self._ended() and time.monotonic() < deadline:
            time.sleep(0.01)
        self._kill()
        code = self._process.wait()
        return signal.Signals(-code).name if code < 0 else f"exit {code}"

    def _kill(self) -> None:
        if self._process.returncode is None:
            try:
                os.killpg(self._process.pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                self._process.kill()

    def close(self) -> None:
        """Kill the child and its children, and wait for it."""
        self._kill()
        self._out.close()
        self._process.wait()


def _widen(descriptor: int) -> None:
    """Let the pipe hold more, where the system allows it."""
    import fcntl  # noqa: PLC0415 - not on every system

    try:
        fcntl.fcntl(descriptor, _F_SETPIPE_SZ, _PIPE_BYTES)
    except OSError:
        return


def pieces(frames: Iterable[Frame]) -> Iterator[Piece]:
    """Yield the pieces of frames that `frames.frame_of` made; frames without rows or lines set aside are passed over.

    Besides what `frame_of` puts there a header may say `offset` (bytes), `lines` (the place of each row, where they do
    not follow one another), `blank` (places that hold nothing), `quarantined` (of `[line, offset, reason, bytes]`: the
    raw bytes stand at the end of the body, one after the other).
    """
    for header, body in frames:
        if "rows" not in header and "quarantined" not in header and "blank" not in header:
            continue
        rows = header.get("rows", 0)
        aside: list[Quarantined] = []
        sizes = [item[3] for item in header.get("quarantined", ())]
        end = len(body) - sum(sizes)
        at = end
        for line, offset, reason, size in header.get("quarantined", ()):
            aside.append(Quarantined(line, offset, QuarantineReason(reason), body[at : at + size]))
            at += size
        data = body[:end]
        yield Piece(
            [data] if data else [],
            rows,
            runs_of(rows, header.get("first_line", 1), header.get("offset", 0), header.get("lines")),
            aside,
            quoted=header.get("quoted", False),
            blank=header.get("blank", 0),
        )
