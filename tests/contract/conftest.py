"""The service under test and its clients.

Each test runs with boto3 and with rekog against an emulator in a separate process; with `-m slow` also with the
JavaScript SDK. With `-m live`, boto3 and rekog call the real service, which costs money and needs:

    REKOG_LIVE_REGION   the Region; credentials come from the usual sources of the AWS tools

Tests that use the fixture `control` need the control API of an emulator, and are skipped with the real service.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import uuid
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.kit.clients import REGION, Boto3, Cli, JavaScript, RefusedError, Rekog, open_javascript
from tests.kit.process import running_server
from tests.kit.request_members import FACE_COLLECTION, NOT_A_VIDEO, STREET_CONTENT
from tests.kit.service import ControlApi, Rekognition
from tests.kit.wire import ASTRONAUT, HOPPER

if TYPE_CHECKING:
    from collections.abc import Iterator

LIVE = "REKOG_LIVE_REGION"
INSTALL_SECONDS = 300
SDK = "@aws-sdk/client-rekognition"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out tests of the real service that other marks select, too; `-m live` without a Region skips them."""
    if LIVE in os.environ or "live" in str(config.getoption("markexpr")):
        return
    live = [item for item in items if item.get_closest_marker("live")]
    config.hook.pytest_deselected(items=live)
    items[:] = [item for item in items if item not in live]


@pytest.fixture(scope="session")
def s3_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Create a bucket folder with `disk/astronaut.jpg`, and an image beside it that must stay unreadable."""
    folder = tmp_path_factory.mktemp("s3")
    shutil.copy(ASTRONAUT, folder / "secret.jpg")
    bucket = folder / "buckets" / "disk"
    bucket.mkdir(parents=True)
    shutil.copy(ASTRONAUT, bucket)
    return bucket.parent


@pytest.fixture(scope="session")
def url(s3_root: Path) -> Iterator[str]:
    """Run an emulator with a manual clock, and return its URL."""
    with running_server("--clock", "manual", "--s3-root", s3_root) as server:
        yield server.url


@pytest.fixture(scope="session")
def control_api(url: str) -> Iterator[ControlApi]:
    """Return the control API of the emulator, without a client of the service."""
    opened = ControlApi(url)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def boto3_client(url: str) -> Iterator[Boto3]:
    driver = Boto3(REGION, url)
    yield driver
    driver.close()


@pytest.fixture(scope="session")
def rekog_client(url: str) -> Iterator[Rekog]:
    driver = Rekog(REGION, url)
    yield driver
    driver.close()


@pytest.fixture(scope="session")
def javascript_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the JavaScript SDK in a new folder."""
    if not shutil.which("node") or not shutil.which("npm"):
        pytest.skip("node and npm are not installed")
    folder = tmp_path_factory.mktemp("javascript")
    install(["npm", "install", "--no-audit", "--no-fund", "--prefix", str(folder), SDK])
    return folder


@pytest.fixture(scope="session")
def javascript_client(url: str, javascript_folder: Path) -> Iterator[JavaScript]:
    """Start node with the JavaScript SDK."""
    with open_javascript(javascript_folder, REGION, url) as driver:
        yield driver


@pytest.fixture(scope="session")
def cli(url: str, tmp_path_factory: pytest.TempPathFactory) -> Cli:
    """Install the AWS CLI in a separate virtual environment, because it pins botocore."""
    folder = tmp_path_factory.mktemp("cli")
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    install([str(folder / "bin" / "pip"), "install", "--quiet", "awscli"])
    return Cli(folder / "bin" / "aws", folder, REGION, url)


@pytest.fixture(scope="session")
def cli_client(cli: Cli) -> Cli:
    """Return the AWS CLI as a client of the fixture `rekognition`."""
    return cli


def install(command: list[str]) -> None:
    """Run an installation command, and skip the test if it fails."""
    ended = subprocess.run(command, check=False, capture_output=True, text=True, timeout=INSTALL_SECONDS)
    if ended.returncode:
        pytest.skip(f"{' '.join(command[:2])} failed, perhaps without a network: {ended.stderr.strip()[-300:]}")


@pytest.fixture(scope="session")
def live_region() -> str:
    """Return the Region of the real service."""
    if LIVE not in os.environ:
        pytest.skip(f"set {LIVE} to a Region to call the real service")
    return os.environ[LIVE]


@pytest.fixture(
    params=[
        "boto3",
        "rekog",
        pytest.param("javascript", marks=pytest.mark.slow),
        pytest.param("live-boto3", marks=pytest.mark.live),
        pytest.param("live-rekog", marks=pytest.mark.live),
    ]
)
def rekognition(request: pytest.FixtureRequest) -> Rekognition:
    """Return the service through one client. An emulator is empty."""
    kind: str = request.param
    if kind.startswith("live-"):
        region = request.getfixturevalue("live_region")
        return Rekognition(Boto3(region, None) if kind == "live-boto3" else Rekog(region, None), None)
    request.getfixturevalue("control_api").reset()
    return Rekognition(request.getfixturevalue(f"{kind}_client"), request.getfixturevalue("url"))


@pytest.fixture
def control(rekognition: Rekognition, request: pytest.FixtureRequest) -> ControlApi:
    """Return the control API of the service under test, which must be an emulator."""
    if rekognition.url is None:
        pytest.skip("the real service has no control API")
    control_api: ControlApi = request.getfixturevalue("control_api")
    return control_api


@pytest.fixture
def name() -> str:
    """Return a unique name."""
    return f"rekog-contract-{uuid.uuid4().hex[:12]}"


@pytest.fixture
def collection(rekognition: Rekognition, name: str) -> Iterator[str]:
    """Create an empty collection, and delete it after the test."""
    rekognition("CreateCollection", CollectionId=name)
    yield name
    with suppress(RefusedError):  # the test may have deleted it
        rekognition("DeleteCollection", CollectionId=name)


@pytest.fixture
def project(rekognition: Rekognition, control: ControlApi) -> str:
    """Create an empty project, and return its ARN."""
    return str(rekognition("CreateProject", ProjectName="dogs")["ProjectArn"])


@pytest.fixture
def street_video(rekognition: Rekognition, control: ControlApi) -> None:
    """Store a video with declared content of every kind, and index a face of it."""
    rekognition("CreateCollection", CollectionId=FACE_COLLECTION)
    rekognition("IndexFaces", CollectionId=FACE_COLLECTION, Image=control.image_of_people("Ann"))
    control.put_object("films", "street.mp4", NOT_A_VIDEO)
    control.declare("s3://films/street.mp4", **STREET_CONTENT)


@pytest.fixture(scope="session")
def astronaut() -> dict[str, bytes]:
    """Return a photograph of one person."""
    return {"Bytes": ASTRONAUT.read_bytes()}


@pytest.fixture(scope="session")
def hopper() -> dict[str, bytes]:
    """Return a photograph of another person."""
    return {"Bytes": HOPPER.read_bytes()}


@pytest.fixture(scope="session")
def folder_of_repository() -> Path:
    return Path(__file__).resolve().parents[2]
