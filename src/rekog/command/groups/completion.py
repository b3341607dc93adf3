"""The command `rekog completion`: the script with which a shell completes commands, options and values."""

from __future__ import annotations

import click

from ..help import Command
from ..program import COMPLETION_VARIABLE, NAME, program
from ..shells import SHELLS

_HELP = """Print the completion script of a shell.

\b
  bash   eval "$(rekog completion bash)"          in ~/.bashrc
  zsh    eval "$(rekog completion zsh)"           in ~/.zshrc, after compinit
  fish   rekog completion fish | source           in ~/.config/fish/config.fish"""


def command() -> click.Command:
    """Return the command."""
    return Command(
        "completion",
        callback=_print,
        params=[click.Argument(["shell"], type=click.Choice(tuple(SHELLS)), metavar="SHELL")],
        help=_HELP,
    )


def _print(shell: str) -> None:
    complete = SHELLS[shell](program(), {}, NAME, COMPLETION_VARIABLE)
    print(complete.source_template % complete.source_vars())  # its `source` would ask bash for its version
