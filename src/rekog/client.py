"""What the two generated clients stand on: settings, local clients, look-ups by name."""

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
from ._values.errors import ConfigError, ValidationError
from .config import Config, ConfigArguments, RetryPolicy, Timeout, resolve_config
from .credentials import Credentials, CredentialSource, find_source

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
"""What an embedded emulator's clients have for settings; nothing listens there, the transport takes the requests."""


class Later:
    """A module that is loaded when something in it is first asked for: a call needs none of these."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> object:
        return getattr(import_module(self._name), name)


paging: Later = Later("rekog.paging")
waiting: Later = Later("rekog.waiting")
pages: Later = Later("rekog._generated.paging")
rules: Later = Later("rekog._generated.waiting")


class Client(ABC, Generic[Transport, Runner]):
    """Settings and look-ups by name, the same for both clients."""

    _surroundings: tuple[Mapping[str, str], ReadFile]
    """What stands in for the environment and the profile files, in a local client."""

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
        self._set_up({k: v for k, v in locals().items() if k not in ("self", "__class__")})

    def _set_up(self, settings: dict[str, Any]) -> None:
        self._settings = settings
        arguments = {k: v for k, v in settings.items() if k not in ("credentials", "transport")}
        environment, read_file = getattr(self, "_surroundings", (os.environ, read_text))
        config = resolve_config(ConfigArguments(**arguments), environment, read_file)
        self.caller: Caller = Caller(config, find_source(settings["credentials"], config, environment))
        """Makes the Flows of this client's calls, for `run`."""
        self._driver: Runner = self._opened(settings["transport"])

    @abstractmethod
    def _opened(self, transport: Transport | None) -> Runner:
        """Return what runs this client's Flows."""

    @classmethod
    def local(cls, emulator: Emulator | None = None, *, strict: bool = False) -> Self:
        """Return a client of an embedded emulator, one of its own unless given: no network, no credentials.

        It is always the same: neither the environment nor a profile file changes its settings.
        """
        # The one arrow from the SDK to the emulator, drawn at run time: nothing is imported unless it is asked for.
        made = import_module("rekog.emulator").Emulator
        if not isinstance(emulator, made | None):
            raise ConfigError(f"emulator must be an Emulator, not {emulator!r}; a server is reached by endpoint_url")
        transport = (emulator or made()).transport()
        client = cls.__new__(cls)
        client._surroundings = {}, _no_file
        client.__init__(**LOCAL, transport=transport, strict=strict)  # type: ignore[misc]  # it is new
        return client

    def __getstate__(self) -> dict[str, object]:
        return {name: value for name, value in vars(self).items() if name not in ("_driver", "caller")}

    def __setstate__(self, state: Mapping[str, object]) -> None:
        vars(self).update(state)  # what a user's own class keeps is among it
        self._set_up(self._settings)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(region_name={self.region_name!r}, endpoint_url={self.endpoint_url!r})"

    @property
    def config(self) -> Config:
        """The settings, all decided."""
        return self.caller.config

    @property
    def region_name(self) -> str:
        """The region that requests are signed for."""
        return self.caller.endpoint.signing_region

    @property
    def endpoint_url(self) -> str:
        """Where requests go."""
        return self.caller.endpoint.url

    @property
    def waiter_names(self) -> list[str]:
        """The names that `get_waiter` knows."""
        from ._generated.waiting import WAITERS

        return sorted(WAITERS)

    def can_paginate(self, name: str) -> bool:
        """Tell whether the method of this name has a pager; `ValidationError` when there is no such method."""
        from ._generated.paging import PAGED

        return find_operation(name).method_name in PAGED

    def _method(self, kind: str, prefix: str, name: str, known: Mapping[str, object]) -> Any:
        if (method := snake(str(name))) in known:
            return getattr(self, prefix + method)
        if kind == "paginator" and method in METHODS:
            text = f"{method} has no paginator: it gives one answer"
            raise ValidationError(text, operation=method, problems=[text])
        raise _unknown(kind, name, known)


def _no_file(_path: str) -> None:
    """Read no profile file."""


def find_operation(name: str) -> Operation[Any, Any]:
    """Return an operation by its name, or by that of its method; `ValidationError` when there is none."""
    found = METHODS.get(name) or OPERATIONS.get(name)
    if found is None:
        raise _unknown("operation", name, METHODS)
    return found


def _unknown(kind: str, name: str, known: Mapping[str, object]) -> ValidationError:
    from difflib import get_close_matches

    near = get_close_matches(str(name), known, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(sorted(known))}"
    text = f"there is no {kind} {name!r}: {hint}"
    return ValidationError(text, operation=name, problems=[text])
