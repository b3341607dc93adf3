"""Errors of faults that a test gives as a class or an instance of `rekog.errors`."""

from __future__ import annotations

from typing import NamedTuple, cast

from ..._core.service_errors import FaceIdNotFoundError, NoFacesInImageError
from ..._generated.errors import MODELLED
from ..._values.errors import NotServedByEmulatorError, ServiceError
from .. import refusals

_TEXTS: dict[type[ServiceError], str] = {
    FaceIdNotFoundError: refusals.face_missing().message,
    NoFacesInImageError: refusals.no_faces().message,
}
"""Texts that decide the class of an error; its code alone does not."""

_RULE = "error must be an error of the service, like 'ThrottlingException' or errors.ThrottlingException, not {}"


class GivenError(NamedTuple):
    """The name of an error, with the message and the status that an instance has."""

    name: str | None
    message: str | None = None
    status: int | None = None


def given_error(error: object) -> GivenError:
    """Return the name, message and status of an error; raise `ValueError` for a class that is no error of the service.

    A value that is neither a class nor an exception is returned as the name; `Fault` checks it.
    """
    if isinstance(error, ServiceError):
        kind = type(error)
        name = _name_of(kind) if error.code == kind.__name__ else error.code
        return GivenError(name, error.message or _text_of(kind), error.status_code or None)
    if isinstance(error, type) and issubclass(error, ServiceError):
        return GivenError(_name_of(error), _text_of(error))
    if isinstance(error, BaseException | type):
        raise ValueError(f"{_RULE.format(_shown(error))}; reset, latency and truncate break a connection")
    return GivenError(cast("str | None", error))  # cast: `Fault` checks it


def _name_of(kind: type[ServiceError]) -> str:
    """Return the service's name of a class of errors; of a subclass, that of the class which the service has."""
    if issubclass(kind, NotServedByEmulatorError):
        return refusals.NOT_SERVED
    for name in (cls.__name__ for cls in kind.__mro__):
        if name in MODELLED:
            return name
    raise ValueError(f"{_RULE.format(_shown(kind))}, which has no name in the service: write the name as text")


def _text_of(kind: type[ServiceError]) -> str | None:
    return next((_TEXTS[cls] for cls in kind.__mro__ if cls in _TEXTS), None)


def _shown(error: object) -> str:
    return (error if isinstance(error, type) else type(error)).__name__
