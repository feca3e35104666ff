"""The command line: one file a command, each thin: parse, call the story, render.

Rules, in the order in which they apply:

1. Results go to standard output, what is said on the way to standard error; `--json` prints the result and only that.
2. Every fault is one line: what happened, what to do next; exit codes by the contract (`errors.ExitCode`).
3. No traceback without `--debug`: a fault nobody foresaw is named by its type and place, never by its text, which may
   quote rows.
4. Nothing waits for an answer when nobody is at a terminal.
"""

from __future__ import annotations

import sys

from etanche.cli.app import run

__all__ = ["main"]


def main() -> None:
    """Run the command line and leave with the contract's exit code."""
    sys.exit(run(sys.argv[1:]))
