"""Recordings as context managers, for both clients."""

from __future__ import annotations

import os
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Generic, TypeVar

from ..._values.public import publish
from ..flow import run_blocking
from .recorder import Recorder
from .watching import WatchedDriver

C = TypeVar("C")


class _Recording(Generic[C]):
    """A client whose answers are recorded."""

    def __init__(self, client: C, path: str | os.PathLike[str], *, redact: bool) -> None:
        self._recorder = Recorder(path, redact=redact)
        watched: Any = client
        self._driver: Any = watched._driver
        other: Any = object.__new__(watched.__class__)
        driver = WatchedDriver(self._driver, self._recorder.see)
        other.__dict__.update(watched.__dict__, _driver=driver, _owns_driver=False)
        self._client: C = other

    @property
    def client(self) -> C:
        """The client to call. It shares all else with the given one, which closes its connections."""
        return self._client

    @property
    def document(self) -> dict[str, object]:
        """The declarations so far, as `Emulator.declare_document` takes them."""
        return self._recorder.document()

    @property
    def skipped(self) -> Mapping[str, int]:
        """The number of successful responses that stand for no content of an image or a video, by operation."""
        return dict(self._recorder.skipped)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} in {self._recorder.path}>"


class Recording(_Recording[C]):
    """A recording of the answers that a `RekognitionClient` receives; `record` returns it."""

    def save(self) -> None:
        """Write the file. `OSError`: it cannot be written; an earlier file is unchanged then."""
        self._recorder.save()
        self._recorder.warn()

    def __enter__(self) -> C:
        """Return the client to call."""
        return self.client

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Write the file, after an error too."""
        self.save()


class AsyncRecording(_Recording[C]):
    """A recording of the answers that an `AsyncRekognitionClient` receives; `record` returns it."""

    async def save(self) -> None:
        """Write the file. `OSError`: it cannot be written; an earlier file is unchanged then."""
        await self._driver.run(run_blocking(self._recorder.save))
        self._recorder.warn()

    async def __aenter__(self) -> C:
        """Return the client to call."""
        return self.client

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Write the file, after an error and a cancellation too."""
        try:
            await self.save()
        except Exception:
            raise
        except BaseException:  # in a cancelled scope of anyio or trio each await ends at once
            self._recorder.save()
            raise


publish("rekog.testing", Recording, AsyncRecording)
