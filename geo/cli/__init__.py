"""The command line: parse, call one function, print.

Results go to stdout, messages and progress to stderr. The exit code is 0 on success, 2 when
something given must be changed, and 1 otherwise; a traceback is shown only with ``--debug``.

A command's module is imported when the command is typed: to import those of the others takes
longer than the answer.
"""

from __future__ import annotations

import os
import re
import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from typing import TextIO

import click

from geo.cli.options import example, print_message
from geo.errors import BadTable, CrossroadsError, InputError

_PLAIN = {"a valid float": "a number", "a valid integer": "a whole number"}
"""What the parser of arguments says, and what people say."""

_DEBUG = "--debug"

_NEGATIVE_PAIR = re.compile(r"-\.?\d[\d.]*\s*[,;]")


_COMMANDS = {
    "coverage": "plan",
    "db": "admin",
    "halfway": "halfway",
    "matrix": "search",
    "near": "search",
    "plan": "plan",
    "reach": "search",
    "region": "region",
    "roster": "roster",
    "serve": "admin",
    "warm": "admin",
}
"""Each command, and the module that has it."""


class _Commands(click.Group):
    """Imports a command when it is asked for."""

    def list_commands(self, _context: click.Context) -> list[str]:
        """Return what can be typed."""
        return list(_COMMANDS)

    def get_command(self, _context: click.Context, name: str) -> click.Command | None:
        """Return a command; None where there is none of that name."""
        if name not in _COMMANDS:
            return None
        command: click.Command = getattr(import_module(f"geo.cli.{_COMMANDS[name]}"), name)
        return command

    def resolve_command(
        self, context: click.Context, typed: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that was typed; tell what may be meant where there is none."""
        try:
            return super().resolve_command(context, typed)
        except click.NoSuchCommand as error:
            raise click.NoSuchCommand(
                error.command_name, possibilities=list(_COMMANDS), ctx=context
            ) from error


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=example(
        "crossroads region build andorra.osm.pbf --name andorra",
        "crossroads near 42.5069,1.5218 --region andorra --minutes 30 --kind cafe",
    ),
)
@click.version_option(package_name="crossroads", message="crossroads %(version)s")
@click.option(
    _DEBUG, is_flag=True, expose_value=False, help="Show where in the code an error came from."
)
def crossroads() -> None:
    """Find where rural remote staff can work and meet, by real drive times.

    Build a region from an OpenStreetMap extract once, then ask it anything, offline.
    """


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    arguments = [
        _shield_negative_latitude(argument) for argument in (sys.argv[1:] if argv is None else argv)
    ]
    debug, arguments = _without_debug(arguments)
    try:
        code = _run(arguments)
        _flush(sys.stdout)
    except BrokenPipeError:
        # Whoever read our output has gone, as in "crossroads near ... | head": not an error.
        _discard(sys.stdout)
        code = 0
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - the last to see it
        if debug:
            traceback.print_exception(error)
        code = _failed(error, debug=debug)
    for stream in (sys.stdout, sys.stderr):
        try:
            _flush(stream)
        except OSError:
            # What cannot be written now would fail again while Python ends, with exit code 120.
            _discard(stream)
    return code


def _run(arguments: list[str]) -> int:
    try:
        # Not by crossroads.main(), which would end the process where a reader goes away.
        with crossroads.make_context("crossroads", arguments) as context:
            crossroads.invoke(context)
    except click.exceptions.Exit as done:
        return done.exit_code
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
    except click.UsageError as error:
        return _print_error(_usage(error), 2)
    except click.ClickException as error:
        return _print_error(error.format_message(), 2)
    return 0


def _without_debug(arguments: Sequence[str]) -> tuple[bool, list[str]]:
    """Return whether ``--debug`` stands among the options, wherever, and the arguments without it.

    It is taken out here because click takes what it has read from the list that it is given.
    """
    end = arguments.index("--") if "--" in arguments else len(arguments)
    kept = [argument for argument in arguments[:end] if argument != _DEBUG]
    return len(kept) < end, [*kept, *arguments[end:]]


def _flush(stream: TextIO | None) -> None:
    if stream:
        stream.flush()


def _discard(stream: TextIO) -> None:
    """Let what is left of a stream go nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _usage(error: click.UsageError) -> str:
    """Return what was typed wrong and where help is, in one line and in plain words."""
    wrong = error.format_message()
    for jargon, plain in _PLAIN.items():
        wrong = wrong.replace(jargon, plain)
    command = error.ctx.command_path if error.ctx else "crossroads"
    return f"{wrong[:1].lower()}{wrong[1:]} See '{command} --help'."


def _failed(error: BaseException, *, debug: bool) -> int:
    match error:
        case click.Abort() | KeyboardInterrupt():
            return _print_error("stopped.", 130)
        case BadTable():
            for problem in error.problems:
                _print_error(problem, 2)
            return 2
        case InputError():
            return _print_error(str(error), 2)
        case CrossroadsError():
            return _print_error(str(error), 1)
        case OSError(strerror=str() as reason):
            return _print_error(
                f"cannot go on: {reason}; look at the disk and at where output goes.", 1
            )
    advice = (
        "report it with what is shown above"
        if debug
        else "run it again as 'crossroads --debug ...' and report what that shows"
    )
    return _print_error(
        f"something went wrong inside Crossroads ({type(error).__name__}); {advice}.", 1
    )


def _print_error(message: str, code: int) -> int:
    with suppress(OSError):  # nobody can be told where stderr cannot be written
        print_message(f"crossroads: {message}")
    return code


def _shield_negative_latitude(argument: str) -> str:
    """Keep a position in the south, as ``-33.9,18.4``, from being taken for an option."""
    return f" {argument}" if _NEGATIVE_PAIR.match(argument) else argument
