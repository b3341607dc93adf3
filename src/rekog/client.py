"""Common base of the two generated clients: settings, local clients, lookups by name."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import wraps
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Self, TypeVar, cast

from ._core.call import Caller
from ._core.names import snake
from ._generated.operations import METHODS, OPERATIONS
from ._settings.endpoint import is_listed
from ._settings.profiles import ReadFile, read_text
from ._settings.rate_limit import RateLimit, as_rate_limit
from ._settings.resolve import resolve_config
from ._settings.rules import distinct
from ._settings.sources import CredentialsInput, find_source
from ._settings.timeout import Timeout, over
from ._settings.values import CallOptions, Config, ConfigArguments, Credentials, RetryPolicy, StrictCheck
from ._values.errors import ConfigError, ParamValidationError
from ._values.lazy import LazyModule

if TYPE_CHECKING:
    import ssl

    from . import cost
    from . import emulator as emulators
    from ._core.compat import exceptions as error_classes
    from ._core.operation import Operation
    from ._settings import attempts

else:  # for tools that evaluate annotations
    ssl, emulators = LazyModule("ssl"), LazyModule("rekog.emulator")
    attempts, cost = LazyModule("rekog._settings.attempts"), LazyModule("rekog.cost")
    error_classes = LazyModule("rekog._core.compat.exceptions")

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])
AnyTransport = TypeVar("AnyTransport")
Runner = TypeVar("Runner")

LOCAL_URL = "http://embedded-emulator/"
"""The URL in the requests of a local client; no server has it, because the transport handles them."""
LOCAL_CREDENTIALS = Credentials("AKIDLOCAL", "local")


def explain_unknown_arguments(function: F) -> F:
    """Decorate a method of a client, so that its error for an unknown argument names the right one."""
    code = function.__code__
    known = code.co_varnames[1 : code.co_argcount + code.co_kwonlyargcount]

    @wraps(function)
    def checked(self: object, *positional: Any, **named: Any) -> Any:
        if not named.keys() <= set(known):
            from ._settings.remedies import unknown_argument

            owner = self.__name__ if isinstance(self, type) else type(self).__name__
            method = "" if function.__name__ == "__init__" else f".{function.__name__}"
            raise unknown_argument(f"{owner}{method}", next(name for name in named if name not in known), known)
        return function(self, *positional, **named)

    return cast("F", checked)  # cast: the same signature


class Client(ABC, Generic[AnyTransport, Runner]):
    """Settings and lookups by name, the same for both clients."""

    _fixed: ClassVar[bool] = False  # whether instances refuse attributes that the class does not have

    def __init_subclass__(cls, *, fixed: bool = False) -> None:
        super().__init_subclass__()
        cls._fixed = fixed

    @explain_unknown_arguments
    def __init__(
        self,
        region_name: str | None = None,
        *,
        endpoint_url: str | None = None,
        profile_name: str | None = None,
        credentials: CredentialsInput | None = None,
        retry: RetryPolicy | None = None,
        timeout: Timeout | float | None = None,
        rate_limit: RateLimit | float | None = None,
        use_fips_endpoint: bool | None = None,
        use_dualstack_endpoint: bool | None = None,
        transport: AnyTransport | None = None,
        max_connections: int = 64,
        proxy: str | None = None,
        verify: bool | str | os.PathLike[str] | ssl.SSLContext | None = None,
        headers: Mapping[str, str] | None = None,
        user_agent_extra: str | None = None,
        on_attempt: attempts.OnAttempt | Sequence[attempts.OnAttempt] = (),
        meter: cost.Meter | Sequence[cost.Meter] = (),
        strict: bool | Collection[StrictCheck] = False,
    ) -> None:
        if transport is not None and (proxy is not None or verify is not None):
            name = "proxy" if verify is None else "verify"
            raise ConfigError(f"{name} cannot be combined with transport: give it to the transport")
        arguments = ConfigArguments(
            region_name=region_name,
            endpoint_url=endpoint_url,
            profile_name=profile_name,
            use_fips_endpoint=use_fips_endpoint,
            use_dualstack_endpoint=use_dualstack_endpoint,
            retry=retry,
            timeout=timeout,
            rate_limit=rate_limit,
            max_connections=max_connections,
            strict=strict,
            proxy=proxy,
            verify=verify,
            headers=headers,
            user_agent_extra=user_agent_extra,
            on_attempt=on_attempt,
            meter=meter,
        )
        self._settings = arguments, credentials, transport
        self._set_up()

    def _set_up(self) -> None:
        arguments, credentials, transport = self._settings
        environment: Mapping[str, str] = os.environ
        if level := environment.get("REKOG_LOG"):
            from ._settings.log_output import write_log

            write_log(level)
        read_file: ReadFile = read_text
        if getattr(transport, "ignores_environment", False) is True:
            environment, read_file = {}, _no_file
        config = resolve_config(arguments, environment, read_file)
        self._caller: Caller = _watched(Caller(config, find_source(credentials, config, environment)))
        """Creates the Flows of this client's calls, for `_run`."""
        if config.endpoint_url is None and not is_listed(self.region_name):
            from ._settings.unlisted_regions import warn_of_region

            warn_of_region(self.region_name, self._caller.endpoint.host)
        self._driver: Runner = self._opened(transport)
        self._owns_driver = True

    @abstractmethod
    def _opened(self, transport: AnyTransport | None) -> Runner:
        """Return the driver of this client's Flows."""

    @classmethod
    @explain_unknown_arguments
    def local(
        cls,
        emulator: emulators.Emulator | None = None,
        *,
        region_name: str | None = None,
        endpoint_url: str | None = None,
        credentials: CredentialsInput | None = None,
        retry: RetryPolicy | None = None,
        timeout: Timeout | float | None = None,
        rate_limit: RateLimit | float | None = None,
        use_fips_endpoint: bool | None = None,
        use_dualstack_endpoint: bool | None = None,
        max_connections: int = 64,
        headers: Mapping[str, str] | None = None,
        user_agent_extra: str | None = None,
        on_attempt: attempts.OnAttempt | Sequence[attempts.OnAttempt] = (),
        meter: cost.Meter | Sequence[cost.Meter] = (),
        strict: bool | Collection[StrictCheck] = False,
    ) -> Self:
        """Return a client of an embedded emulator, by default of a new one: no network, no credentials.

        The settings are those of the constructor, without the ones of connections and of profiles. The environment and
        the profile files do not affect them. A client that made its emulator closes it; `emulator` has it until then.
        """
        # The SDK's only reference to the emulator; it is loaded here alone.
        emulator_class = import_module("rekog.emulator").Emulator
        if not isinstance(emulator, emulator_class | None):
            raise ConfigError(f"emulator must be an Emulator, not {emulator!r}; a server is reached by endpoint_url")
        transport: Any = (emulator or emulator_class()).transport()
        transport.ignores_environment = True
        transport.closes_emulator = emulator is None
        own_host = use_fips_endpoint or use_dualstack_endpoint
        given = {
            "region_name": region_name or "us-east-1",
            "endpoint_url": endpoint_url or (None if own_host else LOCAL_URL),
            "credentials": LOCAL_CREDENTIALS if credentials is None else credentials,
            "retry": retry,
            "timeout": timeout,
            "rate_limit": rate_limit,
            "use_fips_endpoint": use_fips_endpoint,
            "use_dualstack_endpoint": use_dualstack_endpoint,
            "headers": headers,
            "user_agent_extra": user_agent_extra,
            "on_attempt": on_attempt or None,
            "meter": meter or None,
        }
        # Only given arguments are passed on: the constructor of a subclass may have fewer.
        settings: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
        if max_connections != 64:
            settings["max_connections"] = max_connections
        return cls(**settings, transport=transport, strict=strict)

    @property
    def emulator(self) -> emulators.Emulator:
        """The embedded emulator of a local client; `ConfigError` for other clients."""
        transport: Any = self._settings[2]
        if (emulator := getattr(transport, "emulator", None)) is None:
            raise ConfigError(f"this {type(self).__name__} has no emulator: {type(self).__name__}.local() has one")
        local: emulators.Emulator = emulator
        return local

    @explain_unknown_arguments
    def with_options(
        self,
        *,
        timeout: Timeout | float | None = None,
        retry: RetryPolicy | None = None,
        rate_limit: RateLimit | float | None = None,
        headers: Mapping[str, str] | None = None,
        on_attempt: attempts.OnAttempt | Sequence[attempts.OnAttempt] = (),
        meter: cost.Meter | Sequence[cost.Meter] = (),
    ) -> Self:
        """Return a client with other settings for its calls, which shares all else with this one.

        It uses the connections, the credentials, the retry quota and the send rate of this client, and its rate limit
        unless `rate_limit` is given. Closing it has no effect; after this client was closed, its calls raise an error.
        Fields that a `Timeout` leaves out are those of this client. `headers` are sent with each request, `on_attempt`
        is called after each attempt and `meter` counts the calls, in addition to those of this client.

        >>> from rekog import RekognitionClient
        >>> with RekognitionClient.local() as client:
        ...     client.with_options(timeout=2.5).config.timeout.total
        2.5
        """
        options = CallOptions(timeout=timeout, retry=retry, headers=headers)
        config = self.config
        more = ConfigArguments(on_attempt=on_attempt, meter=meter)
        changed: dict[str, Any] = {
            "timeout": over(options.timeout or config.timeout, config.timeout),
            "retry": options.retry or config.retry,
            "rate_limit": as_rate_limit("rate_limit", rate_limit) or config.rate_limit,
            "headers": {**config.headers, **options.headers},
            "on_attempt": distinct((*config.on_attempt, *more.on_attempt)),
            "meter": distinct((*config.meter, *more.meter)),
        }
        arguments, credentials, transport = self._settings
        other = type(self).__new__(type(self))
        vars(other).update(
            vars(self),  # attributes of a user's subclass included
            _settings=(arguments.__replace__(**changed), credentials, transport),
            _caller=_watched(self._caller.with_config(config.__replace__(**changed))),
            _owns_driver=False,
        )
        return other

    if not TYPE_CHECKING:  # a type checker that saw it would accept any assignment

        def __setattr__(self, name: str, value: object) -> None:
            known = getattr(type(self), name, None)
            read_only = isinstance(known, property) and known.fset is None
            if read_only or (self._fixed and known is None and not name.startswith("_")):
                kind = type(self).__name__
                raise AttributeError(
                    f"{name} cannot be set, the settings of a {kind} are fixed: client.with_options(timeout=..., "
                    "retry=..., headers=...) returns a client with others, and a subclass may have more attributes"
                )
            super().__setattr__(name, value)

    def __getstate__(self) -> dict[str, object]:
        return {name: value for name, value in vars(self).items() if name not in ("_driver", "_caller", "_owns_driver")}

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
    def exceptions(self) -> error_classes.Exceptions:
        """The module `rekog.errors`, for boto3's `except client.exceptions.ResourceNotFoundException`."""
        from . import errors

        return errors

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


def _watched(caller: Caller) -> Caller:
    """Return the caller, or one that reports its calls if the settings have callbacks or meters."""
    if not caller.config.on_attempt and not caller.config.meter:
        return caller
    from ._core.watched import watched

    return watched(caller)


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
