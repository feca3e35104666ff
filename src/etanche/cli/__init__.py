"""The command line: one file a command, each thin: parse, call the story, render.

Rules, in the order in which they apply:

1. Results go to standard output, what is said on the way to standard error; `--json` prints the result and only that.
2. Every fault is one line: what happened, what to do next; exit codes by the contract (`errors.ExitCode`).
3. No traceback without `--debug`: a fault nobody foresaw is named by its type and place, never by its text, which may
   quote rows.
4. Nothing waits for an answer when nobody is at a terminal.
"""

from __future__ import annotations

import gc
import os
import sys

__all__ = ["main"]

_SWITCH = 0.001
"""Seconds after which a thread hands Python's lock to another that waits for it."""

_FAILED = 1


def main() -> None:
    """Run the command line and leave with the contract's exit code."""
    # One command, one process, a few seconds: looking for cycles among what it builds costs 3 % of its CPU.
    gc.disable()
    # Reading a file leaves Python's lock a dozen times a block, and waits for it so long each time that others want it:
    # with the usual 5 ms it would hardly get on while columns are recognised.
    sys.setswitchinterval(_SWITCH)
    # NumPy's linear algebra would start a thread for every processor as it is loaded, which spins between the small
    # systems that are solved here.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    _hold_standard_streams()
    try:
        from etanche.cli.app import run
    except KeyboardInterrupt:
        # The commands are still being loaded: nobody else is there yet to say so.
        from etanche.words import Words, language_of_environment

        sys.stderr.write(f"etanche: {Words(language_of_environment(os.environ))('errors.interrupted')}\n")
        sys.exit(_FAILED)
    code = run(sys.argv[1:])
    try:
        sys.stdout.flush()
    except OSError:
        # A full disk or a reader that left: it was said, or nobody is there to hear it; Python must not try again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        code = code or _FAILED
    # The interpreter looks for cycles once more as it ends, at half a second after a triage; the system frees it all.
    gc.freeze()
    sys.exit(code)


def _hold_standard_streams() -> None:
    """Open what the caller closed (`>&-`), so that no file of a case gets its number; never fail on a character."""
    for number, (name, mode) in enumerate((("stdin", "r"), ("stdout", "w"), ("stderr", "w"))):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115 - as long as the process
        elif number:
            stream.reconfigure(errors="backslashreplace")
