"""Code of users with settings of clients and calls. It never runs; strict mypy and pyright accept it."""

# ruff: noqa: TC001 (users import types at run time too)

from __future__ import annotations

import os
import ssl
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple, assert_type

import httpx

import rekog
from rekog import (
    AsyncRekognitionClient,
    AsyncTransport,
    CallOptions,
    Credentials,
    ImageInput,
    Pager,
    RekognitionClient,
    RetryPolicy,
    Timeout,
    Transport,
    VideoInput,
)
from rekog.config import CallOptionsDict, FailedAttempt, StrictCheck
from rekog.conversion import converter
from rekog.credentials import CredentialsInput
from rekog.emulator import Emulator
from rekog.errors import RekogError, ServiceError


def from_vault() -> Credentials:
    return Credentials("AKID", "secret", "token", expires_at=datetime.now(UTC))


def patient(failed: FailedAttempt) -> bool | None:
    assert_type(failed.number, int)
    assert_type(failed.error, RekogError)
    assert_type(failed.elapsed, float)
    return True if isinstance(failed.error, ServiceError) and failed.error.code == "LimitExceededException" else None


def linear(failed: FailedAttempt) -> float:
    return 0.5 * failed.number


class TeamClient(RekognitionClient):
    """A subclass with an attribute of its own."""

    def __init__(self, team: str, **settings: Any) -> None:
        super().__init__("eu-west-1", **settings)
        self.team = team


def settings(context: ssl.SSLContext, bundle: Path) -> None:
    RekognitionClient(timeout=5)
    RekognitionClient(timeout=Timeout(90, connect=5, read=60, pool=1))
    RekognitionClient(retry=RetryPolicy(mode="adaptive", max_attempts=5, retry_if=patient, pause=linear))
    RekognitionClient(retry=RetryPolicy(retry_if=lambda failed: failed.number < 2, pause=lambda failed: 1))
    RekognitionClient(credentials=from_vault)
    RekognitionClient(credentials=lambda: Credentials("AKID", "secret"))
    RekognitionClient(strict=True)
    RekognitionClient(strict=["requests", "images"])
    RekognitionClient(strict={"answers"})
    RekognitionClient(proxy="http://localhost:3128", verify=context)
    RekognitionClient(verify=False)
    AsyncRekognitionClient(verify=bundle)
    AsyncRekognitionClient(verify=os.environ["BUNDLE"], credentials=from_vault)
    checks: tuple[StrictCheck, ...] = RekognitionClient().config.strict
    print(checks)


def transports(own: httpx.BaseTransport, own_async: httpx.AsyncBaseTransport, mock: httpx.MockTransport) -> None:
    one: Transport = own
    other: AsyncTransport = own_async
    RekognitionClient(transport=one)
    RekognitionClient(transport=mock)
    RekognitionClient(transport=httpx.HTTPTransport(retries=1))
    AsyncRekognitionClient(transport=other)
    AsyncRekognitionClient(transport=mock)
    AsyncRekognitionClient(transport=httpx.AsyncHTTPTransport())


class Frozen:
    """Credentials with botocore's interface."""

    def get_frozen_credentials(self) -> tuple[str, str, str | None]:
        raise NotImplementedError


class ReadOnly(NamedTuple):
    """Frozen credentials, as botocore's."""

    access_key: str
    secret_key: str
    token: str | None


def sources(keys: Credentials, chosen: CredentialsInput, frozen: ReadOnly) -> RekognitionClient:
    RekognitionClient(credentials=Frozen())
    RekognitionClient(credentials=frozen)
    RekognitionClient(credentials=keys)
    return RekognitionClient(credentials=chosen)


def options(client: RekognitionClient, image: ImageInput, video: VideoInput, headers: Mapping[str, str]) -> None:
    client.detect_labels(image, options={"timeout": 2.5, "retry": RetryPolicy(mode="off"), "headers": headers})
    client.detect_labels(image, options={"timeout": Timeout(read=30)})
    client.detect_labels(image, options=CallOptions(timeout=2.5))
    shared: CallOptionsDict = {"timeout": 2}
    client.start_face_detection(video, options=shared)
    client.wait_until_face_detection_completed("job", options=shared)
    pager = client.paginate_list_faces("people", options={"timeout": 2})
    assert_type(pager, Pager[rekog.models.Face, rekog.models.ListFacesResponse])
    client.call("ListCollections", options={"headers": headers})


def other_options(client: RekognitionClient, tasks: AsyncRekognitionClient, team: TeamClient) -> None:
    assert_type(client.with_options(timeout=5), RekognitionClient)
    assert_type(tasks.with_options(retry=RetryPolicy(), headers={"x": "y"}), AsyncRekognitionClient)
    assert_type(team.with_options(timeout=Timeout(read=1)).team, str)


def local(emulator: Emulator) -> None:
    with RekognitionClient.local(timeout=5, retry=RetryPolicy(mode="off"), region_name="eu-west-1") as client:
        assert_type(client, RekognitionClient)
        assert_type(client.emulator, Emulator)
    RekognitionClient.local(emulator, strict=["requests"], max_connections=3)


def modules() -> object:
    rekog.emulator.Emulator()
    rekog.conversion.converter()
    converter("python")
    return (
        rekog.images.MAX_BYTES,
        rekog.config.Timeout,
        rekog.credentials.Credentials,
        rekog.paging.Pager,
        rekog.waiting.Poll,
        rekog.transports.Transport,
        rekog.errors.RekogError,
    )
