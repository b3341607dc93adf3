"""The pytest plugin, in separate pytest runs and in this one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from rekog.errors import ServiceQuotaExceededException

if TYPE_CHECKING:
    from rekog import AsyncRekognitionClient, RekognitionClient
    from rekog.emulator import Emulator

SETTINGS = "[pytest]\naddopts = --strict-markers -p no:cacheprovider\nfilterwarnings = error\n"


def run_pytest(folder: Path, code: str, *options: str) -> str:
    """Run pytest on the code of some tests and return its output."""
    (folder / "pytest.ini").write_text(SETTINGS)
    (folder / "test_it.py").write_text(f"import pytest\n{code}")
    environment = {name: value for name, value in os.environ.items() if name != "PYTEST_ADDOPTS"}
    command = [sys.executable, "-m", "pytest", "-q", *options, str(folder)]
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=folder, env=environment, timeout=120, check=False
    )
    return done.stdout + done.stderr


def test_its_fixtures_need_no_configuration(
    rekog_emulator: Emulator, rekognition: RekognitionClient, async_rekognition: AsyncRekognitionClient
) -> None:
    rekognition.create_collection("people")
    assert [call.operation for call in rekog_emulator.calls] == ["CreateCollection"]


def test_boto3_reaches_its_endpoint(rekog_endpoint: str, rekognition: RekognitionClient) -> None:
    rekognition.create_collection("people")
    make: Any = boto3
    client = make.client(
        "rekognition",
        endpoint_url=rekog_endpoint,
        region_name="us-east-1",
        aws_access_key_id="AKID",
        aws_secret_access_key="secret",
    )
    assert client.list_collections()["CollectionIds"] == ["people"]


@pytest.mark.parametrize(
    "attempts",
    [
        pytest.param(1, marks=pytest.mark.rekog(faults=[])),
        pytest.param(2, marks=pytest.mark.rekog(faults=[{"calls": [1], "error": "ThrottlingException"}])),
    ],
)
def test_faults_can_be_parametrized(rekognition: RekognitionClient, attempts: int) -> None:
    assert rekognition.list_collections().response_metadata.attempts == attempts


CODE = """
import asyncio
from rekog.emulator import Durations, ManualClock

clock = ManualClock(1_700_000_000)

@pytest.mark.parametrize("time", [1, 2])
def test_each_test_has_an_emulator_of_its_own(rekognition, time):
    assert rekognition.list_collections().collection_ids == []
    rekognition.create_collection("people")

def test_the_async_client_uses_the_same_emulator(rekognition, async_rekognition):
    rekognition.create_collection("people")
    async def main():
        async with async_rekognition as client:
            return (await client.list_collections()).collection_ids
    assert asyncio.run(main()) == ["people"]

def test_an_async_client_that_is_never_closed_gives_no_warning(async_rekognition):
    assert asyncio.run(async_rekognition.list_collections()).collection_ids == []

@pytest.mark.rekog(region="eu-west-1", clock=clock, durations={"job": 3})
class TestSettings:
    def test_settings_reach_the_emulator(self, rekog_emulator):
        assert (rekog_emulator.clock, rekog_emulator.durations.job) == (clock, 3)

    @pytest.mark.rekog(durations=5)
    def test_the_nearest_marker_has_precedence(self, rekog_emulator):
        assert (rekog_emulator.clock, rekog_emulator.durations.training) == (clock, 5)

    @pytest.mark.rekog(durations=Durations(job=7))
    def test_durations_may_be_an_object(self, rekog_emulator):
        assert rekog_emulator.durations.job == 7

@pytest.mark.rekog(faults=[{"every": 2, "error": "InternalServerError"}])
class TestFaults:
    @pytest.mark.rekog(faults=[{"latency": 0.001}])
    def test_the_faults_of_all_markers_are_added(self, rekog_emulator):
        assert [fault.every for fault in rekog_emulator.faults.listed] == [2, None]
"""


def test_markers_and_fixtures_work_in_a_separate_run(tmp_path: Path) -> None:
    assert "8 passed" in run_pytest(tmp_path, CODE)


@pytest.mark.parametrize(
    ("error", "text"),
    [
        pytest.param(pytest.UsageError, "takes its arguments by name", marks=pytest.mark.rekog([])),
        pytest.param(TypeError, "unexpected keyword argument 'colour'", marks=pytest.mark.rekog(colour="blue")),
        pytest.param(ValueError, "a fault has an error", marks=pytest.mark.rekog(faults=[{"seed": 0}])),
        pytest.param(ValueError, "no such duration: jobs", marks=pytest.mark.rekog(durations={"jobs": 1})),
        pytest.param(ValueError, "no such limit: jobs", marks=pytest.mark.rekog(limits={"jobs": 1})),
    ],
)
def test_an_invalid_marker_is_an_error_of_its_test(
    request: pytest.FixtureRequest, error: type[Exception], text: str
) -> None:
    with pytest.raises(error, match=text):
        request.getfixturevalue("rekog_emulator")


@pytest.mark.rekog(limits={"collections": 0})
def test_limits_may_be_a_mapping(rekognition: RekognitionClient) -> None:
    with pytest.raises(ServiceQuotaExceededException):
        rekognition.create_collection("people")


@pytest.mark.rekog(durations=5)
def test_durations_may_be_a_number(rekog_emulator: Emulator) -> None:
    assert rekog_emulator.durations.training == 5


def test_it_does_not_import_the_emulator_without_a_fixture(tmp_path: Path) -> None:
    code = "import sys\ndef test_it(): assert not {'rekog.emulator', 'rekog.models'} & set(sys.modules)\n"
    assert "1 passed" in run_pytest(tmp_path, code)


def test_its_marker_and_fixtures_are_listed(tmp_path: Path) -> None:
    assert "@pytest.mark.rekog(faults=..., durations=..., **settings)" in run_pytest(tmp_path, "", "--markers")
    output = run_pytest(tmp_path, "", "--fixtures")
    assert [name for name in ("rekog_emulator", "rekognition", "rekog_endpoint") if name not in output] == []
