"""The client of a command line: of the service, of a server at a URL, or of an emulator in this process."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any

from .._generated.client import RekognitionClient

if TYPE_CHECKING:
    from .settings import Settings


@contextmanager
def client_of(settings: Settings) -> Generator[RekognitionClient]:
    """Yield a client with the settings of a command line, and close it."""
    with ExitStack() as stack:
        stack.callback(_log("DEBUG" if settings.verbose else "ERROR"))
        client = stack.enter_context(_local(settings, stack) if settings.local else _remote(settings))
        if settings.max_attempts is not None:  # the mode stays that of the environment or the profile
            retry = client.config.retry.__replace__(max_attempts=settings.max_attempts)
            client = client.with_options(retry=retry)
        yield client


def _remote(settings: Settings) -> RekognitionClient:
    return RekognitionClient(
        settings.region,
        profile_name=settings.profile,
        endpoint_url=settings.endpoint_url,
        timeout=settings.timeout,
    )


def _local(settings: Settings, stack: ExitStack) -> RekognitionClient:
    """Return a client of a new emulator, with the state of its folder. The emulator is loaded by its name."""
    emulator: Any = import_module("rekog.emulator").Emulator(data=settings.data, s3_root=settings.s3_root)
    stack.enter_context(emulator)
    for path in settings.declare:
        emulator.declare_file(path)
    return RekognitionClient.local(emulator, region_name=settings.region, timeout=settings.timeout)


def _log(level: str) -> Callable[[], None]:
    """Write the log of rekog, at DEBUG a line for each request, to the standard error; return the end of this."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(levelname)s: %(message)s"))
    logger = logging.getLogger("rekog")
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(level)

    def end() -> None:
        logger.removeHandler(handler)
        logger.setLevel(before)

    return end
