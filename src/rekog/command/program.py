"""The program: the commands by name, each made when it is needed, and the end of a run."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, TextIO

import click

from .. import __version__
from .failures import WRONG_USAGE, end_output, note, open_missing_streams, report
from .help import Group, write_options
from .settings import root_values, shared_options

NAME = "rekog"
COMPLETION_VARIABLE = "_REKOG_COMPLETE"

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

GROUPS = {
    "people": ("people", "Enroll, identify, list and remove the people of a face collection."),
    "job": ("jobs", "Start jobs, wait for them, and read their results."),
    "bulk": ("bulk", "Run an operation over all images of a folder."),
    "emulator": ("emulator", "Serve an emulator, and change its state."),
    "completion": ("completion", "Print the completion script of a shell."),
}
"""Name of a command that is no operation to the module of `groups` that makes it, and to its summary."""

_MORE = """Options of the service and of the output may be given before a command or after it. Images are paths,
- for the standard input, or s3://BUCKET/KEY."""


class Commands(Group):
    """The commands of `rekog`. An operation becomes a command when it is called, so that the others cost nothing."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands: for completion."""
        return [*GROUPS, *operation_names()]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command by its name; an operation also by the name of its method, with underscores."""
        if cmd_name in GROUPS:
            make: Callable[[], click.Command] = import_module(f"{__package__}.groups.{GROUPS[cmd_name][0]}").command
            return make()
        name = cmd_name.replace("_", "-")
        if name not in operation_names():
            return None
        from .operations import operation_command

        return operation_command(name)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete a command or an option; no command is made for that."""
        from click.shell_completion import CompletionItem

        from .parameters import description_of

        texts = {name: summary for name, (_, summary) in GROUPS.items()}
        texts |= {name: description_of(method).summary for name, method in operation_names().items()}
        found = [CompletionItem(name, help=text) for name, text in texts.items() if name.startswith(incomplete)]
        return [*found, *click.Command.shell_complete(self, ctx, incomplete)]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write all commands with their summaries, the operations by family."""
        from .operations import summaries

        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in GROUPS.items()])
        for family, rows in summaries().items():
            with formatter.section(family):
                formatter.write_dl(rows)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands, and below them the options."""
        self.format_commands(ctx, formatter)
        write_options(self, ctx, formatter)


def operation_names() -> Mapping[str, str]:
    """Return the operations: the name of each command to the name of its method."""
    from .._generated.operations import METHODS

    return {name.replace("_", "-"): name for name in METHODS}


@click.pass_context
def _keep(ctx: click.Context, /, **values: object) -> None:
    ctx.obj = root_values(ctx, values)


def program() -> Commands:
    """Return the root command."""
    summary = "Analyse images and videos with Amazon Rekognition, or with the emulator in rekog."
    return Commands(
        NAME,
        callback=_keep,
        params=[*shared_options(), _version()],
        help=f"{summary}\n\n{_MORE}",
        no_args_is_help=True,
    )


def _version() -> click.Option:
    def show(ctx: click.Context, _: click.Parameter, value: bool) -> None:  # noqa: FBT001 (click's call)
        if value:
            print(f"{NAME} {__version__}")
            ctx.exit()

    return click.Option(
        ["--version"], is_flag=True, expose_value=False, is_eager=True, callback=show, help="Show the version."
    )


def run(arguments: Sequence[str]) -> int:
    """Run a command line and return the exit status; every expected error is one line on the standard error."""
    words = list(arguments)
    open_missing_streams()
    for stream in (sys.stdout, sys.stderr):
        reconfigure: Callable[..., None] | None = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")  # a Windows code page lacks most letters
    if instruction := os.environ.get(COMPLETION_VARIABLE):
        return _complete(instruction)
    try:
        with warnings.catch_warnings():
            warnings.showwarning = _show_warning
            warnings.simplefilter("default")
            for kind in (DeprecationWarning, PendingDeprecationWarning, ResourceWarning):
                warnings.simplefilter("ignore", kind)  # of other packages
            warnings.filterwarnings("default", category=DeprecationWarning, module=r"rekog\.command")
            status = _invoke(list(words))  # click takes the words out of the list
        sys.stdout.flush()
    except (Exception, KeyboardInterrupt) as error:
        is_verbose = _is_verbose(words)
        lost = end_output()
        status = report(error, is_verbose=is_verbose)
        if lost is not None and not (isinstance(error, OSError) and error.errno == lost.errno):
            status = report(lost, is_verbose=is_verbose)  # an error beside that of the command
    return status


def _complete(instruction: str) -> int:
    """Answer a shell; any failure is silent, because its text would appear in the line that is being typed."""
    from .shells import SHELLS

    try:
        shell = SHELLS[instruction.partition("_")[0]](program(), {}, NAME, COMPLETION_VARIABLE)
        click.echo(shell.complete().encode())  # bytes: Windows would write CRLF
    except Exception:
        return 1
    return 0


def _is_verbose(words: Sequence[str]) -> bool:
    """Tell whether a command line asks for details; click may not have parsed it."""
    asked = os.environ.get("REKOG_VERBOSE", "").lower() not in ("", "0", "false", "no", "off", "f", "n")
    return asked or not {"-v", "--verbose"}.isdisjoint(words)


def _invoke(words: list[str]) -> int:
    try:
        root = program()
        with root.make_context(NAME, words) as context:
            root.invoke(context)
    except click.exceptions.NoArgsIsHelpError as error:
        print(error.format_message())
        return WRONG_USAGE if words else 0
    except click.exceptions.Exit as end:
        return end.exit_code
    return 0


def _show_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    note(f"warning: {message}")
