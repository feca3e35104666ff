"""The child's side of the sandbox: bounds itself, runs one parser, sends its frames.

1. Started by path, not by name: the package `etanche.ingest` and all it imports would cost each child 0.3 s.
2. Bounds come first, before any byte of a leaked file is looked at: memory, processor time, no file written, no core
   dump, death with the parent, no network where the system lets us give it up.
3. Frames go to what was standard output; what libraries print goes nowhere.
"""

from __future__ import annotations

import ctypes
import gc
import json
import os
import re
import resource
import signal
import sys
import types
from importlib import import_module
from pathlib import Path
from typing import Any

_HERE = Path(__file__).resolve().parent
_TASK = re.compile(r"[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)*:[a-z][a-z0-9_]*")
_PR_SET_PDEATHSIG = 1
_CLONE_NEWNET = 0x40000000
_CLONE_NEWUSER = 0x10000000


def _bound(limits: dict[str, int], parent: int) -> None:
    """Give up what a parser has no need of."""
    for kind, wanted in (
        (resource.RLIMIT_AS, limits["bytes"]),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 64),
    ):
        hard = resource.getrlimit(kind)[1]
        value = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(kind, (value, value))
    resource.setrlimit(resource.RLIMIT_CPU, (limits["seconds"], limits["seconds"] + 5))
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    if not sys.platform.startswith("linux"):
        return
    libc = ctypes.CDLL(None)
    libc.prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)
    # An empty network; a system that forbids it has its reasons, and the parser none to call out.
    if libc.unshare(_CLONE_NEWNET) != 0:
        libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET)


def _light() -> None:
    """Stand in for `etanche.ingest`, whose own `__init__` imports what no parser needs."""
    sys.path.insert(0, str(_HERE.parents[2]))
    package = types.ModuleType("etanche.ingest")
    package.__path__ = [str(_HERE.parent)]
    sys.modules["etanche.ingest"] = package


def main() -> None:
    """Run the task that standard input names."""
    order: dict[str, Any] = json.loads(sys.stdin.buffer.read())
    out = os.dup(1)
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 0)
    os.dup2(nowhere, 1)
    _bound(order["limits"], order["parent"])
    _light()
    # A child lives for one pass and makes few cycles: looking for them all the time costs a tenth of it.
    gc.set_threshold(200_000)
    frames = import_module("etanche.ingest.frames")

    def send(header: dict[str, Any], body: bytes) -> None:
        for data in frames.packed(header, body):
            view = memoryview(data)
            while view:
                view = view[os.write(out, view) :]

    try:
        task = order["task"]
        if not _TASK.fullmatch(task):
            os._exit(2)
        name, _, function = task.partition(":")
        parser = getattr(import_module(f"etanche.ingest.parsers.{name}"), function)
        params = order["params"] | {key: Path(f"/proc/self/fd/{fd}") for key, fd in order["files"].items()}
        for header, body in parser(Path(f"/proc/self/fd/{order['file']}"), params):
            send({"frame": header}, body)
        send({"end": True}, b"")
    except frames.RefusalError as refusal:
        send({"refused": refusal.code, "params": refusal.params}, b"")
    except BrokenPipeError:
        pass
    except Exception as error:  # noqa: BLE001 - the child's last words: a name of a kind of error, never its text
        send({"failed": type(error).__name__}, b"")
    os._exit(0)


if __name__ == "__main__":
    main()
