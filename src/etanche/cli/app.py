"""The application: its commands, and the one place where a fault becomes a line and an exit code."""

from __future__ import annotations

import errno
import os
import re
import traceback
from collections.abc import Sequence
from typing import Annotated

import typer
from typer.core import TyperGroup
from typer.exceptions import Abort, TyperException

from etanche import __version__
from etanche.cli import (
    custody,
    decide,
    doctor,
    dossier,
    exposure,
    extract,
    find,
    handover,
    hold,
    letters,
    lexicon,
    link,
    persons,
    purge,
    quarantine,
    replica,
    report,
    respond,
    review,
    rights,
    severity,
    triage,
)
from etanche.cli.terminal import Terminal
from etanche.config import Config
from etanche.errors import EtancheError, ExitCode, UserError
from etanche.words import language_of_environment

COMMANDS = (
    replica,
    triage,
    persons,
    link,
    review,
    find,
    handover,
    respond,
    letters,
    decide,
    severity,
    exposure,
    rights,
    dossier,
    extract,
    quarantine,
    report,
    custody,
    hold,
    purge,
    lexicon,
    doctor,
)
"""In the order of the story, which is that of the help."""


class _InOrder(TyperGroup):
    """Commands and groups of commands as they are told, not groups last."""

    def list_commands(self, ctx: object) -> list[str]:  # noqa: ARG002 - the order is the same wherever it is asked for
        """Return the names in the order of `COMMANDS`."""
        order = [module.__name__ for module in COMMANDS]
        places = {}
        for name, command in self.commands.items():
            # A group without a callback stands where its first command was written.
            bare = isinstance(command, TyperGroup) and command.callback is None and command.commands
            told = next(iter(command.commands.values())) if isinstance(command, TyperGroup) and bare else command
            places[name] = order.index(getattr(told.callback, "__module__", order[-1]))
        return sorted(places, key=lambda name: places[name])


app = typer.Typer(
    name="etanche",
    cls=_InOrder,
    invoke_without_command=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for module in COMMANDS:
    module.register(app)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"etanche {__version__}")
        raise typer.Exit


@app.callback()
def _common(
    context: typer.Context,
    lang: Annotated[str | None, typer.Option(help="Language of what people read: fr or en.")] = None,
    debug: Annotated[bool, typer.Option("--debug", help="Show a traceback when something fails.")] = False,  # noqa: ARG001
    version: Annotated[  # noqa: ARG001
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """What is in a leaked file of patients' data, who is in it, and what is owed to them."""
    terminal: Terminal = context.obj
    if lang is not None:
        terminal.speak(lang)
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
        raise typer.Exit(ExitCode.USAGE)


def run(arguments: Sequence[str]) -> int:
    """Run one command; return its exit code."""
    debug = "--debug" in arguments
    terminal = Terminal(Config(language=language_of_environment(os.environ)))
    try:
        terminal = Terminal(Config.from_environment(os.environ))
        code = int(app(list(arguments), standalone_mode=False, obj=terminal) or ExitCode.DONE)
    except BrokenPipeError:
        # Whoever read standard output has left (`etanche … | head`): nothing more can be said there.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return ExitCode.FAILED
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - the last line of defence: rule 3 of this package
        return terminal.fault(_as_user_error(error), error if debug else None)
    return terminal.fault(UserError("interrupted"), None) if code == _INTERRUPTED else code


_INTERRUPTED = 130
"""What Typer makes of Ctrl-C: an exit code that the contract does not know."""


def _as_user_error(error: BaseException) -> UserError:
    """Return a fault of any sort as what is said of it."""
    match error:
        case UserError():
            return error
        case TyperException(exit_code=ExitCode.USAGE):
            return _usage(error)
        case KeyboardInterrupt() | Abort():
            return UserError("interrupted")
        case MemoryError():
            return UserError("out_of_memory")
        case OSError() if error.errno:
            # Without a number it is a library's own, which says nothing to whoever reads it.
            return _of_the_system(error)
    return _unforeseen(error)


def _usage(error: TyperException) -> UserError:
    """Return what is wrong with the command line; Typer says it in English, and its classes are its own affair."""
    said = " ".join(error.format_message().split())
    kind, option = type(error).__name__, str(getattr(error, "option_name", ""))
    parameter = getattr(error, "param", None)
    name = str(parameter.get_error_hint()).strip("'") if parameter is not None else ""
    if kind == "NoSuchOption":
        return UserError("usage_option", ExitCode.USAGE, option=option)
    if kind == "MissingParameter" and name:
        return UserError("usage_missing", ExitCode.USAGE, name=name)
    if kind == "BadParameter" and name:
        return UserError("usage_value", ExitCode.USAGE, name=name)
    if command := re.match(r"No such command '(.*?)'", said):
        return UserError("usage_command", ExitCode.USAGE, command=command[1])
    return UserError("usage", ExitCode.USAGE, problem=said.rstrip("."))


def _of_the_system(error: OSError) -> UserError:
    path = str(error.filename or "")
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG) and not path:
        return UserError("no_space_anywhere", ExitCode.FAILED)
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return UserError("no_space", ExitCode.FAILED, path=path)
    return UserError("system", ExitCode.FAILED, problem=os.strerror(error.errno or 0), path=path)


def _unforeseen(error: BaseException) -> UserError:
    last = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{last.filename.rsplit('/', 1)[-1]}:{last.lineno}"
    code = "internal_known" if isinstance(error, EtancheError) else "internal"
    return UserError(code, ExitCode.FAILED, kind=type(error).__name__, place=place)
