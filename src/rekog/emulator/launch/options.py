"""Options of the server: one definition for `python -m rekog.emulator`, `rekog emulator serve` and the environment.

A parser of command lines passes on the words of each option unchanged. This module takes missing ones from the
environment, converts all, and names the option or the variable with an invalid value.
"""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeVar

import attrs

from ...credentials import Credentials
from ..settings import Durations, Limits
from ..vision import SWITCHES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ..front.constraints import ValidationCode

T = TypeVar("T")

VARIABLE_PREFIX = "REKOG_EMULATOR_"
EPILOG = (
    f"The environment may have each option, too: {VARIABLE_PREFIX}S3_ROOT has the value for --s3-root unless the"
    " command line has one. Values of a repeatable option have spaces between them; quotes keep a value with spaces"
    " together."
)
_MAX_PORT = 65535
_KEY = "option"


class OptionError(ValueError):
    """An option of a command line, or a variable of the environment, has an invalid value."""


class Option(NamedTuple):
    """An option of the server. `bare` is the value of an option without a word; None: the word is required."""

    name: str
    help: str
    metavar: str
    convert: Callable[[str], object]
    choices: tuple[str, ...]
    repeatable: bool
    bare: str | None

    @property
    def flag(self) -> str:
        """The option on a command line, such as `--s3-root`."""
        return f"--{self.name.replace('_', '-')}"

    @property
    def variable(self) -> str:
        """The variable of the environment, such as `REKOG_EMULATOR_S3_ROOT`."""
        return VARIABLE_PREFIX + self.name.upper()


class Put(NamedTuple):
    """An S3 object to store at the start: bucket, key, and the path of the file with its content."""

    bucket: str
    key: str
    file: str


class Folder(NamedTuple):
    """A collection to fill at the start: its id, and the path of the folder with its images."""

    collection_id: str
    path: str


def _option(
    help_text: str,
    metavar: str = "",
    *,
    convert: Callable[[str], object] = str,
    choices: tuple[str, ...] = (),
    repeatable: bool = False,
    bare: str | None = None,
) -> Mapping[str, Option]:
    """Return the metadata of a field. The field's name completes it in `OPTIONS`."""
    return {_KEY: Option("", help_text, metavar or "|".join(choices), convert, choices, repeatable, bare)}


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > _MAX_PORT:
        raise ValueError(f"must be a whole number from 0 to {_MAX_PORT}, not {text!r}")
    return int(text)


def _pair(text: str) -> tuple[str, str]:
    access, _, secret = text.partition(":")
    if not access or not secret:
        raise ValueError("must be ACCESS:SECRET")  # without the text, which has a secret
    return access, secret


def _credentials(text: str) -> Credentials:
    return Credentials(*_pair(text))


def _put(text: str) -> Put:
    name, _, file = text.rpartition("=")  # the last one: names of objects such as `year=2026/a.jpg` are frequent
    bucket, _, key = name.removeprefix("s3://").partition("/")
    if not (name.startswith("s3://") and bucket and key and file):
        raise ValueError(f"must be s3://BUCKET/KEY=FILE, not {text!r}")
    return Put(bucket, key, file)


def _folder(text: str) -> Folder:
    collection_id, _, path = text.partition("=")
    if not collection_id or not path:
        raise ValueError(f"must be COLLECTION=DIR, not {text!r}")
    return Folder(collection_id, path)


def _durations(text: str) -> Durations:
    return _from_json(Durations.of, text, "a number of seconds or JSON")


def _limits(text: str) -> Limits:
    return _from_json(Limits.of, text, "JSON")


def _from_json(convert: Callable[[object], T], text: str, forms: str) -> T:
    try:
        document: object = json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"must be {forms}, not {text!r}") from error
    except RecursionError as error:
        raise ValueError(f"must be {forms}, and not nested so deeply") from error
    return convert(document)


@attrs.frozen(kw_only=True)
class ServerOptions:
    """The options of a server, converted. The order is that of the help."""

    host: str = attrs.field(
        default="127.0.0.1", metadata=_option("address to listen on (default: 127.0.0.1, only this machine)")
    )
    port: int = attrs.field(
        default=8680, metadata=_option("port to listen on; 0: a free one (default: 8680)", convert=_port)
    )
    data: str | None = attrs.field(default=None, metadata=_option("folder for the state (default: in memory)", "DIR"))
    s3_root: str | None = attrs.field(
        default=None, metadata=_option("folder with S3 objects as files, one subfolder per bucket", "DIR")
    )
    s3_endpoint: str | None = attrs.field(default=None, metadata=_option("S3 server with the objects", "URL"))
    s3_credentials: Credentials | None = attrs.field(
        default=None, metadata=_option("credentials for the S3 server", "ACCESS:SECRET", convert=_credentials)
    )
    region: str | None = attrs.field(
        default=None, metadata=_option("region of all resources (default: the region of a request's signature)")
    )
    account: str = attrs.field(
        default="123456789012",
        metadata=_option("account of all resources, 12 digits (default: 123456789012)", "DIGITS"),
    )
    declare: tuple[str, ...] = attrs.field(
        default=(), metadata=_option("JSON or TOML file of declared content; repeatable", "FILE", repeatable=True)
    )
    put: tuple[Put, ...] = attrs.field(
        default=(),
        metadata=_option(
            "S3 object to store at the start; repeatable", "s3://BUCKET/KEY=FILE", convert=_put, repeatable=True
        ),
    )
    collection: tuple[Folder, ...] = attrs.field(
        default=(),
        metadata=_option(
            "collection, created if there is none, and folder of images whose faces are indexed at the start;"
            " repeatable",
            "COLLECTION=DIR",
            convert=_folder,
            repeatable=True,
        ),
    )
    celebrities: tuple[str, ...] = attrs.field(
        default=(),
        metadata=_option(
            "folder with images of celebrities, one subfolder for each name; repeatable", "DIR", repeatable=True
        ),
    )
    clock: str = attrs.field(
        default="real", metadata=_option("manual: only the control API advances it", choices=("real", "manual"))
    )
    durations: Durations = attrs.field(
        default=Durations(),
        metadata=_option("durations of asynchronous steps (default: 0)", "SECONDS|JSON", convert=_durations),
    )
    limits: Limits = attrs.field(
        default=Limits(),
        metadata=_option("limits of the account, such as '{\"concurrent_jobs\": 2}'", "JSON", convert=_limits),
    )
    validation_code: ValidationCode = attrs.field(
        default="ValidationException",
        metadata=_option(
            "name of the error for a broken constraint", choices=("ValidationException", "InvalidParameterException")
        ),
    )
    vision: Literal["on", "off"] = attrs.field(
        default="on",
        metadata=_option("off: all content but faces is declared, or refused (default: on)", choices=SWITCHES),
    )
    notify: str | None = attrs.field(
        default=None,
        metadata=_option("destination of SNS messages: an SNS server, or a file of JSON lines", "URL|FILE"),
    )
    verify_signatures: tuple[tuple[str, str], ...] = attrs.field(
        default=(),
        repr=False,
        metadata=_option(
            "accept only requests signed with this key; repeatable", "ACCESS:SECRET", convert=_pair, repeatable=True
        ),
    )
    cors: tuple[str, ...] = attrs.field(
        default=(),
        metadata=_option(
            "origin of web pages that may call the service, beside those of this machine; repeatable",
            "ORIGIN",
            repeatable=True,
        ),
    )
    allow_host: tuple[str, ...] = attrs.field(
        default=(),
        metadata=_option(
            "name by which clients may address a server on a loopback address; repeatable", "NAME", repeatable=True
        ),
    )
    log: str | None = attrs.field(
        default=None,
        metadata=_option(
            "log a line for each request, as text (also --log alone) or as JSON, or off (default: as --log-level says)",
            choices=("text", "json", "off"),
            bare="text",
        ),
    )
    log_level: str | None = attrs.field(
        default=None,
        metadata=_option("level of the log (default: warning)", choices=("debug", "info", "warning", "error")),
    )


OPTIONS: Sequence[Option] = [
    field.metadata[_KEY]._replace(name=field.name, metavar=field.metadata[_KEY].metavar or field.name.upper())
    for field in attrs.fields(ServerOptions)
]


def server_options(words: Mapping[str, Sequence[str]], environment: Mapping[str, str]) -> ServerOptions:
    """Return the options of a command line's words by name; take missing and empty ones from the environment.

    >>> options = server_options({"port": ["8000"]}, {"REKOG_EMULATOR_PORT": "9000", "REKOG_EMULATOR_CLOCK": "manual"})
    >>> options.port, options.clock
    (8000, 'manual')
    """
    values: dict[str, Any] = {}
    for option in OPTIONS:
        given, source = words.get(option.name), f"argument {option.flag}"
        text = environment.get(option.variable, "")
        if not given and text:  # an empty variable counts as absent: so a compose file passes on an unset one
            given, source = _split(text, option) if option.repeatable else [text], option.variable
        if given:
            converted = [_convert(option, word, source) for word in given]
            values[option.name] = tuple(converted) if option.repeatable else converted[-1]
    return ServerOptions(**values)


def _convert(option: Option, word: str, source: str) -> object:
    if option.choices and word not in option.choices:
        raise OptionError(f"{source}: invalid choice: {word!r} (choose from {', '.join(option.choices)})")
    try:
        return option.convert(word)
    except ValueError as error:
        raise OptionError(f"{source}: {error}") from error


def _split(text: str, option: Option) -> list[str]:
    """Return the values of a repeatable option in a variable. A backslash, as in Windows paths, escapes nothing."""
    words = shlex.shlex(text, posix=True, punctuation_chars=False)
    words.whitespace_split, words.commenters, words.escape = True, "", ""
    try:
        return list(words)
    except ValueError as error:
        raise OptionError(f"{option.variable}: a quotation mark is not closed") from error
