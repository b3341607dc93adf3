"""See each attempt of each call: a callback, the log, and spans of OpenTelemetry, with one failure on purpose.

    python examples/observability.py

No credentials and no network: `RekognitionClient.local()` answers in this process, and its emulator throttles the first
call. `RekognitionClient()` has the same settings. The spans need opentelemetry-sdk.
"""

from __future__ import annotations

import os
from pathlib import Path

from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import ConsoleSpanExporter, SimpleSpanProcessor

from rekog import Attempt, RekognitionClient, RetryPolicy, errors, otel

PHOTOGRAPH = Path(__file__).resolve().parent / "images" / "astronaut.jpg"


def report(attempt: Attempt) -> None:
    outcome = "ok" if attempt.error is None else type(attempt.error).__name__
    again = "" if attempt.next_in is None else f", again in {attempt.next_in:.1f} s"
    print(f"callback: {attempt.operation} attempt {attempt.number}: {outcome}{again}; {attempt.request_bytes:,} bytes")


def line(span: ReadableSpan) -> str:
    attributes = span.attributes or {}
    retries, status = attributes.get("http.request.resend_count", 0), attributes["http.response.status_code"]
    return f"span: {span.name}, HTTP {status}, retries: {retries}, {attributes.get('error.type', 'no error')}\n"


def main() -> None:
    os.environ.setdefault("REKOG_LOG", "info")  # retries, on stderr; debug writes each attempt
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(ConsoleSpanExporter(formatter=line)))

    with RekognitionClient.local(
        retry=RetryPolicy(pause=lambda failed: 0.1 * failed.number),
        headers={"X-Team": "vision"},
        user_agent_extra="observability-example/1.0",
        on_attempt=report,
    ) as client:
        otel.instrument(client, tracer_provider=provider)
        client.emulator.faults.add("DetectFaces", calls=[1], error="ThrottlingException")
        print(len(client.detect_faces(PHOTOGRAPH).face_details), "face")
        try:
            client.describe_collection("unknown")
        except errors.ResourceNotFoundException as error:
            print("error:", error.code)


if __name__ == "__main__":
    main()
