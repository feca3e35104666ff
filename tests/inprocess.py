"""The command line within this process: what is asked of a case dozens of times need not start anew for each."""

from __future__ import annotations

import contextlib
import io
import os
import sys

from commandline import Done, Place
from etanche.cli.app import run

APART = frozenset({"triage", "replica", "extract"})
"""Commands that read strange files start processes of their own: so do they."""


class Inside(Place):
    """An account in which commands over a case run within this process."""

    def run(self, *arguments, env=None, stdin=b"", **more):
        words = [str(argument) for argument in arguments]
        if words[0] in APART or "--registry" in words:
            return super().run(*arguments, env=env or {}, **more)
        out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
        typed = io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8")
        before = dict(os.environ), sys.stdin, os.umask(0o077)
        os.environ.clear()
        os.environ.update(self.environment(env or {}))
        try:
            sys.stdin = typed
            with contextlib.chdir(self.work), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                code = run(words)
        finally:
            os.environ.clear()
            os.environ.update(before[0])
            sys.stdin = before[1]
            os.umask(before[2])
        said = [stream.buffer.getvalue() for stream in (out, err)]
        self.said += said
        return Done(int(code), *(each.decode() for each in said))
