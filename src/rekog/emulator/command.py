"""The commands `rekog emulator ...`: serve an emulator, and act on a running one. They need the extra `cli`."""

from __future__ import annotations

import json
import os
import sys
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar, cast

from .launch import commands
from .launch.options import EPILOG, OPTIONS, OptionError, server_options
from .state import StateError
from .truth.errors import TruthError

try:
    import click
except ModuleNotFoundError as _missing:
    raise ModuleNotFoundError(
        f"the command needs {_missing.name}, which is not installed: pip install '.[cli]' in a clone of rekog",
        name=_missing.name,
    ) from _missing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

T = TypeVar("T")

_POLL_SECONDS = 1.0
_LAST = 1000
"""Number of calls that each poll asks for."""
_COLUMNS = ("time", "operation", "status", "error", "region", "request_id")


class _Command(click.Command):
    """A command whose errors are one line each, with the exit status 1, or 2 for an invalid option."""

    def invoke(self, ctx: click.Context) -> Any:  # click's own signature
        try:
            return super().invoke(ctx)
        except OptionError as error:
            raise click.UsageError(str(error), ctx) from error
        except BrokenPipeError:  # the reader of the output has gone, which the program reports in its own way
            raise
        except (ValueError, OSError, StateError, TruthError, ModuleNotFoundError) as error:
            raise click.ClickException(str(error)) from error


@click.group("emulator", help="Serve an emulator of Amazon Rekognition, and act on a running one.")
def group() -> None:
    """Hold the commands of the emulator."""


def _server_options(function: Callable[..., T]) -> Callable[..., T]:
    """Add the options of the server to a command. Their words are checked afterwards, with the environment's."""
    for option in reversed(OPTIONS):
        bare: Mapping[str, Any] = {} if option.bare is None else {"is_flag": False, "flag_value": option.bare}
        add = click.option(
            option.flag, option.name, metavar=option.metavar, multiple=option.repeatable, help=option.help, **bare
        )
        function = add(function)
    return function


def _target(*, folders: bool) -> Callable[[Callable[..., T]], Callable[..., T]]:
    """Return a decorator that adds the options of a command's object."""

    def decorate(function: Callable[..., T]) -> Callable[..., T]:
        if folders:
            function = click.option("--data", metavar="DIR", help=commands.DATA_HELP)(function)
        return click.option("--url", metavar="URL", help=commands.URL_HELP)(function)

    return decorate


def _help(name: str) -> str:
    text = commands.HELP[name]
    return f"{text[0].upper()}{text[1:]}."


@group.command("serve", cls=_Command, help=_help("serve"), short_help=commands.HELP["serve"], epilog=EPILOG)
@_server_options
@click.pass_context
def serve_command(context: click.Context, /, **given: str | tuple[str, ...] | None) -> None:
    """Serve until a signal."""
    from .launch.start import serve

    words: dict[str, Sequence[str]] = {}
    for name, each in given.items():
        if each:
            words[name] = [each] if isinstance(each, str) else each
        elif each == "":  # given as an empty word, which is the option's own mistake
            words[name] = [""]
    context.exit(serve(server_options(words, os.environ)))


@group.command("reset", cls=_Command, help=_help("reset"), short_help=commands.HELP["reset"])
@_target(folders=True)
def reset_command(url: str | None, data: str | None) -> None:
    """Delete all state."""
    commands.reset(_one(url, data))


@group.command("snapshot", cls=_Command, help=_help("snapshot"), short_help=commands.HELP["snapshot"])
@click.argument("file")
@_target(folders=True)
def snapshot_command(file: str, url: str | None, data: str | None) -> None:
    """Write the state into a file."""
    commands.snapshot(_one(url, data), file)


@group.command("restore", cls=_Command, help=_help("restore"), short_help=commands.HELP["restore"])
@click.argument("file")
@_target(folders=True)
def restore_command(file: str, url: str | None, data: str | None) -> None:
    """Replace the state by a snapshot."""
    commands.restore(_one(url, data), file)


@group.command("health", cls=_Command, help=_help("health"), short_help=commands.HELP["health"])
@_target(folders=False)
def health_command(url: str | None) -> None:
    """Print a line about a running server."""
    click.echo(commands.health(commands.target_of(url, None, os.environ)))


@group.command("calls", cls=_Command, help=_help("calls"), short_help=commands.HELP["calls"])
@click.option("--operation", metavar="NAME", help="only the calls of one operation: DetectFaces or detect_faces")
@click.option("--json", "as_json", is_flag=True, help="a JSON object for each call, with its request")
@click.option("--follow", is_flag=True, help="wait for further calls, until Ctrl-C")
@click.option("--clear", is_flag=True, help="delete the recorded calls afterwards")
@_target(folders=False)
def calls_command(operation: str | None, *, as_json: bool, follow: bool, clear: bool, url: str | None) -> None:
    """Print the recorded calls, the oldest first."""
    target = commands.target_of(url, None, os.environ)
    if follow and clear:
        raise click.UsageError("--follow and --clear exclude one another")
    found = commands.calls(target, operation)
    if as_json or follow or not _is_terminal():
        _print_lines(found, as_json=as_json)
    else:
        _print_table(found)
    seen = {call["request_id"] for call in found}
    while follow:
        time.sleep(_POLL_SECONDS)
        found = commands.calls(target, operation, _LAST)
        _print_lines([call for call in found if call["request_id"] not in seen], as_json=as_json)
        seen = {call["request_id"] for call in found}
    if clear:
        commands.clear_calls(target)


def _one(url: str | None, data: str | None) -> commands.Target:
    if url is not None and data is not None:
        raise click.UsageError("--url and --data exclude one another")
    return commands.target_of(url, data, os.environ)


def _is_terminal() -> bool:
    return sys.stdout.isatty()


def _print_lines(found: Sequence[Mapping[str, object]], *, as_json: bool) -> None:
    for call in found:
        click.echo(json.dumps(call) if as_json else " ".join(filter(None, _cells(call))))


def _print_table(found: Sequence[Mapping[str, object]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(*_COLUMNS[:-1], box=None, pad_edge=False)  # without the long request id
    for call in found:
        style = "" if call["status"] == 200 else "red"
        moment, *cells, _ = _cells(call)
        table.add_row(*(Text(cell, style) for cell in [moment[11:23], *cells]))
    Console().print(table)


def _cells(call: Mapping[str, object]) -> list[str]:
    """Return the texts of a call's columns."""
    moment = datetime.fromtimestamp(cast("float", call["time"]), UTC)  # cast: the control API's own response
    texts = {"time": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")}
    if call["status"] is None:
        texts["status"] = "no response"
    return [texts.get(name, str(call.get(name) or "")) for name in _COLUMNS]
