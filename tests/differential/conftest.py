"""A recording service and clients of it, one set per test module because a client is slow to create."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.differential.oracle import Recorder, open_client
from tests.kit.fixtures import backend

if TYPE_CHECKING:
    from rekog import RekognitionClient

__all__ = ["backend", "bare_environment", "client", "recorder", "strict_client"]


@pytest.fixture(scope="package", autouse=True)
def bare_environment() -> Iterator[None]:
    """Hide the AWS settings of the machine from both libraries; this fixture has the scope of the package."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            patch.delenv(name)
        patch.setenv("AWS_CONFIG_FILE", os.devnull)
        patch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
        patch.setenv("NO_PROXY", "127.0.0.1")
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        yield


@pytest.fixture(scope="module")
def recorder() -> Recorder:
    """A service that records requests and returns the response set last."""
    return Recorder()


@pytest.fixture(scope="module")
def client(recorder: Recorder) -> Iterator[RekognitionClient]:
    """A client with the default validation."""
    with open_client(recorder) as opened:
        yield opened


@pytest.fixture(scope="module")
def strict_client(recorder: Recorder) -> Iterator[RekognitionClient]:
    """A client that validates the whole model before it sends a request; the images of the tests are none."""
    with open_client(recorder, strict=["requests", "answers"]) as opened:
        yield opened
