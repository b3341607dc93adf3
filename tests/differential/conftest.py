"""A recording service with clients in front of it; they live as long as the test module, for a client is dear."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.differential.oracle import Recorder, opened
from tests.kit.fixtures import backend

if TYPE_CHECKING:
    from rekog import RekognitionClient

__all__ = ["backend", "client", "no_settings_from_outside", "recorder", "strict_client"]


@pytest.fixture(scope="package", autouse=True)
def no_settings_from_outside() -> Iterator[None]:
    """Keep both libraries from the settings of whoever runs the tests."""
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
    """The service: it keeps requests, and answers what it was told last."""
    return Recorder()


@pytest.fixture(scope="module")
def client(recorder: Recorder) -> Iterator[RekognitionClient]:
    """A client with the default checks."""
    with opened(recorder) as made:
        yield made


@pytest.fixture(scope="module")
def strict_client(recorder: Recorder) -> Iterator[RekognitionClient]:
    """A client that checks the whole model before sending."""
    with opened(recorder, strict=True) as made:
        yield made
