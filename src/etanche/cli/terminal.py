"""What a command needs of the terminal: two consoles, the words, progress, questions when somebody is there."""

from __future__ import annotations

import errno
import os
import sys
import traceback
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from etanche.config import Config
from etanche.errors import ExitCode, UserError
from etanche.model import Reason
from etanche.words import LANGUAGES, Words


class Terminal:
    """The screen of one command."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.words = Words(config.language)
        colour: dict[str, Any] = {} if config.colour is None else {"no_color": not config.colour}
        self.out = Console(highlight=False, soft_wrap=False, **colour)
        self.err = Console(stderr=True, highlight=False, soft_wrap=True, **colour)

    def speak(self, language: str) -> None:
        """Change the language; `UserError` (usage) for one that there is not."""
        if language not in LANGUAGES:
            raise UserError("language_unknown", ExitCode.USAGE, value=language)
        self.config = replace(self.config, language=language)
        self.words = Words(language)

    @property
    def attended(self) -> bool:
        """Tell whether somebody is there to answer."""
        return sys.stdin.isatty() and sys.stderr.isatty()

    def tell(self, line: str) -> None:
        """Write one line of the result, to standard output, unbroken so that it can be copied."""
        self.out.print(printable(line), markup=False, soft_wrap=True)

    def say(self, line: str) -> None:
        """Write one line on the way, to standard error."""
        self.err.print(printable(line), markup=False)

    def notice(self, reason: Reason) -> None:
        """Tell something once."""
        for section in ("casefile.key", "casefile", "ingest", "cli.notice"):
            if self.words.find(f"{section}.{reason.code}") is not None:
                self.say(self.words(f"{section}.{reason.code}", **dict(reason.params)))
                return
        raise KeyError(reason.code)

    def fault(self, error: UserError, debug: BaseException | None) -> int:
        """Write a fault as one line; return its exit code.  `debug`: also where it arose, never with which values."""
        params = {name: self._problem(value) if name == "problem" else value for name, value in error.params.items()}
        line = " ".join(self.words(f"errors.{error.code}", **params).split())
        self.err.print(Text.assemble(("etanche:", "bold red"), " ", printable(line)))
        while debug is not None:
            self.err.print("".join(traceback.format_tb(debug.__traceback__)) + type(debug).__name__, markup=False)
            debug = debug.__cause__ or debug.__context__
        return int(error.exit_code)

    def _problem(self, said: str | int) -> str | int:
        """Return what the system said is wrong, which it says in English, in the reader's words where there are any."""
        codes = (name for number, name in errno.errorcode.items() if os.strerror(number) == said)
        return next((found for code in codes if (found := self.words.find(f"system.{code}"))), said)

    def ask(self, question: str) -> str:
        """Ask for a line; an empty answer is an answer."""
        return str(self.err.input(f"{escape(question)} ")).strip()

    def ask_passphrase(self, new: bool) -> str:
        """Ask for a passphrase, a new one twice; empty declines."""
        first = str(self.err.input(f"{escape(self.words('cli.passphrase'))} ", password=True))
        if (
            new
            and first
            and first != str(self.err.input(f"{escape(self.words('cli.passphrase_again'))} ", password=True))
        ):
            raise UserError("passphrases_differ", ExitCode.USAGE)
        return first

    @contextmanager
    def progress(self) -> Iterator[Callable[[str, int, int], None]]:
        """Yield what reports progress: stage, done, total; silent where nobody looks."""
        if not self.err.is_terminal:
            yield lambda _stage, _done, _total: None
            return
        columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"))
        bars = Progress(*columns, TimeRemainingColumn(), console=self.err, transient=True)
        task = bars.add_task("", total=None)

        def report(stage: str, done: int, total: int) -> None:
            # Started by the first thing to show: a bar that is redrawn would write over a question.
            bars.start()
            bars.update(task, description=self.words(f"cli.stage.{stage}"), completed=done, total=total or None)

        try:
            yield report
        finally:
            bars.stop()


def printable(text: str) -> str:
    r"""Return the text as one line; what would move a terminal's cursor or reverse its reading is spelt (`\x1b`)."""
    return "".join(char if _harmless(char) else ascii(char)[1:-1] for char in text)


def _harmless(char: str) -> bool:
    return unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
