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

FIXTURES = [
    *("rekog_async_client", "rekog_client", "rekog_emulator", "rekog_endpoint"),
    *("rekog_session_client", "rekog_session_emulator", "rekog_session_endpoint", "rekog_session_reset"),
]
OTHERS = ("pytest_httpx", "hypothesispytest", "xdist", "xdist.looponfail", "anyio", "respx")
"""Plugins of other packages, which take most of the time of a small run."""
SETTINGS = "[pytest]\naddopts = --strict-markers -p no:cacheprovider\nfilterwarnings = error\n"


def run_pytest(folder: Path, code: str, *options: str, others: bool = False) -> str:
    """Run pytest on the code of some tests, alone or with the plugins of other packages, and return its output."""
    (folder / "pytest.ini").write_text(SETTINGS)
    (folder / "test_it.py").write_text(f"import pytest\n{code}")
    environment = {name: value for name, value in os.environ.items() if name != "PYTEST_ADDOPTS"}
    alone = [option for name in OTHERS for option in ("-p", f"no:{name}")]
    command = [sys.executable, "-m", "pytest", "-q", *([] if others else alone), *options, str(folder)]
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=folder, env=environment, timeout=120, check=False
    )
    return done.stdout + done.stderr


def test_its_fixtures_need_no_configuration(
    rekog_emulator: Emulator, rekog_client: RekognitionClient, rekog_async_client: AsyncRekognitionClient
) -> None:
    rekog_client.create_collection("people")
    assert [call.operation for call in rekog_emulator.calls] == ["CreateCollection"]


def test_boto3_reaches_its_endpoint(rekog_endpoint: str, rekog_client: RekognitionClient) -> None:
    rekog_client.create_collection("people")
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
def test_faults_can_be_parametrized(rekog_client: RekognitionClient, attempts: int) -> None:
    assert rekog_client.list_collections().response_metadata.attempts == attempts


CODE = """
import asyncio
from rekog.emulator import Durations, ManualClock

clock = ManualClock(1_700_000_000)

@pytest.mark.parametrize("time", [1, 2])
def test_each_test_has_an_emulator_of_its_own(rekog_client, time):
    assert rekog_client.list_collections().collection_ids == []
    rekog_client.create_collection("people")

def test_the_async_client_uses_the_same_emulator(rekog_client, rekog_async_client):
    rekog_client.create_collection("people")
    async def main():
        async with rekog_async_client as client:
            return (await client.list_collections()).collection_ids
    assert asyncio.run(main()) == ["people"]

def test_an_async_client_that_is_never_closed_gives_no_warning(rekog_async_client):
    assert asyncio.run(rekog_async_client.list_collections()).collection_ids == []

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


SESSION = """
from rekog import RekognitionClient

@pytest.fixture(scope="module")
def staff(rekog_session_emulator, tmp_path_factory):
    with RekognitionClient.local(rekog_session_emulator) as client:
        client.create_collection("staff")
    snapshot = tmp_path_factory.mktemp("state") / "staff"
    rekog_session_emulator.snapshot(snapshot)
    return snapshot

@pytest.mark.parametrize("time", [1, 2])
def test_the_session_emulator_keeps_its_state(rekog_session_emulator, staff, time):
    with RekognitionClient.local(rekog_session_emulator) as client:
        assert len(client.list_collections().collection_ids) == time
        client.create_collection(f"more{time}")

@pytest.mark.parametrize("time", [1, 2])
def test_a_test_starts_from_a_snapshot_of_it(staff, rekog_emulator, rekog_client, time):
    rekog_emulator.restore(staff)
    assert rekog_client.list_collections().collection_ids == ["staff"]
    rekog_client.delete_collection("staff")

def test_it_is_no_emulator_of_a_test(rekog_emulator, rekog_session_emulator):
    assert rekog_emulator is not rekog_session_emulator

@pytest.fixture(scope="session")
def visitors(rekog_session_client):
    rekog_session_client.create_collection("visitors")
    return "visitors"

@pytest.mark.usefixtures("rekog_session_reset")
class TestResetBetweenTests:
    @pytest.mark.parametrize("time", [1, 2])
    def test_each_test_starts_from_the_content_of_the_session(
        self, visitors, rekog_session_client, rekog_session_emulator, time
    ):
        emulator = rekog_session_emulator
        assert visitors in rekog_session_client.list_collections().collection_ids
        assert emulator.durations.job == 0
        if time == 2:
            assert len(emulator.calls) == 1
        rekog_session_client.delete_collection(visitors)
        emulator.durations = 5
        emulator.faults.add(error="ThrottlingException")

    def test_the_server_is_that_of_the_session(self, visitors, rekog_session_endpoint):
        from rekog import Credentials
        keys = Credentials("AKID", "secret")
        with RekognitionClient("us-east-1", endpoint_url=rekog_session_endpoint, credentials=keys) as client:
            assert visitors in client.list_collections().collection_ids

class TestReset:
    @pytest.fixture
    def rekog_emulator(self, rekog_session_emulator):
        rekog_session_emulator.reset()
        return rekog_session_emulator

    def test_the_clients_follow_an_overridden_emulator(self, rekog_client, rekog_session_emulator):
        rekog_client.create_collection("people")
        assert [call.operation for call in rekog_session_emulator.calls] == ["CreateCollection"]
"""


def test_a_session_shares_an_emulator(tmp_path: Path) -> None:
    assert "9 passed" in run_pytest(tmp_path, SESSION)


@pytest.mark.parametrize("conftest", ["", 'pytest_plugins = ["rekog.pytest_plugin"]'])
@pytest.mark.parametrize("options", [(), ("-p", "rekog.pytest_plugin")])
def test_it_may_be_loaded_by_its_name_as_well(tmp_path: Path, conftest: str, options: tuple[str, ...]) -> None:
    (tmp_path / "conftest.py").write_text(conftest)
    assert "1 passed" in run_pytest(tmp_path, "def test_it(rekog_client): pass", *options)


def test_it_may_be_turned_off(tmp_path: Path) -> None:
    output = run_pytest(tmp_path, "def test_it(rekog_client): pass", "-p", "no:rekog.pytest_plugin")
    assert "fixture 'rekog_client' not found" in output


def test_markers_and_fixtures_work_in_a_separate_run(tmp_path: Path) -> None:
    assert "8 passed" in run_pytest(tmp_path, CODE, others=True)


@pytest.mark.parametrize(
    ("error", "text"),
    [
        pytest.param(pytest.UsageError, "takes its arguments by name", marks=pytest.mark.rekog([])),
        pytest.param(
            pytest.UsageError,
            "the marker rekog has no argument 'fault'; there are faults, region, account",
            marks=pytest.mark.rekog(fault=[]),
        ),
        pytest.param(ValueError, "a fault must have an error", marks=pytest.mark.rekog(faults=[{"seed": 0}])),
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
def test_limits_may_be_a_mapping(rekog_client: RekognitionClient) -> None:
    with pytest.raises(ServiceQuotaExceededException):
        rekog_client.create_collection("people")


@pytest.mark.rekog(durations=5)
def test_durations_may_be_a_number(rekog_emulator: Emulator) -> None:
    assert rekog_emulator.durations.training == 5


def test_it_does_not_import_the_emulator_without_a_fixture(tmp_path: Path) -> None:
    code = "import sys\ndef test_it(): assert not {'rekog.emulator', 'rekog.models'} & set(sys.modules)\n"
    assert "1 passed" in run_pytest(tmp_path, code)


def test_its_marker_and_fixtures_are_listed(tmp_path: Path) -> None:
    assert "@pytest.mark.rekog(faults=..., durations=..., **settings)" in run_pytest(tmp_path, "", "--markers")
    output = run_pytest(tmp_path, "", "--fixtures")
    assert [name for name in FIXTURES if name not in output] == []
