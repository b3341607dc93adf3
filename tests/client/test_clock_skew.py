"""Signatures: each attempt is signed again, and a skewed clock is corrected."""

from __future__ import annotations

import re
from collections.abc import Callable
from email.utils import formatdate
from itertools import count

import pytest

from rekog._core.call import Caller
from rekog._core.flow import Effect, HttpRequest, HttpResponse, Sleep
from rekog._generated.operations import METHODS
from rekog._settings.sources import FixedSource
from rekog.config import Config
from rekog.errors import (
    AccessDeniedException,
    InvalidParameterException,
    ServiceError,
    UnmodeledServiceError,
)
from tests.kit.backends import AT_ONCE, KEYS, Backend, Scripted, Step, error_reply, json_reply
from tests.kit.flows import first_request

CLOCK = 1_900_000_000.0
THROTTLED = error_reply("ThrottlingException", "Rate exceeded")


def caller(clock: Callable[[], float]) -> Caller:
    """Return a caller with this clock and fixed credentials."""
    config = Config(region_name="eu-west-1", retry=AT_ONCE)
    return Caller(config, FixedSource(KEYS), clock=clock)


def list_collections(backend: Backend, transport: Scripted, caller: Caller, times: int = 1) -> None:
    """Call ListCollections this number of times."""
    driver = backend.driver(transport)
    fields = {"next_token": None, "max_results": None}
    for _ in range(times):
        backend.run(lambda: driver.run(caller.call(METHODS["list_collections"], **fields)))


def signatures(transport: Scripted) -> list[str]:
    return [sent.headers["authorization"].rpartition("Signature=")[2] for sent in transport.sent]


def test_each_attempt_has_a_new_signature(backend: Backend) -> None:
    transport = Scripted(THROTTLED, json_reply())
    seconds = count(CLOCK, 1.0)
    list_collections(backend, transport, caller(lambda: next(seconds)))
    first, second = transport.sent
    assert first.headers["x-amz-date"] < second.headers["x-amz-date"]
    assert len(set(signatures(transport))) == 2


def test_the_date_of_a_retry_counts_from_the_clock_of_the_signatures() -> None:
    flow = caller(lambda: CLOCK).call(METHODS["list_collections"], next_token=None, max_results=None)
    first_request(flow)
    headers = {"retry-after": formatdate(CLOCK + 7, usegmt=True)}
    assert flow.send(HttpResponse(503, headers, b"{}")) == Sleep(7.0)


def skewed(code: str = "RequestTimeTooSkewed", seconds: float = 3600.0, **headers: str) -> Step:
    """Return an error of the service whose clock is this many seconds ahead of ours."""
    return error_reply(code, "Signature expired", status=403, headers={"Date": formatdate(CLOCK + seconds), **headers})


def signed_hours(transport: Scripted) -> list[str]:
    return [sent.headers["x-amz-date"][9:11] for sent in transport.sent]


SKEW_CODES = [
    "AuthFailure",
    "InvalidSignatureException",
    "RequestExpired",
    "RequestInTheFuture",
    "RequestTimeTooSkewed",
    "SignatureDoesNotMatch",
]


@pytest.mark.parametrize("code", SKEW_CODES)
@pytest.mark.parametrize("seconds", [-3600.0, 3600.0])
def test_clock_skew_is_corrected_without_a_pause(backend: Backend, code: str, seconds: float) -> None:
    transport = Scripted(skewed(code, seconds), json_reply())
    list_collections(backend, transport, caller(lambda: CLOCK))
    assert len(transport.sent) == 2
    assert transport.sent[1].headers["x-amz-date"][9:11] == ("16" if seconds < 0 else "18")


def test_a_clock_correction_applies_to_later_calls(backend: Backend) -> None:
    transport = Scripted(skewed(), json_reply())
    list_collections(backend, transport, caller(lambda: CLOCK), times=2)
    assert signed_hours(transport) == ["17", "18", "18"]


def test_a_clock_correction_applies_to_presigned_urls(backend: Backend) -> None:
    shared = caller(lambda: CLOCK)
    driver = backend.driver(Scripted(skewed(), json_reply()))
    operation = METHODS["list_collections"]
    before = backend.run(lambda: driver.run(shared.presign(operation, {}, 60, "POST")))
    backend.run(lambda: driver.run(shared.call(operation)))
    after = backend.run(lambda: driver.run(shared.presign(operation, {}, 60, "POST")))
    hours = [re.findall(r"X-Amz-Date=\d{8}T(\d\d)", url) for url in (before, after)]
    assert hours == [["17"], ["18"]]


def test_the_clock_is_corrected_once_per_attempt(backend: Backend) -> None:
    transport = Scripted(skewed(seconds=3600), skewed(seconds=7200))
    with pytest.raises(UnmodeledServiceError, match="RequestTimeTooSkewed"):
        list_collections(backend, transport, caller(lambda: CLOCK))
    assert len(transport.sent) == 2


def test_a_clock_correction_is_not_counted_as_an_attempt(backend: Backend) -> None:
    transport = Scripted(skewed(), THROTTLED, skewed(seconds=7200), THROTTLED, json_reply())
    list_collections(backend, transport, caller(lambda: CLOCK))
    assert len(transport.sent) == 5


def test_a_clock_within_the_tolerance_is_not_corrected(backend: Backend) -> None:
    transport = Scripted(skewed("InvalidSignatureException", seconds=200))
    with pytest.raises(UnmodeledServiceError, match="InvalidSignatureException"):
        list_collections(backend, transport, caller(lambda: CLOCK))
    assert len(transport.sent) == 1


def test_concurrent_calls_are_signed_again_after_a_clock_correction() -> None:
    shared = caller(lambda: CLOCK)
    skew_error = HttpResponse(403, {"date": formatdate(CLOCK + 3600)}, b'{"__type": "RequestTimeTooSkewed"}')
    flows = [shared.call(METHODS["list_collections"], next_token=None, max_results=None) for _ in range(3)]
    for flow in flows:
        first_request(flow)
    resent = [flow.send(skew_error) for flow in flows[:2]]
    assert [dict(request.headers)[b"x-amz-date"][9:11] for request in map(as_request, resent)] == [b"18", b"18"]
    with pytest.raises(UnmodeledServiceError, match="OtherError"):
        flows[2].send(HttpResponse(403, skew_error.headers, b'{"__type": "OtherError"}'))


def as_request(effect: Effect) -> HttpRequest:
    assert isinstance(effect, HttpRequest)
    return effect


@pytest.mark.parametrize("date", ["", "yesterday", "Mon, 01 Jan 99999999999999999999 00:00:00 GMT"])
def test_an_unreadable_date_corrects_no_clock(backend: Backend, date: str) -> None:
    transport = Scripted(skewed(Date=date))
    with pytest.raises(UnmodeledServiceError):
        list_collections(backend, transport, caller(lambda: CLOCK))
    assert len(transport.sent) == 1


def test_a_missing_date_corrects_no_clock(backend: Backend) -> None:
    transport = Scripted(error_reply("RequestExpired", status=403))
    with pytest.raises(UnmodeledServiceError):
        list_collections(backend, transport, caller(lambda: CLOCK))
    assert len(transport.sent) == 1


@pytest.mark.parametrize(
    ("code", "kind"),
    [("AccessDeniedException", AccessDeniedException), ("InvalidParameterException", InvalidParameterException)],
)
def test_the_date_of_another_error_corrects_no_clock(backend: Backend, code: str, kind: type[ServiceError]) -> None:
    transport = Scripted(skewed(code))
    with pytest.raises(kind):
        list_collections(backend, transport, caller(lambda: CLOCK))
    assert len(transport.sent) == 1
