"""Help texts: options in sections, and a layout that a narrow terminal can show."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from click.types import OptionHelpExtra

WIDEST = 100
"""Columns of help on a wide terminal: longer lines are hard to read."""
_NARROW = 60
"""Columns below which a description begins on a line of its own."""
_NARROWEST = 20
_LAST = "Help"
_MANY = 20
"""Commands of a group from which an error does not list them all."""


class Formatter(click.HelpFormatter):
    """A formatter for terminals of any width; click's own assumes 50 columns."""

    def __init__(self, indent_increment: int = 2, width: int | None = None, max_width: int | None = None) -> None:
        columns = width or min(shutil.get_terminal_size().columns, max_width or WIDEST)
        super().__init__(indent_increment, max(columns, _NARROWEST) - 1)

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 28, col_spacing: int = 2) -> None:
        """Write terms with their descriptions: side by side, or below each other on a narrow terminal."""
        if self.width >= _NARROW:
            super().write_dl(rows, col_max, col_spacing)
            return
        for term, description in rows:
            self.write_text(term)
            self.indent()
            self.write_text(description)
            self.dedent()


class Context(click.Context):
    """A context whose help has our layout."""

    formatter_class: type[click.HelpFormatter] = Formatter


class SectionedOption(click.Option):
    """An option with the title of its section in the help."""

    def __init__(self, declarations: list[str], *, section: str = "Options", **settings: Any) -> None:
        super().__init__(declarations, **settings)
        self.section = section

    def get_help_extra(self, ctx: click.Context) -> OptionHelpExtra:
        """Return the notes after the help, without ranges such as `x>0`: the error of a wrong value has them."""
        extra = super().get_help_extra(ctx)
        extra.pop("range", None)
        return extra


class Command(click.Command):
    """A command whose help has sections, and an example at its end."""

    context_class: type[click.Context] = Context

    def __init__(self, name: str, *, example: str = "", **settings: Any) -> None:
        super().__init__(name, context_settings={"help_option_names": ["-h", "--help"]}, **settings)
        self._example = example

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, section by section."""
        write_options(self, ctx, formatter)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the example, on one line, so that it can be copied."""
        if self._example:
            formatter.write(f"\nExample:\n  {self._example}\n")


class Group(click.Group):
    """A group that lists its commands in the order of their definition."""

    context_class: type[click.Context] = Context

    def __init__(self, name: str, **settings: Any) -> None:
        super().__init__(name, context_settings={"help_option_names": ["-h", "--help"]}, **settings)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands."""
        return list(self.commands)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that the first word names; the error for an unknown one names others."""
        name = args[0]
        if self.get_command(ctx, name) is None and not (ctx.resilient_parsing or name.startswith("-")):
            names = self.list_commands(ctx)
            near = get_close_matches(name, names, n=2, cutoff=0.75)
            listed = (
                f"there are {', '.join(names)}" if len(names) < _MANY else f"{ctx.find_root().info_name} -h lists all"
            )
            hint = f"did you mean {' or '.join(near)}?" if near else listed
            raise click.UsageError(f"there is no command {name!r}: {hint}", ctx)
        return super().resolve_command(ctx, args)


def write_options(command: click.Command, ctx: click.Context, formatter: click.HelpFormatter) -> None:
    """Write the options of a command, each section below its title, and `--help` last."""
    sections: dict[str, list[tuple[str, str]]] = {}
    for param in command.get_params(ctx):
        record = param.get_help_record(ctx)
        if record is not None and isinstance(param, click.Option):
            sections.setdefault(getattr(param, "section", _LAST), []).append(record)
    last = sections.pop(_LAST, [])
    for title, records in [*sections.items(), (_LAST, last)]:
        with formatter.section(title):
            formatter.write_dl(records)
