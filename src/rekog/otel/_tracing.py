"""The observer of calls that writes spans and metrics. It imports opentelemetry-api."""

from __future__ import annotations

import logging
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from opentelemetry import context, metrics, trace

from .. import __version__
from .._settings.urls import parse_target
from .._values.clocks import monotonic
from .._values.errors import ServiceError

if TYPE_CHECKING:
    from .._settings.attempts import Attempt
    from .._settings.endpoint import Endpoint

SCOPE = "rekog"
SERVICE = "Rekognition"
BOUNDARIES = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10)
"""Buckets of the histogram, in seconds: those of the convention for calls."""


class Tracing:
    """Instruments of one client; called at the start of each call."""

    def __init__(
        self, tracer_provider: trace.TracerProvider | None, meter_provider: metrics.MeterProvider | None
    ) -> None:
        self.tracer = trace.get_tracer(SCOPE, __version__, tracer_provider)
        meter = metrics.get_meter(SCOPE, __version__, meter_provider)
        self.durations = meter.create_histogram(
            "rpc.client.call.duration",
            unit="s",
            description="Duration of calls, with all attempts and pauses.",
            explicit_bucket_boundaries_advisory=BOUNDARIES,
        )
        self.attempts = meter.create_counter(
            "rekog.client.attempts", unit="{attempt}", description="Requests of calls."
        )

    def __call__(self, operation: str, endpoint: Endpoint) -> TracedCall:
        target = parse_target(endpoint.url)
        attributes: dict[str, str | int] = {
            "rpc.system": "aws-api",
            "rpc.service": SERVICE,
            "rpc.method": operation,
            "cloud.region": endpoint.signing_region,
            "server.address": target.host,
            "server.port": target.port,
        }
        return TracedCall(self, operation, attributes)


class TracedCall:
    """The span of one call: the current one from the start of the call to its end."""

    def __init__(self, tracing: Tracing, operation: str, attributes: Mapping[str, str | int]) -> None:
        self._tracing = tracing
        self._attributes = attributes
        self._retries = 0
        self._began = monotonic()
        self._span: trace.Span = trace.INVALID_SPAN
        with _no_error():
            self._span = tracing.tracer.start_span(
                f"{SERVICE}.{operation}", kind=trace.SpanKind.CLIENT, attributes=attributes
            )
        self._token = context.attach(trace.set_span_in_context(self._span))

    def before_request(self, _members: Mapping[str, object]) -> None:
        """Allow each attempt."""

    def after_attempt(self, attempt: Attempt, _members: Mapping[str, object], _content: bytes) -> None:
        """Count an attempt, and keep the facts of its response."""
        with _no_error():
            self._take_note(attempt)

    def _take_note(self, attempt: Attempt) -> None:
        outcome: dict[str, str | int] = {}
        if attempt.status_code is not None:
            outcome["http.response.status_code"] = attempt.status_code
        self._span.set_attributes(outcome)
        if attempt.request_id is not None:
            self._span.set_attribute("aws.request_id", attempt.request_id)
        if attempt.error is not None:
            outcome["error.type"] = _type_of(attempt.error)
        self._tracing.attempts.add(1, {**self._attributes, **outcome})
        if attempt.error is not None and attempt.next_in is not None:
            self._retries += 1
            self._span.set_attribute("http.request.resend_count", self._retries)
            event = {"error.type": _type_of(attempt.error)}
            self._span.add_event("rekog.retry", {**event, "rekog.retry.delay": attempt.next_in})

    def ended(self, error: BaseException | None, *, in_flight: bool) -> None:  # noqa: ARG002 (of the interface)
        """End the span, with the error of the call."""
        context.detach(self._token)
        with _no_error():
            self._end(error)

    def _end(self, error: BaseException | None) -> None:
        attributes = dict(self._attributes)
        if error is not None:
            attributes["error.type"] = _type_of(error)
            self._span.set_attribute("error.type", _type_of(error))
            self._span.set_status(trace.StatusCode.ERROR, str(error) or None)
            if isinstance(error, Exception):  # a call that was cancelled has no more to say
                self._span.record_exception(error)
        self._tracing.durations.record(monotonic() - self._began, attributes)
        self._span.end()


@contextmanager
def _no_error() -> Generator[None]:
    """Log an error of the program's exporters and processors: it must not cost a response."""
    try:
        yield
    except Exception:
        logging.getLogger("rekog").exception("rekog.otel: a call could not be reported")


def _type_of(error: BaseException) -> str:
    if isinstance(error, GeneratorExit):
        return "cancelled"  # a driver closes the Flow of a call that was cancelled
    return error.code if isinstance(error, ServiceError) else type(error).__name__
