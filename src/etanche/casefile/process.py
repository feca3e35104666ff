"""A process that holds people's data leaves no core dump, no file that others can read, no traceable memory."""

from __future__ import annotations

import ctypes
import os
import resource
import sys

_PR_SET_DUMPABLE = 4


def secure_process() -> bool:
    """Forbid core dumps and tracing, make every new file the user's alone; true when all of it was granted.

    Sets RLIMIT_CORE to 0, the umask to 077 and, on Linux, PR_SET_DUMPABLE to 0 (`prctl(2)`): no core dump even through
    a pipe (`core_pattern`), and no `ptrace` by another process of the same user.
    """
    os.umask(0o077)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform != "linux":
        return False
    try:
        prctl = ctypes.CDLL(None, use_errno=True).prctl
    except (OSError, AttributeError):
        return False
    return bool(prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0) == 0)
