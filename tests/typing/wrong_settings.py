"""Code with mistakes in settings: the markers are as in wrong_code.py."""

# ruff: noqa: B018, TC001 (this code is for the type checkers)

from __future__ import annotations

import httpx

import rekog
from rekog import AsyncRekognitionClient, CallOptions, Credentials, RekognitionClient, RetryPolicy, Timeout
from rekog.config import FailedAttempt
from rekog.emulator import Emulator


async def decide(_failed: FailedAttempt) -> bool:
    return True


def wait(failed: int) -> float:
    return failed


def wrong_settings() -> None:
    Timeout(5, 10)  # E: call-arg | reportCallIssue
    Timeout(5, connect=None)  # E: arg-type | reportArgumentType
    RetryPolicy("off")  # E: call-arg | reportCallIssue
    RetryPolicy(wait=wait)  # E: call-arg | reportCallIssue
    RetryPolicy(retry_if=decide)  # E: arg-type | reportArgumentType
    RetryPolicy(pause=wait)  # E: arg-type | reportArgumentType
    CallOptions(5)  # E: call-arg | reportCallIssue
    Credentials("AKID", "secret", "token", None)  # E: call-arg | reportCallIssue
    Credentials("AKID", "secret", expires_at="2030-01-01")  # E: arg-type | reportArgumentType
    RekognitionClient(retry=5)  # E: arg-type | reportArgumentType
    RekognitionClient(timeout=httpx.Timeout(5))  # E: arg-type | reportArgumentType
    RekognitionClient(credentials={"access_key": "AKID"})  # E: arg-type | reportArgumentType
    RekognitionClient(credentials=lambda: ("AKID", "secret"))  # E: arg-type, return-value | reportArgumentType
    RekognitionClient(strict="requests")  # E: arg-type | reportArgumentType
    RekognitionClient(strict=["request"])  # E: list-item | reportArgumentType
    RekognitionClient(aws_access_key_id="AKID")  # E: call-arg | reportCallIssue
    RekognitionClient(config=None)  # E: call-arg | reportCallIssue
    RekognitionClient(transport=httpx.Client())  # E: arg-type | reportArgumentType
    AsyncRekognitionClient(transport=httpx.HTTPTransport())  # E: arg-type | reportArgumentType
    RekognitionClient(proxy=3128)  # E: arg-type | reportArgumentType


def wrong_options(client: RekognitionClient) -> None:
    client.list_collections(options=2)  # E: arg-type | reportArgumentType
    client.list_collections(options={"tiemout": 2})  # E: arg-type | reportArgumentType
    client.list_collections(options={"timeout": "2"})  # E: arg-type | reportArgumentType
    client.with_options(5)  # E: call-arg | reportCallIssue
    client.with_options(max_connections=5)  # E: call-arg | reportCallIssue
    client.timeout = 3  # E: attr-defined | reportAttributeAccessIssue
    client.config = None  # E: misc, assignment | reportAttributeAccessIssue
    client.run  # E: attr-defined | reportAttributeAccessIssue
    client.caller  # E: attr-defined | reportAttributeAccessIssue


def wrong_local(emulator: Emulator) -> None:
    RekognitionClient.local("http://localhost")  # E: arg-type | reportArgumentType
    RekognitionClient.local(emulator, "eu-west-1")  # E: call-arg | reportCallIssue
    RekognitionClient.local(transport=emulator.transport())  # E: call-arg | reportCallIssue


def wrong_names() -> None:
    rekog.converter  # E: attr-defined | reportAttributeAccessIssue
    rekog.config.as_timeout  # E: attr-defined | reportAttributeAccessIssue
    rekog.config.ConfigArguments  # E: attr-defined | reportAttributeAccessIssue
    rekog.credentials.ChainSource  # E: attr-defined | reportAttributeAccessIssue
