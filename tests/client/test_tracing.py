"""Spans and metrics of `rekog.otel`, read by the in-memory exporters of OpenTelemetry's SDK."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import httpx
import pytest
from opentelemetry import trace
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, Span, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from rekog import RetryPolicy, otel
from rekog._generated.operations import METHODS
from rekog.cost import Meter
from rekog.errors import ConfigError, ConnectionLostError, ParamValidationError, ThrottlingException
from tests.kit.backends import PNG, Backend, Scripted, Step, error_reply, json_reply

if TYPE_CHECKING:
    from opentelemetry.context import Context

LISTING = json_reply({"CollectionIds": []})
THROTTLED = error_reply("ThrottlingException", "Rate exceeded")
CALL = {
    "rpc.system": "aws-api",
    "rpc.service": "Rekognition",
    "rpc.method": "ListCollections",
    "cloud.region": "eu-west-1",
    "server.address": "rekognition.eu-west-1.amazonaws.com",
    "server.port": 443,
}


class Collected(NamedTuple):
    """Providers, and what they have exported."""

    exporter: InMemorySpanExporter
    reader: InMemoryMetricReader
    tracers: TracerProvider
    meters: MeterProvider

    def spans(self) -> list[ReadableSpan]:
        return list(self.exporter.get_finished_spans())

    def metrics(self) -> dict[str, Any]:
        data: Any = self.reader.get_metrics_data()
        found: list[Any] = data.resource_metrics[0].scope_metrics[0].metrics if data else []
        return {metric.name: metric for metric in found}

    def instrument(self, client: Any) -> Any:
        return otel.instrument(client, tracer_provider=self.tracers, meter_provider=self.meters)


@pytest.fixture
def collected() -> Iterator[Collected]:
    exporter, reader = InMemorySpanExporter(), InMemoryMetricReader()
    tracers, meters = TracerProvider(), MeterProvider([reader])
    tracers.add_span_processor(SimpleSpanProcessor(exporter))
    yield Collected(exporter, reader, tracers, meters)
    tracers.shutdown()
    meters.shutdown()


def traced(backend: Backend, collected: Collected, *script: Step, **settings: Any) -> Any:
    return collected.instrument(backend.client(Scripted(*script), **settings))


def test_a_call_has_a_span_with_the_attributes_of_the_conventions(backend: Backend, collected: Collected) -> None:
    client = traced(backend, collected, LISTING)
    backend.run(client.list_collections)
    (span,) = collected.spans()
    assert (span.name, span.kind, span.status.status_code) == (
        "Rekognition.ListCollections", SpanKind.CLIENT, StatusCode.UNSET,
    )  # fmt: skip
    assert span.attributes == {**CALL, "http.response.status_code": 200, "aws.request_id": "request-1"}
    assert span.instrumentation_scope is not None
    assert span.instrumentation_scope.name == "rekog"


def test_the_span_is_a_child_of_the_current_one_and_current_during_the_call(
    backend: Backend, collected: Collected
) -> None:
    tracer = collected.tracers.get_tracer("tests")

    def reply(_: Any) -> Any:
        with tracer.start_as_current_span("inner"):
            return LISTING

    client = traced(backend, collected, reply)

    def call() -> Any:
        with tracer.start_as_current_span("outer"):
            return client.list_collections()

    async def awaited() -> Any:
        with tracer.start_as_current_span("outer"):
            await client.list_collections()
            assert trace.get_current_span().get_span_context().span_id != 0

    backend.together(*[backend.choose(call, awaited)] * 3)
    spans = {span.context.span_id: span for span in collected.spans() if span.context}
    names = [
        (span.name, parent.name, spans[parent.parent.span_id].name)
        for span in spans.values()
        if span.parent and (parent := spans[span.parent.span_id]).parent
    ]
    assert names == [("inner", "Rekognition.ListCollections", "outer")] * 3
    assert len({span.context.trace_id for span in spans.values() if span.context}) == 3


def test_after_a_call_the_span_before_is_current_again(backend: Backend, collected: Collected) -> None:
    client = traced(backend, collected, THROTTLED, retry=RetryPolicy(mode="off"))

    def check() -> Any:
        before = trace.get_current_span()
        with pytest.raises(ThrottlingException):
            client.list_collections()
        assert trace.get_current_span() is before

    async def checked() -> Any:
        before = trace.get_current_span()
        with pytest.raises(ThrottlingException):
            await client.list_collections()
        assert trace.get_current_span() is before

    backend.run(backend.choose(check, checked))


def test_retries_are_events_and_counted(backend: Backend, collected: Collected) -> None:
    client = traced(
        backend, collected, THROTTLED, httpx.ReadError("reset"), LISTING, retry=RetryPolicy(pause=lambda _: 0.001)
    )
    backend.run(client.list_collections)
    (span,) = collected.spans()
    assert span.attributes == {
        **CALL, "http.response.status_code": 200, "aws.request_id": "request-1", "http.request.resend_count": 2,
    }  # fmt: skip
    assert [(event.name, dict(event.attributes or {})) for event in span.events] == [
        ("rekog.retry", {"error.type": "ThrottlingException", "rekog.retry.delay": 0.001}),
        ("rekog.retry", {"error.type": "ConnectionLostError", "rekog.retry.delay": 0.001}),
    ]
    attempts = {
        (point.attributes.get("http.response.status_code"), point.attributes.get("error.type")): point.value
        for point in collected.metrics()["rekog.client.attempts"].data.data_points
    }
    assert attempts == {(400, "ThrottlingException"): 1, (None, "ConnectionLostError"): 1, (200, None): 1}


def test_the_error_of_a_call_is_that_of_its_span(backend: Backend, collected: Collected) -> None:
    client = traced(backend, collected, error_reply("AccessDeniedException", "Not you"))
    with pytest.raises(Exception, match="Not you"):
        backend.run(client.list_collections)
    (span,) = collected.spans()
    assert span.status.status_code is StatusCode.ERROR
    assert (span.status.description or "").startswith("Not you")
    attributes = span.attributes or {}
    assert (attributes["error.type"], attributes["http.response.status_code"]) == ("AccessDeniedException", 400)
    assert [event.name for event in span.events] == ["exception"]
    (point,) = collected.metrics()["rpc.client.call.duration"].data.data_points
    assert point.attributes == {**CALL, "error.type": "AccessDeniedException"}


@pytest.mark.parametrize(
    ("step", "error"), [(httpx.ReadError("reset"), ConnectionLostError), (LISTING, ParamValidationError)]
)
def test_an_error_without_a_response_has_the_name_of_its_class(
    backend: Backend, collected: Collected, step: Step, error: type[Exception]
) -> None:
    client = traced(backend, collected, step, retry=RetryPolicy(mode="off"))
    with pytest.raises(error):
        backend.run(lambda: client.detect_faces("no such file" if error is ParamValidationError else PNG))
    (span,) = collected.spans()
    attributes = span.attributes or {}
    assert attributes["error.type"] == error.__name__
    assert "http.response.status_code" not in attributes


def test_a_cancelled_call_ends_its_span(collected: Collected) -> None:
    client = traced(Backend("sync", None), collected, LISTING)
    flow = client._caller.call(METHODS["list_collections"])
    next(flow)
    flow.close()
    (span,) = collected.spans()
    assert ((span.attributes or {})["error.type"], span.status.status_code) == ("cancelled", StatusCode.ERROR)
    assert span.events == ()


def test_the_duration_of_each_call_is_measured_in_seconds(backend: Backend, collected: Collected) -> None:
    client = traced(backend, collected, LISTING)
    for _ in range(3):
        backend.run(client.list_collections)
    metric = collected.metrics()["rpc.client.call.duration"]
    (point,) = metric.data.data_points
    assert (metric.unit, point.count, point.attributes) == ("s", 3, CALL)
    assert 0 < point.sum < 60
    assert point.explicit_bounds[:3] == (0.005, 0.01, 0.025)


def test_spans_contain_no_member_of_a_request_or_a_response(backend: Backend, collected: Collected) -> None:
    client = traced(backend, collected, json_reply({"FaceMatches": [{"Face": {"ExternalImageId": "secret-name"}}]}))
    backend.run(lambda: client.search_faces_by_image("secret-collection", PNG))
    shown = f"{collected.spans()[0].to_json()} {collected.metrics()}"
    assert [word for word in ("secret-name", "secret-collection", "pixels") if word in shown] == []


def test_other_clients_are_instrumented_by_with_options_only(backend: Backend, collected: Collected) -> None:
    plain = backend.client(Scripted(LISTING))
    before = plain.with_options(timeout=9)
    client = collected.instrument(plain)
    assert collected.instrument(client) is plain  # a second time changes nothing
    for each in (before, client, client.with_options(timeout=9), client.with_options(meter=Meter())):
        backend.run(each.list_collections)
    assert len(collected.spans()) == 3


def test_the_instrumentation_can_be_ended(backend: Backend, collected: Collected) -> None:
    client = traced(backend, collected, LISTING)
    assert otel.uninstrument(client) is client
    backend.run(client.list_collections)
    assert collected.spans() == []
    assert otel.uninstrument(backend.client(Scripted(LISTING))) is not None
    backend.run(collected.instrument(client).list_collections)
    assert len(collected.spans()) == 1


class BrokenStart(SpanProcessor):
    """A processor with an error at the start of a span."""

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        raise ValueError("of the processor")


class BrokenEnd(SpanProcessor):
    """A processor with an error at the end of a span."""

    def on_end(self, span: ReadableSpan) -> None:
        raise ValueError("of the processor")


@pytest.mark.parametrize("kind", [BrokenStart, BrokenEnd])
def test_an_error_of_a_processor_does_not_lose_the_response(
    backend: Backend, collected: Collected, caplog: pytest.LogCaptureFixture, kind: type[SpanProcessor]
) -> None:
    collected.tracers.add_span_processor(kind())
    client = traced(backend, collected, LISTING)
    assert backend.run(client.list_collections).collection_ids == []
    assert [record.getMessage() for record in caplog.records] == ["rekog.otel: a call could not be reported"]


def test_the_global_providers_are_the_default(backend: Backend) -> None:
    client = otel.instrument(backend.client(Scripted(LISTING)))
    assert backend.run(client.list_collections).collection_ids == []


def test_another_object_is_refused() -> None:
    wrong: Any = "client"
    with pytest.raises(
        ConfigError, match=r"^client must be a RekognitionClient or AsyncRekognitionClient, not 'client'"
    ):
        otel.instrument(wrong)


def test_without_the_package_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch, backend: Backend) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry", None)
    monkeypatch.delitem(sys.modules, "rekog.otel._tracing", raising=False)
    with pytest.raises(ConfigError, match=r"^rekog\.otel needs opentelemetry-api: pip install '\.\[otel\]'"):
        otel.instrument(backend.client(Scripted(LISTING)))
    assert dir(otel) == ["instrument", "uninstrument"]
