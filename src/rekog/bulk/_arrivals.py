"""The way of an outcome from a worker to the program: delivered, recorded, handed out.

Theory of operation. An outcome is recorded as soon as it arrives, and before it is handed out. While the program waits
(`_listening`), it records all outcomes that have arrived in one write, because it wakes up at once; a worker that finds
it busy records its own. A response is decoded when it is handed out: decoded answers that wait are many objects, which
leave the caches of the processor, and which each search for garbage visits.
"""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from .._values.errors import RekogError
from ._checkpoints import in_line, is_line
from ._outcomes import Outcome, Received, without_frames

if TYPE_CHECKING:
    from ._checkpoints import Checkpoint

S = TypeVar("S")
A = TypeVar("A")


class Arrivals(ABC, Generic[S, A]):
    """Outcomes that workers have delivered; the lock guards `_arrived` and `_listening`."""

    def __init__(self, checkpoint: Checkpoint | None, decode: Callable[[Received], A] | None) -> None:
        self._checkpoint = checkpoint
        self._decode = decode
        self._lock = threading.Lock()
        self._arrived: deque[Outcome[S, A] | None] = deque()
        self._listening = False
        self._ready = 0  # of the program alone: the first outcomes of `_arrived`, which can be handed out

    @abstractmethod
    async def _wait(self) -> None:
        """Wait for `_wake`."""

    @abstractmethod
    def _wake(self) -> None:
        """End `_wait`."""

    @abstractmethod
    def _fail(self, error: BaseException) -> None:
        """End the run with an error."""

    # The program's side.

    async def _collect(self) -> None:
        """Wait for outcomes, record those that were not, and make them ready."""
        while not self._arrived:
            await self._listen()
        with self._lock:
            arrived = list(self._arrived)
        self._record(arrived)
        self._ready = len(arrived)

    async def _listen(self) -> None:
        """Wait for a delivery."""
        with self._lock:
            self._listening = not self._arrived
            if not self._listening:
                return
        try:
            await self._wait()
        finally:
            self._listening = False  # a worker that has seen it holds the lock, until its outcome is there

    # The workers' side.

    def _deliver(self, outcomes: Iterable[Outcome[S, A] | None]) -> None:
        """Pass outcomes to the program; None stands for a source without one."""
        with self._lock:
            passes = self._listening or self._checkpoint is None
            if passes:
                self._pass_on(outcomes)
        if not passes:
            self._record(outcomes)
            with self._lock:
                self._pass_on(outcomes)

    def _pass_on(self, outcomes: Iterable[Outcome[S, A] | None]) -> None:
        is_first = not self._arrived
        self._arrived.extend(outcomes)
        if is_first and self._listening:
            self._wake()

    def _record(self, outcomes: Iterable[Outcome[S, A] | None]) -> None:
        """Record the outcomes that are not in the checkpoint yet; without one, do nothing."""
        checkpoint = self._checkpoint
        if checkpoint is None:
            return
        try:
            for outcome in outcomes:
                own: Any = outcome  # the run and its checkpoint use the private members of its outcomes
                if outcome is not None and not own._recorded:
                    if outcome.error is None and not is_line(own._answer.body):  # perhaps not JSON
                        self._put_into_line(outcome)
                    checkpoint.add(outcome)
            checkpoint.flush()
        except Exception as error:  # the next run continues before it
            self._fail(error)

    def _put_into_line(self, outcome: Outcome[S, A]) -> None:
        """Put the response of an outcome into the usual form, or an error in its place if it cannot be decoded."""
        own: Any = outcome  # as above
        # Another outcome is decoded: an interrupt between decoding and recording would leave this one without its body.
        opened: Any = self._opened(Outcome(outcome.source, outcome.key, answer=own._answer))
        own.error, own._answer = opened.error, None if opened.error else in_line(own._answer)

    def _opened(self, outcome: Outcome[S, A]) -> Outcome[S, A]:
        """Decode the response of an outcome."""
        own: Any = outcome  # as above
        received: object = own._answer
        if self._decode is not None and isinstance(received, Received):
            try:
                own._answer = self._decode(received)
            except RekogError as error:
                own.error, own._answer = without_frames(error), None
                if own._recorded and self._checkpoint is not None:
                    self._checkpoint.retract(outcome.key, received)
                    own._recorded = False
                    self._record((outcome,))
        return outcome
