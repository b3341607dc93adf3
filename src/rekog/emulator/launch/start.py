"""The start of a server: open the emulator, seed it, and serve until a signal."""

from __future__ import annotations

import signal
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, NoReturn

from ..._values.clocks import real_time
from ..emulator import Emulator
from ..serving.access import is_host_name
from ..settings import ManualClock
from .logs import report, set_up_log
from .seeds import seed

if TYPE_CHECKING:
    from collections.abc import Generator

    from .options import ServerOptions

TERMINATED = 143
"""Exit status of a program that SIGTERM has ended, as shells expect it."""


def serve(options: ServerOptions) -> int:
    """Serve until SIGTERM or SIGINT, and return the exit status."""
    from ..serving.server import check_address, leave, run

    set_up_log(options)
    with _terminable():
        check_address(options.host, options.port)  # before the seeds, which may take minutes
        with _emulator(options) as emulator:
            seed(emulator, options, partial(report, options))
            name = [options.host] if is_host_name(options.host) else []
            app = emulator.asgi(cors=options.cors, allow_hosts=[*name, *options.allow_host])
            run(app, options.host, options.port, _announce)
    leave()
    return 0


def _announce(url: str) -> None:
    print(f"rekog emulator ready on {url}", flush=True)


def _emulator(options: ServerOptions) -> Emulator:
    return Emulator(
        region=options.region,
        account=options.account,
        data=options.data,
        s3_root=options.s3_root,
        s3_endpoint=options.s3_endpoint,
        s3_credentials=options.s3_credentials,
        notify=options.notify,
        verify_signatures=dict(options.verify_signatures) or None,
        durations=options.durations,
        limits=options.limits,
        validation_code=options.validation_code,
        vision=options.vision,
        clock=ManualClock() if options.clock == "manual" else real_time,
    )


@contextmanager
def _terminable() -> Generator[None]:
    """Close the emulator on a SIGTERM before the server runs, which sets handlers of its own.

    The default action of the signal does not: it would kill the process, or, in the first process of a container, do
    nothing.
    """
    previous = signal.signal(signal.SIGTERM, _terminate)
    try:
        yield
    finally:
        if signal.getsignal(signal.SIGTERM) is _terminate:
            signal.signal(signal.SIGTERM, previous)


def _terminate(_number: int, _frame: object) -> NoReturn:
    raise SystemExit(TERMINATED)
