"""Fault injection: errors, latency, broken connections, throttling by the published rates.

A fault counts the calls that it applies to, from 1 since it was added, and is injected into some of them. Random
choices depend on the fault's seed and the number of the call only, so the same calls have the same faults in every run.
"""

from __future__ import annotations

import math
import re
import threading
from collections.abc import Iterable, Sequence
from typing import Literal, TypeAlias

import attrs

from ..._values.errors import ServiceError  # noqa: TC001 (for tools that evaluate annotations)
from ..._values.public import publish
from ..settings import is_number
from .fault_errors import given_error
from .operation_names import unknown_operation, wire_name
from .rates import Throttle

AFTER: Literal["after"] = "after"
Reset: TypeAlias = 'bool | Literal["after"]'

_CODE = re.compile(r"[A-Za-z][A-Za-z0-9]*")
_CALLS = "calls must be a list of numbers of calls, 1 for the first, not {!r}"
_TEXTS = ("operation", "region", "error", "message")


def _numbers(given: Iterable[int] | None) -> tuple[int, ...] | None:
    try:
        return None if given is None else tuple(given)
    except TypeError as error:  # a value from JSON may be of any type
        raise ValueError(_CALLS.format(given)) from error


def _named(operation: str | None) -> str | None:
    return wire_name(operation) or operation  # a name that is unknown stays as it is, for the message


@attrs.frozen(kw_only=True, repr=False)
class Fault:
    """A fault, and the calls that it is injected into.

    It applies to the calls of one `operation`, named `DetectFaces` or `detect_faces`, and one `region`; None means all.
    Of these calls it selects those with the numbers in `calls` (1 is the first), or each one whose number is a multiple
    of `every`, or each one with a `probability` from 0 to 1 that is drawn with `seed`. Without any of the three it
    selects all.

    `error` is the name of the error in the response, with its usual message and status unless `message` and `status`
    (400 to 599) replace them. `latency` delays the response by a number of real seconds, or by a random number between
    two limits. `reset=True` breaks the connection before the operation is executed, `reset="after"` after it.
    `truncate` sends this number of bytes of the response's body and closes the connection.
    """

    operation: str | None = attrs.field(default=None, converter=_named)
    region: str | None = None
    calls: tuple[int, ...] | None = attrs.field(default=None, converter=_numbers)
    every: int | None = None
    probability: float | None = None
    seed: int = 0
    error: str | None = None
    message: str | None = None
    status: int | None = None
    latency: float | tuple[float, float] | None = None
    reset: bool | Literal["after"] = False
    truncate: int | None = None

    def __attrs_post_init__(self) -> None:
        for problem in _problems(self):
            raise ValueError(problem)

    def __repr__(self) -> str:
        return f"Fault({', '.join(f'{name}={value!r}' for name, value in self._given())})"

    def _given(self) -> Iterable[tuple[str, object]]:
        """Return the arguments that are not the defaults."""
        fields = [(field, getattr(self, field.name)) for field in attrs.fields(type(self))]
        return [(field.name, value) for field, value in fields if value != field.default]


class Faults:
    """The faults of one emulator.

    >>> from rekog import RekognitionClient, RetryPolicy
    >>> from rekog.emulator import Emulator
    >>> with Emulator() as emulator, RekognitionClient.local(emulator) as client:
    ...     fault = emulator.faults.add("ListCollections", calls=[1], error="InternalServerError")
    ...     client.list_collections().response_metadata.attempts
    2
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counted: list[tuple[Fault, list[int]]] = []
        self._throttles: list[Throttle] = []

    def __repr__(self) -> str:
        with self._lock:
            parts = [repr(fault) for fault, _ in self._counted]
            parts += [f"throttling in {throttle.region or 'every region'}" for throttle in self._throttles]
        return f"<Faults: {', '.join(parts) or 'none'}>"

    def __len__(self) -> int:
        return len(self.listed)

    @property
    def listed(self) -> Sequence[Fault]:
        """The faults in the order in which they were added, without throttling."""
        with self._lock:
            return tuple(fault for fault, _ in self._counted)

    def add(
        self,
        operation: str | None = None,
        *,
        region: str | None = None,
        calls: Sequence[int] | None = None,
        every: int | None = None,
        probability: float | None = None,
        seed: int = 0,
        error: str | type[ServiceError] | ServiceError | None = None,
        message: str | None = None,
        status: int | None = None,
        latency: float | tuple[float, float] | None = None,
        reset: bool | Literal["after"] = False,
        truncate: int | None = None,
    ) -> Fault:
        """Add a fault and return it. `Fault` describes the arguments; invalid ones raise `ValueError`.

        `error` may also be a class of `rekog.errors`, such as `errors.ThrottlingException`, or an instance of one, with
        its message and status unless `message` and `status` replace them.

        >>> from rekog import errors
        >>> from rekog.emulator import Emulator
        >>> with Emulator() as emulator:
        ...     emulator.faults.add("detect_faces", calls=[1, 3], error=errors.ThrottlingException)
        Fault(operation='DetectFaces', calls=(1, 3), error='ThrottlingException')
        """
        given = given_error(error)
        fault = Fault(
            operation=operation,
            region=region,
            calls=calls,
            every=every,
            probability=probability,
            seed=seed,
            error=given.name,
            message=given.message if message is None else message,
            status=given.status if status is None else status,
            latency=latency,
            reset=reset,
            truncate=truncate,
        )
        with self._lock:
            self._counted.append((fault, [0]))
        return fault

    def throttle_by_tps(self, region: str | None = None) -> None:
        """Limit each operation in a region (None: in every region) to the service's default quota.

        Each account, region and operation has a token bucket. It holds the calls of one second, and the emulator's
        clock refills it.
        """
        with self._lock:
            self._throttles.append(Throttle(region))

    def clear(self) -> None:
        """Remove all faults and all throttling."""
        with self._lock:
            self._counted.clear()
            self._throttles.clear()


def _problems(fault: Fault) -> Sequence[str]:
    problems = _type_problems(fault)
    if problems:
        return problems
    if fault.operation is not None and wire_name(fault.operation) is None:
        problems.append(unknown_operation(fault.operation))
    if sum(choice is not None for choice in (fault.calls, fault.every, fault.probability)) > 1:
        problems.append("only one of calls, every and probability may select the calls")
    if fault.error is None and fault.latency is None and not fault.reset and fault.truncate is None:
        problems.append("a fault must have an error, a latency, a reset or a truncate")
    if fault.error is not None and not _CODE.fullmatch(fault.error):
        problems.append(f"error must be an error's name, like 'ThrottlingException', not {fault.error!r}")
    if fault.calls is not None and not all(_is_whole(number, 1) for number in fault.calls):
        problems.append(_CALLS.format(list(fault.calls)))
    if fault.every is not None and not _is_whole(fault.every, 1):
        problems.append(f"every must be a whole number, 1 or more, not {fault.every!r}")
    if fault.probability is not None and not (is_number(fault.probability) and 0 <= fault.probability <= 1):
        problems.append(f"probability must be 0 to 1, not {fault.probability!r}")
    if fault.truncate is not None and not _is_whole(fault.truncate, 0):
        problems.append(f"truncate must be a number of bytes, 0 or more, not {fault.truncate!r}")
    if fault.status is not None and not (_is_whole(fault.status, 400) and fault.status <= 599):
        problems.append(f"status must be 400 to 599, not {fault.status!r}")
    limits: tuple[object, ...] = fault.latency if isinstance(fault.latency, tuple) else (fault.latency or 0,) * 2
    seconds = [value for value in limits if is_number(value)]
    if not (len(limits) == len(seconds) == 2 and 0 <= seconds[0] <= seconds[1] < math.inf):
        problems.append(f"latency must be seconds, or their minimum and maximum, not {fault.latency!r}")
    return problems


def _type_problems(fault: Fault) -> list[str]:
    given: dict[str, object] = attrs.asdict(fault, recurse=False)
    texts = {name: value for name, value in given.items() if name in _TEXTS and value is not None}
    problems = [f"{name} must be text, not {value!r}" for name, value in texts.items() if not isinstance(value, str)]
    if type(given["seed"]) is not int:
        problems.append(f"seed must be a whole number, not {fault.seed!r}")
    if given["reset"] is not True and given["reset"] is not False and given["reset"] != AFTER:
        problems.append(f"reset must be True or 'after', not {fault.reset!r}")
    return problems


def _is_whole(value: object, minimum: int) -> bool:
    return type(value) is int and value >= minimum


publish("rekog.emulator", Fault, Faults)
