"""Outcomes of the sources of a run, its progress, and the errors that end it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Generic, TypeAlias, TypeVar, cast

from .._values.errors import RekogError
from .._values.frozen import Frozen
from .._values.public import publish

if TYPE_CHECKING:
    from .._values.model import ResponseMetadata

S_co = TypeVar("S_co", covariant=True)
A_co = TypeVar("A_co", covariant=True)


class Received:
    """The body of a response that is not decoded yet. It is no tuple, because tools print the items of tuples."""

    __slots__ = ("body", "metadata")

    def __init__(self, body: bytes, metadata: ResponseMetadata) -> None:
        self.body: bytes = body
        self.metadata: ResponseMetadata = metadata


class Outcome(Generic[S_co, A_co]):
    """The outcome of one source: an answer or an error.

    `source` is the source as it was given, and `key` its name in checkpoints and tables. `error` is None if there is an
    answer; it has no traceback, which would keep the image in memory. `from_checkpoint` tells whether the answer was
    read from the checkpoint, without a call.
    """

    __slots__ = ("_answer", "_recorded", "error", "from_checkpoint", "key", "source")

    def __init__(
        self,
        source: S_co,
        key: str,
        *,
        answer: A_co | None = None,
        error: RekogError | None = None,
        from_checkpoint: bool = False,
    ) -> None:
        self.source: S_co = source
        self.key: str = key
        self.error: RekogError | None = None if error is None else without_frames(error)
        self.from_checkpoint: bool = from_checkpoint
        self._answer = answer  # a `Received` until the run hands the outcome out
        self._recorded = from_checkpoint

    @property
    def ok(self) -> bool:
        """Whether there is an answer."""
        return self.error is None

    @property
    def answer(self) -> A_co:
        """The answer; raise `error` where there is none."""
        if self.error is not None:
            try:
                raise self.error
            finally:
                del self  # the error refers to this frame, which must not refer back
        return cast("A_co", self._answer)  # cast: the answer of a function may be None

    def __repr__(self) -> str:
        state = f"{type(self.error).__name__}" if self.error is not None else "ok"
        return f"<Outcome {self.key!r}: {state}{', from the checkpoint' * self.from_checkpoint}>"


def without_frames(error: RekogError) -> RekogError:
    """Return an error without tracebacks: their frames have the image, so kept errors would keep all images."""
    links: list[BaseException] = [error]
    for link in links:  # which grows meanwhile
        link.__traceback__ = None
        links += [each for each in (link.__cause__, link.__context__) if each is not None and each not in links]
    return error


class BulkProgress(Frozen, kw_only=True, public="rekog.bulk"):
    """The progress of a run: outcomes that it has handed out.

    `total` is the number of sources, None if they have no `len`. `done` counts all outcomes, `failed` those with an
    error, and `from_checkpoint` those without a call. `seconds` is the time since the beginning of the run, until its
    end, and `per_second` the rate of outcomes that took a call.
    """

    total: int | None
    done: int
    failed: int
    from_checkpoint: int
    seconds: float
    per_second: float


OnProgress: TypeAlias = Callable[[BulkProgress], object]
"""A function that is called with the progress after each outcome, in the thread or task that iterates over the run."""


class CheckpointError(RekogError):
    """A checkpoint cannot be read or written, or it is that of another run."""


class TooManyFailuresError(RekogError):
    """More sources failed than `max_failures` allows; `__cause__` is the error of the last one."""


publish("rekog.bulk", Outcome, CheckpointError, TooManyFailuresError)
