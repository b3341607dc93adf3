"""`python -m rekog.emulator`: serve an emulator over HTTP, or reset, save, restore or check one that runs."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING

from .launch import commands
from .launch.options import EPILOG, OPTIONS, Option, OptionError, server_options
from .state import StateError
from .truth.errors import TruthError

if TYPE_CHECKING:
    from collections.abc import Sequence

_PROGRAM = "python -m rekog.emulator"
_SERVE = "serve"
_FILE_COMMANDS = ("snapshot", "restore")
_COMMANDS = ("reset", *_FILE_COMMANDS, "health")
_INTERRUPTED = 130
"""Exit status of a program that Ctrl-C has ended, as shells expect it."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line, and return the exit status."""
    words = sys.argv[1:] if arguments is None else list(arguments)
    try:
        if words and words[0] in _COMMANDS:
            return _run(_command_parser().parse_args(words))
        return _serve(words[1:] if words[:1] == [_SERVE] else words)
    except (ValueError, OSError, StateError, TruthError, ModuleNotFoundError) as error:
        print(f"rekog emulator: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return _INTERRUPTED


def _serve(words: Sequence[str]) -> int:
    from .launch.start import serve

    parser = _serve_parser()
    given = vars(parser.parse_args(words))
    try:
        options = server_options({name: each for name, each in given.items() if each}, os.environ)
    except OptionError as error:
        parser.error(str(error))
    return serve(options)


def _run(options: argparse.Namespace) -> int:
    data = None if options.command == "health" else options.data
    target = commands.target_of(options.url, data, os.environ)
    match options.command:
        case "reset":
            commands.reset(target)
        case "snapshot":
            commands.snapshot(target, options.file)
        case "restore":
            commands.restore(target, options.file)
        case _:
            print(commands.health(target))
    return 0


def _serve_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=_PROGRAM,
        description=_sentence(_SERVE),
        epilog=f"{EPILOG} Further commands: `reset`, `snapshot FILE`, `restore FILE`, `health`; each has --help.",
    )
    for option in OPTIONS:
        _add(parser, option)
    return parser


def _add(parser: argparse.ArgumentParser, option: Option) -> None:
    """Add an option. Its words are checked afterwards, with those of the environment."""
    parser.add_argument(
        option.flag,
        action="append",
        metavar=option.metavar,
        nargs=None if option.bare is None else "?",
        const=option.bare,
        help=option.help.replace("%", "%%"),
    )


def _command_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=_PROGRAM)
    added = parser.add_subparsers(dest="command", required=True)
    for name in _COMMANDS:
        command = added.add_parser(name, help=commands.HELP[name], description=_sentence(name))
        if name in _FILE_COMMANDS:
            command.add_argument("file", metavar="FILE")
        target = command.add_mutually_exclusive_group()
        target.add_argument("--url", help=commands.URL_HELP)
        if name != "health":
            target.add_argument("--data", metavar="DIR", help=commands.DATA_HELP)
    return parser


def _sentence(command: str) -> str:
    text = commands.HELP[command]
    return f"{text[0].upper()}{text[1:]}."


if __name__ == "__main__":
    sys.exit(main())
