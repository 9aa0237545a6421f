"""docs/cli.md lists every command and option, as click has them; WRITE_DOCS=1 writes it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import click

from geo.cli import crossroads

PAGE = Path(__file__).parents[2] / "docs" / "cli.md"
INTRODUCTION = """\
# Command line

Results go to stdout, messages to stderr. The exit code is 0 on success, 2 when something given
must be changed, 1 otherwise. `--debug` with any command shows where an error came from.

This page is generated from `geo/cli`: `WRITE_DOCS=1 pytest tests/docs/test_cli.py`.
"""


def _commands(command: click.Command, context: click.Context) -> Iterator[tuple[str, str]]:
    """Yield every command below a group with its help, in the order of their names."""
    if not isinstance(command, click.Group):
        yield context.command_path, command.get_help(context)
        return
    for name in sorted(command.list_commands(context)):
        found = command.get_command(context, name)
        assert found is not None
        inner = click.Context(found, context, name, max_content_width=100, terminal_width=100)
        yield from _commands(found, inner)


def _page() -> str:
    context = click.Context(
        crossroads, info_name="crossroads", terminal_width=100, **crossroads.context_settings
    )
    parts = [
        f"\n## {path}\n\n```text\n{text.rstrip()}\n```\n"
        for path, text in _commands(crossroads, context)
    ]
    return INTRODUCTION + "".join(parts)


def test_the_page_lists_every_command() -> None:
    if os.environ.get("WRITE_DOCS"):
        PAGE.write_text(_page(), "utf-8", newline="\n")
    assert PAGE.read_text("utf-8") == _page()


def test_commands_of_groups_and_shared_options_are_listed() -> None:
    page = _page()
    assert "## crossroads near\n" in page
    assert "## crossroads region build\n" in page
    assert "--no-ferries" in page.partition("## crossroads plan\n")[2].partition("\n## ")[0]
