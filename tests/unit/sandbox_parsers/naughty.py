"""Parsers that misbehave, one way each; they run in the sandbox's child only."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from etanche.ingest.frames import RefusalError

Frames = Iterator[tuple[dict[str, Any], bytes]]
FIRST = ({"n": 1}, b"first")


def _pipe() -> int:
    """Return the descriptor that frames go to: the one pipe that is left."""
    links = {int(link.name): link for link in Path("/proc/self/fd").iterdir()}
    return max(fd for fd, link in links.items() if link.is_symlink() and "pipe" in str(link.readlink()))


def echo(path: Path, params: dict[str, Any]) -> Frames:
    data = path.read_bytes()
    yield {"word": params["word"], "size": len(data)}, data
    yield {"memo": True}, params["memo"].read_bytes()


def swells(path: Path, params: dict[str, Any]) -> Frames:
    yield FIRST
    held = []
    while True:
        held.append(bytearray(64 << 20))


def spins(path: Path, params: dict[str, Any]) -> Frames:
    yield FIRST
    while True:
        pass


def sleeps(path: Path, params: dict[str, Any]) -> Frames:
    yield FIRST
    time.sleep(3600)


def aborts(path: Path, params: dict[str, Any]) -> Frames:
    yield FIRST
    os.abort()


def leaves(path: Path, params: dict[str, Any]) -> Frames:
    yield FIRST
    os._exit(7)


def garbage(path: Path, params: dict[str, Any]) -> Frames:
    yield FIRST
    os.write(_pipe(), b"\xff" * 4096)


def giant(path: Path, params: dict[str, Any]) -> Frames:
    yield FIRST
    os.write(_pipe(), b"\xe9tch" + b"\xff" * 8)


def half(path: Path, params: dict[str, Any]) -> Frames:
    yield FIRST
    os.write(_pipe(), b"\xe9tch\x10\0\0\0")
    os._exit(0)


def raises(path: Path, params: dict[str, Any]) -> Frames:
    yield FIRST
    msg = "Dupont"
    raise ValueError(msg)


def forks(path: Path, params: dict[str, Any]) -> Frames:
    """Leave children behind that hold the pipe open."""
    yield FIRST
    for _ in range(3):
        if os.fork() == 0:
            time.sleep(3600)
    os._exit(0)


def writes(path: Path, params: dict[str, Any]) -> Frames:
    yield FIRST
    os.write(os.memfd_create("copy"), b"x")


def refuses(path: Path, params: dict[str, Any]) -> Frames:
    raise RefusalError("ingest_format", format="X")
    yield FIRST


def pid(path: Path, params: dict[str, Any]) -> Frames:
    yield {"pid": os.getpid()}, b""
    time.sleep(3600)


def prints(path: Path, params: dict[str, Any]) -> Frames:
    print("a library speaks", flush=True)  # noqa: T201
    print("and complains", file=sys.stderr, flush=True)  # noqa: T201
    os.write(1, b"raw")
    yield FIRST


def surroundings(path: Path, params: dict[str, Any]) -> Frames:
    yield (
        {
            "environment": dict(os.environ),
            "arguments": Path("/proc/self/cmdline").read_bytes().decode(),
            "open": len(list(Path("/proc/self/fd").iterdir())),
            "heavy": sorted({"numpy", "pyarrow", "etanche.ingest.opening"} & set(sys.modules)),
        },
        b"",
    )


def _hidden(path: Path, params: dict[str, Any]) -> Frames:
    yield FIRST
