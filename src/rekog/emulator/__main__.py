"""`python -m rekog.emulator`: serve an emulator over HTTP, or reset, save or bring back the state of one."""

from __future__ import annotations

import argparse
import json
import sys
import time
from contextlib import closing
from typing import TYPE_CHECKING, TypeVar

import httpx

from ..credentials import Credentials
from . import Durations, Emulator, Limits, ManualClock, StateError, TruthError
from .state import State, open_existing

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

T = TypeVar("T")

DEFAULT_URL = "http://127.0.0.1:8680"
_COMMANDS = ("reset", "snapshot", "restore")
_CLIENT_TIMEOUT_SECONDS = 300.0
_MOST_PORT = 65535
_INTERRUPTED = 130
"""The status by which shells know a program that Ctrl-C has ended."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what a command line says, and return the exit status."""
    words = sys.argv[1:] if arguments is None else list(arguments)
    try:
        if words and words[0] in _COMMANDS:
            return _change(_change_parser().parse_args(words))
        return _serve(_serve_parser().parse_args(words))
    except (ValueError, OSError, StateError, TruthError, ModuleNotFoundError) as error:
        print(f"rekog emulator: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return _INTERRUPTED


def _serve(options: argparse.Namespace) -> int:
    from .serving.server import run

    with _emulator(options) as emulator:
        for path in options.declare:
            emulator.declare_file(path)
        run(emulator.asgi(), options.host, options.port, _announce)
    return 0


def _announce(url: str) -> None:
    print(f"rekog emulator ready on {url}", flush=True)


def _emulator(options: argparse.Namespace) -> Emulator:
    return Emulator(
        region=options.region,
        account=options.account,
        data=options.data,
        s3_root=options.s3_root,
        s3_endpoint=options.s3_endpoint,
        s3_credentials=_credentials(options.s3_credentials),
        notify=options.notify,
        verify_signatures=dict(options.verify_signatures) or None,
        durations=options.durations,
        limits=options.limits,
        validation_code=options.validation_code,
        clock=ManualClock() if options.clock == "manual" else time.time,
    )


def _credentials(pair: tuple[str, str] | None) -> Credentials | None:
    return None if pair is None else Credentials(*pair)


def _change(options: argparse.Namespace) -> int:
    """Reset, save or bring back the state of a data folder or of a server that runs."""
    if options.data is not None:
        _change_folder(options)
        return 0
    try:
        return _change_server(options)
    except httpx.HTTPError as error:
        raise ConnectionError(f"{options.url} can't be reached: {error}") from error


def _change_folder(options: argparse.Namespace) -> None:
    """Change the state itself: an emulator would go on with jobs and messages, which are those of a server."""
    with closing(State(options.data) if options.command == "restore" else open_existing(options.data)) as state:
        if options.command == "reset":
            state.clear()
        elif options.command == "snapshot":
            state.snapshot(options.file)
        else:
            state.restore(options.file)


def _change_server(options: argparse.Namespace) -> int:
    with httpx.Client(base_url=f"{options.url}/_rekog", timeout=_CLIENT_TIMEOUT_SECONDS, trust_env=False) as client:
        if options.command == "reset":
            response = client.post("/reset")
        elif options.command == "snapshot":
            response = client.get("/snapshot")
        else:
            with open(options.file, "rb") as file:
                response = client.put("/snapshot", content=file.read())
    if response.status_code != 200:
        raise OSError(f"{options.url} answered {response.status_code}: {response.text}")
    if options.command == "snapshot":
        with open(options.file, "wb") as file:
            file.write(response.content)
    return 0


def _serve_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m rekog.emulator",
        description="Serve Amazon Rekognition on this machine, for any client that takes an endpoint URL.",
        epilog="`reset`, `snapshot FILE` and `restore FILE` change the state of one; each has --help.",
    )
    add = parser.add_argument
    add("--host", default="127.0.0.1", help="address to listen on (default: only this machine)")
    add("--port", type=_port, default=8680, help="port to listen on; 0 takes a free one (default: 8680)")
    add("--data", metavar="DIR", help="folder that keeps the state (default: in memory)")
    add("--s3-root", metavar="DIR", help="folder that S3 objects are read from, a subfolder for each bucket")
    add("--s3-endpoint", metavar="URL", help="S3 server that objects are read from")
    add("--s3-credentials", metavar="ACCESS:SECRET", type=_pair, help="credentials for the S3 server")
    add("--region", help="region of everything (default: the one that a request is signed for)")
    add("--account", default="123456789012", help="account of everything, 12 digits")
    add(
        "--declare", metavar="FILE", action="append", default=[], help="JSON or TOML file of declared truth; repeatable"
    )
    add("--clock", choices=("real", "manual"), default="real", help="manual: it moves by the control API alone")
    add(
        "--durations",
        metavar="SECONDS|JSON",
        type=_durations,
        default=Durations(),
        help="how long asynchronous steps take (default: 0)",
    )
    add("--limits", metavar="JSON", type=_limits, default=Limits(), help="such as '{\"concurrent_jobs\": 2}'")
    add(
        "--validation-code",
        choices=("InvalidParameterException", "ValidationException"),
        default="InvalidParameterException",
        help="name of the error for a broken constraint",
    )
    add("--notify", metavar="URL|FILE", help="where SNS messages go: an SNS server, or a file of JSON lines")
    add(
        "--verify-signatures",
        metavar="ACCESS:SECRET",
        type=_pair,
        action="append",
        default=[],
        help="answer only what is signed with this key; repeatable",
    )
    return parser


def _change_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m rekog.emulator")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, says in (
        ("reset", "forget everything; a folder must hold a state"),
        ("snapshot", "write the whole state into a file; a folder must hold a state"),
        ("restore", "put a snapshot in place of the state; a folder that holds none is made one that does"),
    ):
        command = commands.add_parser(name, help=says, description=says)
        if name != "reset":
            command.add_argument("file", metavar="FILE")
        whose = command.add_mutually_exclusive_group()
        whose.add_argument("--url", default=DEFAULT_URL, help=f"a server that runs (default: {DEFAULT_URL})")
        whose.add_argument("--data", metavar="DIR", help="a data folder, whether a server uses it or not")
    return parser


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > _MOST_PORT:
        raise argparse.ArgumentTypeError(f"must be a whole number from 0 to {_MOST_PORT}, not {text!r}")
    return int(text)


def _pair(text: str) -> tuple[str, str]:
    access, _, secret = text.partition(":")
    if not access or not secret:
        raise argparse.ArgumentTypeError("must be ACCESS:SECRET")  # without the text: it is a secret
    return access, secret


def _durations(text: str) -> Durations:
    return _said(Durations.of, text, "a number of seconds or JSON")


def _limits(text: str) -> Limits:
    return _said(Limits.of, text, "JSON")


def _said(read: Callable[[object], T], text: str, forms: str) -> T:
    try:
        return read(json.loads(text))
    except json.JSONDecodeError as error:
        raise argparse.ArgumentTypeError(f"must be {forms}, not {text!r}") from error
    except RecursionError as error:
        raise argparse.ArgumentTypeError(f"must be {forms}, and not nested so deeply") from error
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


if __name__ == "__main__":
    sys.exit(main())
