"""Spans and metrics of calls for OpenTelemetry. Needs opentelemetry-api, the extra `otel`.

`instrument(client)` gives each call a span and measures it. The span is a child of the current span of the calling
thread or task, and the current one during the call.

| signal | content |
| --- | --- |
| span `Rekognition.DetectFaces` | a call with all its attempts, of the kind CLIENT |
| event `rekog.retry` in the span | an attempt that is retried: `error.type`, `rekog.retry.delay` in seconds |
| metric `rpc.client.call.duration` | histogram of the calls, in seconds |
| metric `rekog.client.attempts` | counter of the attempts |

The attributes are those of OpenTelemetry's conventions for RPC and for AWS SDKs: `rpc.system` (aws-api), `rpc.service`,
`rpc.method`, `cloud.region`, `server.address`, `server.port`; of the last response `aws.request_id` and
`http.response.status_code`; of a retried call `http.request.resend_count`, the number of retries; of a failed one
`error.type`, the service's code or the name of the error's class. Metrics have the attributes with few values. The
message of an error, in the status and in the event `exception`, may name a resource; nothing has more of a request or a
response.

>>> from rekog import RekognitionClient, otel
>>> with otel.instrument(RekognitionClient.local()) as client:
...     client.list_collections().collection_ids
[]
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from .._core.watched import WatchedCaller, watched
from .._values.errors import ConfigError
from .._values.lazy import LazyModule
from ..client import Client

if TYPE_CHECKING:
    from opentelemetry import metrics, trace

    from .._core.call import Caller
else:  # for tools that evaluate annotations
    metrics, trace = LazyModule("opentelemetry.metrics"), LazyModule("opentelemetry.trace")

__all__ = ["instrument", "uninstrument"]

AnyClient = TypeVar("AnyClient", bound=Client[Any, Any])


def instrument(
    client: AnyClient,
    *,
    tracer_provider: trace.TracerProvider | None = None,
    meter_provider: metrics.MeterProvider | None = None,
) -> AnyClient:
    """Give the calls of a client spans and metrics, and return the client.

    The providers are by default the global ones of the program. An instrumented client keeps its instrumentation: a
    second call changes nothing. Clients that `with_options` makes of it later are instrumented as well; those made
    before, and clients that are unpickled, are not.
    """
    try:
        from ._tracing import Tracing
    except ImportError as error:
        text = "rekog.otel needs opentelemetry-api: pip install '.[otel]' in a clone of rekog"
        raise ConfigError(text) from error
    caller = _caller_of(client)
    if not isinstance(caller, WatchedCaller) or not caller.observers:
        client._caller = watched(caller, Tracing(tracer_provider, meter_provider))  # pyright: ignore[reportPrivateUsage]  # a part of the package
    return client


def uninstrument(client: AnyClient) -> AnyClient:
    """End the instrumentation of a client, and return the client; calls in progress are reported still."""
    caller = _caller_of(client)
    if isinstance(caller, WatchedCaller):
        caller.observers = ()
    return client


def _caller_of(client: object) -> Caller:
    if not isinstance(client, Client):
        raise ConfigError(f"client must be a RekognitionClient or AsyncRekognitionClient, not {client!r}")
    return client._caller  # pyright: ignore[reportPrivateUsage]  # a part of the package


def __dir__() -> list[str]:
    return sorted(__all__)
