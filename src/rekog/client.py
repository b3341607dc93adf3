"""Common base of the two generated clients: settings, local clients, lookups by name."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from ._core.call import Caller
from ._core.names import snake
from ._generated.operations import METHODS, OPERATIONS
from ._settings.profiles import ReadFile, read_text
from ._settings.resolve import resolve_config
from ._settings.values import Config, ConfigArguments, Credentials, CredentialSource, RetryPolicy, Timeout
from ._values.errors import ConfigError, ParamValidationError
from .credentials import find_source

if TYPE_CHECKING:
    from typing import Self

    from ._core.operation import Operation
    from .emulator import Emulator

T = TypeVar("T")
Transport = TypeVar("Transport")
Runner = TypeVar("Runner")

LOCAL: Mapping[str, Any] = {
    "region_name": "us-east-1",
    "endpoint_url": "http://embedded-emulator/",
    "credentials": Credentials("AKIDLOCAL", "local"),
}
"""Settings of the clients of an embedded emulator; no server has this URL, the transport handles the requests."""


class Client(ABC, Generic[Transport, Runner]):
    """Settings and lookups by name, the same for both clients."""

    def __init__(
        self,
        region_name: str | None = None,
        *,
        endpoint_url: str | None = None,
        profile_name: str | None = None,
        credentials: Credentials | CredentialSource | None = None,
        retry: RetryPolicy | None = None,
        timeout: Timeout | float | None = None,
        use_fips_endpoint: bool | None = None,
        use_dualstack_endpoint: bool | None = None,
        transport: Transport | None = None,
        max_connections: int = 64,
        strict: bool = False,
    ) -> None:
        arguments = ConfigArguments(
            region_name=region_name,
            endpoint_url=endpoint_url,
            profile_name=profile_name,
            use_fips_endpoint=use_fips_endpoint,
            use_dualstack_endpoint=use_dualstack_endpoint,
            retry=retry,
            timeout=timeout,
            max_connections=max_connections,
            strict=strict,
        )
        self._settings = arguments, credentials, transport
        self._set_up()

    def _set_up(self) -> None:
        arguments, credentials, transport = self._settings
        environment: Mapping[str, str] = os.environ
        read_file: ReadFile = read_text
        if getattr(transport, "ignores_environment", False) is True:
            environment, read_file = {}, _no_file
        config = resolve_config(arguments, environment, read_file)
        self._caller: Caller = Caller(config, find_source(credentials, config, environment))
        """Creates the Flows of this client's calls, for `_run`."""
        self._driver: Runner = self._opened(transport)

    @abstractmethod
    def _opened(self, transport: Transport | None) -> Runner:
        """Return the driver of this client's Flows."""

    @classmethod
    def local(cls, emulator: Emulator | None = None, *, strict: bool = False) -> Self:
        """Return a client of an embedded emulator, by default of a new one: no network, no credentials.

        The environment and the profile files do not affect its settings.
        """
        # The SDK's only reference to the emulator; it is loaded here alone.
        emulator_class = import_module("rekog.emulator").Emulator
        if not isinstance(emulator, emulator_class | None):
            raise ConfigError(f"emulator must be an Emulator, not {emulator!r}; a server is reached by endpoint_url")
        transport: Any = (emulator or emulator_class()).transport()
        transport.ignores_environment = True
        return cls(**LOCAL, transport=transport, strict=strict)

    def __getstate__(self) -> dict[str, object]:
        return {name: value for name, value in vars(self).items() if name not in ("_driver", "_caller")}

    def __setstate__(self, state: Mapping[str, object]) -> None:
        vars(self).update(state)  # attributes of a user's subclass included
        self._set_up()

    def __repr__(self) -> str:
        return f"{type(self).__name__}(region_name={self.region_name!r}, endpoint_url={self.endpoint_url!r})"

    @property
    def config(self) -> Config:
        """The resolved settings."""
        return self._caller.config

    @property
    def region_name(self) -> str:
        """The region in the signatures of requests."""
        return self._caller.endpoint.signing_region

    @property
    def endpoint_url(self) -> str:
        """The URL of requests."""
        return self._caller.endpoint.url

    @property
    def paginator_names(self) -> list[str]:
        """The names that `get_paginator` accepts."""
        from ._generated.paging import PAGED

        return sorted(PAGED)

    @property
    def waiter_names(self) -> list[str]:
        """The names that `get_waiter` accepts."""
        from ._generated.waiting import WAITERS

        return sorted(WAITERS)

    def can_paginate(self, name: str) -> bool:
        """Tell whether the method of this name has a pager; `ParamValidationError` when there is no such method."""
        from ._generated.paging import PAGED

        return find_operation(name).method_name in PAGED

    def _method(self, kind: str, prefix: str, name: str, known: Mapping[str, object]) -> Any:
        if (method := snake(str(name))) in known:
            return getattr(self, prefix + method)
        if kind == "paginator" and method in METHODS:
            text = f"{method} has no paginator: it returns one response"
            raise ParamValidationError(text, operation=METHODS[method].name, problems=[text])
        raise _unknown(kind, name, known)


def _no_file(_path: str) -> None:
    """Read no profile file."""


def find_operation(name: str) -> Operation[Any, Any]:
    """Return an operation by its name or the name of its method; `ParamValidationError` when there is none."""
    operation = METHODS.get(name) or OPERATIONS.get(name)
    if operation is None:
        raise _unknown("operation", name, METHODS)
    return operation


def _unknown(kind: str, name: str, known: Mapping[str, object]) -> ParamValidationError:
    from difflib import get_close_matches

    near = get_close_matches(str(name), known, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(sorted(known))}"
    text = f"there is no {kind} {name!r}: {hint}"
    return ParamValidationError(text, problems=[text])
