"""The command `rekog completion`: the script with which a shell completes commands, options and values."""

from __future__ import annotations

import shutil
from contextlib import redirect_stderr
from io import StringIO

import click
from click.shell_completion import get_completion_class

from .help import Command
from .program import COMPLETION_VARIABLE, NAME, program

_SHELLS = ("bash", "zsh", "fish")
_HELP = """Print the completion script of a shell.

\b
  bash   eval "$(rekog completion bash)"          in ~/.bashrc
  zsh    eval "$(rekog completion zsh)"           in ~/.zshrc, after compinit
  fish   rekog completion fish | source           in ~/.config/fish/config.fish"""


def command() -> click.Command:
    """Return the command."""
    return Command(
        "completion", callback=_print, params=[click.Argument(["shell"], type=click.Choice(_SHELLS))], help=_HELP
    )


def _print(shell: str) -> None:
    kind = get_completion_class(shell)
    assert kind is not None, shell
    complete = kind(program(), {}, NAME, COMPLETION_VARIABLE)
    if shell == "bash" and shutil.which("bash") is None:  # click asks bash for its version
        script = complete.source_template % complete.source_vars()
    else:
        with redirect_stderr(StringIO()):
            script = complete.source()
    print(script)
