"""`python -m rekog.emulator`: serve an emulator over HTTP, or reset, save or restore the state of one."""

from __future__ import annotations

import argparse
import json
import logging
import sys
from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import httpx

from .._values.clocks import real_time
from ..credentials import Credentials
from . import Durations, Emulator, Limits, ManualClock, StateError, TruthError
from .serving.access import is_host_name
from .serving.request_log import REQUEST_LOGGER
from .state import State, open_existing
from .vision import SWITCHES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

T = TypeVar("T")

DEFAULT_URL = "http://127.0.0.1:8680"
_CLIENT_TIMEOUT_SECONDS = 300.0
_MAX_PORT = 65535
_INTERRUPTED = 130
"""Exit status of a program that Ctrl-C has ended, as shells expect it."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line, and return the exit status."""
    words = sys.argv[1:] if arguments is None else list(arguments)
    try:
        if words and words[0] in _COMMANDS:
            return _run(_COMMANDS[words[0]], _command_parser().parse_args(words))
        return _serve(_serve_parser().parse_args(words))
    except (ValueError, OSError, StateError, TruthError, ModuleNotFoundError) as error:
        print(f"rekog emulator: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return _INTERRUPTED


def _serve(options: argparse.Namespace) -> int:
    from .serving.server import leave, run

    _set_up_log(options)
    with _emulator(options) as emulator:
        for path in options.declare:
            emulator.declare_file(path)
        for folder in options.celebrities:
            for file, reason in emulator.add_celebrities(folder).rejected.items():
                print(f"rekog emulator: {folder}: {file}: {reason}", file=sys.stderr)
        name = [options.host] if is_host_name(options.host) else []
        app = emulator.asgi(cors=options.cors, allow_hosts=[*name, *options.allow_host])
        run(app, options.host, options.port, _announce)
    leave()
    return 0


def _set_up_log(options: argparse.Namespace) -> None:
    """Write the log to the standard error: of other packages their warnings, of rekog the chosen level."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    if options.log_level is not None:
        logging.getLogger("rekog").setLevel(options.log_level.upper())
    if options.log:
        logging.getLogger(REQUEST_LOGGER).setLevel(logging.INFO)


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
        vision=options.vision,
        clock=ManualClock() if options.clock == "manual" else real_time,
    )


def _credentials(pair: tuple[str, str] | None) -> Credentials | None:
    return None if pair is None else Credentials(*pair)


class Command(NamedTuple):
    """A command that saves or changes the state of a data folder or of a running server.

    `arguments` are its positional arguments. `on_folder` and `on_server` do the work; the client of `on_server` has the
    control API as its base URL.
    """

    help: str
    arguments: tuple[str, ...]
    on_folder: Callable[[argparse.Namespace], None]
    on_server: Callable[[httpx.Client, argparse.Namespace], None]


def _run(command: Command, options: argparse.Namespace) -> int:
    if options.data is not None:
        command.on_folder(options)
        return 0
    try:
        with httpx.Client(base_url=f"{options.url}/_rekog", timeout=_CLIENT_TIMEOUT_SECONDS, trust_env=False) as client:
            command.on_server(client, options)
    except httpx.HTTPError as error:
        raise ConnectionError(f"{options.url} can't be reached: {error}") from error
    return 0


# Commands on a folder use the state alone: an emulator would also process the jobs and messages of a server.


def _reset_folder(options: argparse.Namespace) -> None:
    with closing(open_existing(options.data)) as state:
        state.clear()
        while state.delete_part():  # else the next emulator deletes the rest
            pass


def _snapshot_folder(options: argparse.Namespace) -> None:
    with closing(open_existing(options.data)) as state:
        state.snapshot(options.file)


def _restore_folder(options: argparse.Namespace) -> None:
    with closing(State(options.data)) as state:
        state.restore(options.file)


def _reset_server(client: httpx.Client, options: argparse.Namespace) -> None:
    _content(client.post("/reset"), options)


def _snapshot_server(client: httpx.Client, options: argparse.Namespace) -> None:
    content = _content(client.get("/snapshot"), options)
    with open(options.file, "wb") as file:
        file.write(content)


def _restore_server(client: httpx.Client, options: argparse.Namespace) -> None:
    with open(options.file, "rb") as file:
        _content(client.put("/snapshot", content=file.read()), options)


def _content(response: httpx.Response, options: argparse.Namespace) -> bytes:
    if response.status_code != 200:
        raise OSError(f"{options.url} returned status {response.status_code}: {response.text}")
    return response.content


_COMMANDS: Mapping[str, Command] = {
    "reset": Command("delete all state; a folder must contain a state", (), _reset_folder, _reset_server),
    "snapshot": Command(
        "write the whole state into FILE; a folder must contain a state", ("file",), _snapshot_folder, _snapshot_server
    ),
    "restore": Command(
        "replace the state by the snapshot FILE; a folder without a state gets one",
        ("file",),
        _restore_folder,
        _restore_server,
    ),
}


def _serve_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m rekog.emulator",
        description="Serve Amazon Rekognition on this machine, for any client with a configurable endpoint URL.",
        epilog=f"Commands on the state of a server or a folder: {_usages()}; each has --help.",
    )
    add = parser.add_argument
    add("--host", default="127.0.0.1", help="address to listen on (default: only this machine)")
    add("--port", type=_port, default=8680, help="port to listen on; 0: a free one (default: 8680)")
    add("--data", metavar="DIR", help="folder for the state (default: in memory)")
    add("--s3-root", metavar="DIR", help="folder with S3 objects as files, one subfolder per bucket")
    add("--s3-endpoint", metavar="URL", help="S3 server with the objects")
    add("--s3-credentials", metavar="ACCESS:SECRET", type=_pair, help="credentials for the S3 server")
    add("--region", help="region of all resources (default: the region of a request's signature)")
    add("--account", default="123456789012", help="account of all resources, 12 digits (default: 123456789012)")
    declared = "JSON or TOML file of declared content; repeatable"
    add("--declare", metavar="FILE", action="append", default=[], help=declared)
    celebrities = "folder with images of celebrities, one subfolder for each name; repeatable"
    add("--celebrities", metavar="DIR", action="append", default=[], help=celebrities)
    add("--clock", choices=("real", "manual"), default="real", help="manual: only the control API advances it")
    add(
        "--durations",
        metavar="SECONDS|JSON",
        type=_durations,
        default=Durations(),
        help="durations of asynchronous steps (default: 0)",
    )
    limits = "limits of the account, such as '{\"concurrent_jobs\": 2}'"
    add("--limits", metavar="JSON", type=_limits, default=Limits(), help=limits)
    add(
        "--validation-code",
        choices=("ValidationException", "InvalidParameterException"),
        default="ValidationException",
        help="name of the error for a broken constraint",
    )
    networks = "off: all content but faces is declared, or refused (default: on)"
    add("--vision", choices=SWITCHES, default="on", help=networks)
    add("--notify", metavar="URL|FILE", help="destination of SNS messages: an SNS server, or a file of JSON lines")
    add(
        "--verify-signatures",
        metavar="ACCESS:SECRET",
        type=_pair,
        action="append",
        default=[],
        help="accept only requests signed with this key; repeatable",
    )
    cors = "origin of web pages that may call the service, beside those of this machine; repeatable"
    add("--cors", metavar="ORIGIN", action="append", default=[], help=cors)
    names = "name by which clients may address a server on a loopback address; repeatable"
    add("--allow-host", metavar="NAME", action="append", default=[], help=names)
    add("--log", action="store_true", help="log a line for each request")
    add("--log-level", choices=("debug", "info", "warning", "error"), help="level of the log (default: warning)")
    return parser


def _usages() -> str:
    """Return the commands with their arguments, as `reset`, `snapshot FILE` ..."""
    words = ([name, *map(str.upper, command.arguments)] for name, command in _COMMANDS.items())
    return ", ".join(f"`{' '.join(each)}`" for each in words)


def _command_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m rekog.emulator")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, command in _COMMANDS.items():
        added = commands.add_parser(name, help=command.help, description=command.help)
        for argument in command.arguments:
            added.add_argument(argument, metavar=argument.upper())
        target = added.add_mutually_exclusive_group()
        target.add_argument("--url", default=DEFAULT_URL, help=f"a running server (default: {DEFAULT_URL})")
        target.add_argument("--data", metavar="DIR", help="a data folder, which a server may be using")
    return parser


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > _MAX_PORT:
        raise argparse.ArgumentTypeError(f"must be a whole number from 0 to {_MAX_PORT}, not {text!r}")
    return int(text)


def _pair(text: str) -> tuple[str, str]:
    access, _, secret = text.partition(":")
    if not access or not secret:
        raise argparse.ArgumentTypeError("must be ACCESS:SECRET")  # without the text, which has a secret
    return access, secret


def _durations(text: str) -> Durations:
    return _from_json(Durations.of, text, "a number of seconds or JSON")


def _limits(text: str) -> Limits:
    return _from_json(Limits.of, text, "JSON")


def _from_json(convert: Callable[[object], T], text: str, forms: str) -> T:
    try:
        return convert(json.loads(text))
    except json.JSONDecodeError as error:
        raise argparse.ArgumentTypeError(f"must be {forms}, not {text!r}") from error
    except RecursionError as error:
        raise argparse.ArgumentTypeError(f"must be {forms}, and not nested so deeply") from error
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


if __name__ == "__main__":
    sys.exit(main())
