"""Exit statuses and the one line that reports a failure. docs/command.md has the same list."""

from __future__ import annotations

import errno
import os
import re
import sys
import traceback
from collections.abc import Iterator
from typing import TextIO

import click

from .._values import errors
from .texts import plain

FAILED = 1
"""The service returned an error, or a job failed."""
WRONG_USAGE = 2
"""An argument, a setting or a file is invalid; nothing was sent."""
NOT_REACHED = 3
"""No complete response was received: no connection, a timeout, a lost connection."""
NO_CREDENTIALS = 4
"""No credentials were found, or their provider failed."""
UNFINISHED = 5
"""A wait ended before its job did, or some images of a folder failed."""
DEFECT = 70
"""An error in rekog itself."""
INTERRUPTED = 130
"""Ctrl-C ended the command."""
PIPE_CLOSED = 141
"""The reader of the output has gone; a shell reports the same for a program that SIGPIPE has ended."""

_REMEDIES = (
    ("rekog.images.fit(image)", "--fit"),
    ("rekog.images.fit(path)", "--fit"),
    ("give region_name, or set", "give --region, set"),
    ("(or give an endpoint_url)", "(or give --endpoint-url)"),
    ("give credentials=Credentials(...), set", "set"),
    ("or name a profile that works", "or give a --profile that works"),
    ("profile_name names the profile", "--profile names the profile"),
    ("endpoint_url must be", "--endpoint-url must be"),
    ("increase Timeout(total=...)", "increase --timeout"),
    ("verify or ca_bundle", "AWS_CA_BUNDLE"),
    (": raise timeout", ": raise --max-wait"),
)
"""Remedies in the errors of the client, and the same for the command."""
_WAITER = re.compile(r"call `wait_until_(\w+)_completed` first")
_ARGUMENT = re.compile(r"(\w+)([:.])")
"""The argument at the beginning of a problem, such as `max_labels: must be`, or `settings.general_labels: must be`."""


class Failure(click.ClickException):
    """A failure that a command found itself, with its exit status."""

    def __init__(self, message: str, status: int = FAILED) -> None:
        super().__init__(message)
        self.status = status


def status_of(error: BaseException) -> int:
    """Return the exit status for an error."""
    kinds: tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], int], ...] = (
        ((KeyboardInterrupt, click.Abort), INTERRUPTED),
        ((errors.ParamValidationError, errors.ConfigError, ImportError), WRONG_USAGE),
        (errors.CredentialsError, NO_CREDENTIALS),
        (errors.WaiterTimeoutError, UNFINISHED),
        (errors.TransportError, NOT_REACHED),
        ((errors.RekogError, OSError), FAILED),
    )
    if isinstance(error, click.ClickException):
        return error.status if isinstance(error, Failure) else error.exit_code
    if isinstance(error, errors.RekogError) and isinstance(error, ValueError):  # such as a file of `--declare`
        return WRONG_USAGE
    return next((status for kind, status in kinds if isinstance(error, kind)), DEFECT)


def report(error: BaseException, *, is_verbose: bool) -> int:
    """Write the line for an error on the standard error, and return the exit status."""
    if is_closed_pipe(error):
        return PIPE_CLOSED
    status = status_of(error)
    if status != INTERRUPTED:
        try:
            _write(error, status, is_verbose=is_verbose)
        except OSError:  # a full disk, or a reader that has gone: the status says what happened
            silence(sys.stderr)
    return status


def _write(error: BaseException, status: int, *, is_verbose: bool) -> None:
    label = click.style("error:", fg="red", bold=True)
    click.echo(f"{label} {_text(error, status, is_verbose)}", err=True, color=False if _is_plain() else None)
    if isinstance(error, click.UsageError) and error.ctx is not None:
        note(f"Try '{error.ctx.command_path} --help'.")
    if is_verbose and status == DEFECT:
        traceback.print_exception(error)
    elif is_verbose:
        for cause in _causes(error):
            note(f"caused by: {type(cause).__name__}: {cause}".removesuffix(": "))
    sys.stderr.flush()


def _text(error: BaseException, status: int, is_verbose: bool) -> str:  # noqa: FBT001 (an option)
    if isinstance(error, click.ClickException):
        text = error.format_message()
    elif status == DEFECT:
        more = "" if is_verbose else "; --verbose shows where"
        text = f"this is a defect of rekog: {type(error).__name__}: {error}{more}"
    elif isinstance(error, OSError) and not isinstance(error, errors.RekogError):
        text = f"{error.filename}: {error.strerror}" if error.filename else str(error.strerror or error)
    elif isinstance(error, errors.ParamValidationError) and error.problems:
        text = "; ".join(map(_as_typed, error.problems))
    elif isinstance(error, errors.ServiceError) and not is_verbose:
        text = f"{error.message} ({error.code})" if error.message else error.code
    else:
        text = str(error) or type(error).__name__
    for remedy, ours in _REMEDIES:
        text = text.replace(remedy, ours)
    return plain(_WAITER.sub(lambda match: f"rekog job wait {match[1].replace('_', '-')} JOB_ID waits for it", text))


def _as_typed(problem: str) -> str:
    """Return a problem with the name of the argument at its beginning as the command line has it."""
    start = _ARGUMENT.match(problem)
    if start is None:
        return problem
    rest = problem[start.end() :]
    return f"{start[1].replace('_', '-')}:{' ' if start[2] == '.' else ''}{rest}"


def _causes(error: BaseException) -> Iterator[BaseException]:
    while (cause := error.__cause__) is not None:
        yield cause
        error = cause


def note(text: str) -> None:
    """Write a line on the standard error that is no error."""
    print(plain(text), file=sys.stderr)


def _is_plain() -> bool:
    """Tell whether the environment asks for texts without colours; without a terminal, click leaves them out itself."""
    return bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"


def is_closed_pipe(error: BaseException) -> bool:
    """Tell whether an error means that the reader of our output has gone."""
    number = errno.EINVAL if os.name == "nt" else errno.EPIPE
    return isinstance(error, OSError) and error.errno == number and error.filename is None


def end_output() -> OSError | None:
    """Write the output that an error has left in the buffer; if that fails, drop it and return the failure.

    Python would try again at its end, and report the same in its own words.
    """
    try:
        sys.stdout.flush()
    except OSError as error:  # the reader has gone, or the disk is full
        silence(sys.stdout)
        return error
    return None


def open_missing_streams() -> None:
    """Give a process whose standard streams are closed (`>&-`) empty ones: Python has None in their place."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115 (until the process ends)


def silence(stream: TextIO) -> None:
    """Send what a stream still holds nowhere: Python would report it at its end."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, stream.fileno())
    os.close(null)
