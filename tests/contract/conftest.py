"""The service under test and its clients.

Every test runs with boto3 and with rekog against an emulator in a process of its own; with `-m slow` also with the
JavaScript SDK. With `-m live` boto3 and rekog go to the real service, which costs money and needs:

    REKOG_LIVE_REGION   the region; credentials are found as the AWS tools find them

Tests that ask for `control` work with what only an emulator can be told, and are skipped there.
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


@pytest.fixture(scope="session")
def s3_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of buckets, of which `disk` has `astronaut.jpg`, and beside it a picture that is nobody's business."""
    folder = tmp_path_factory.mktemp("s3")
    shutil.copy(ASTRONAUT, folder / "secret.jpg")
    bucket = folder / "buckets" / "disk"
    bucket.mkdir(parents=True)
    shutil.copy(ASTRONAUT, bucket)
    return bucket.parent


@pytest.fixture(scope="session")
def url(s3_root: Path) -> Iterator[str]:
    """An emulator whose clock stands still."""
    with running_server("--clock", "manual", "--s3-root", s3_root) as server:
        yield server.url


@pytest.fixture(scope="session")
def control_api(url: str) -> Iterator[ControlApi]:
    """The control API of the one emulator."""
    control = ControlApi(url)
    yield control
    control.close()


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
    """A folder with the JavaScript SDK, freshly installed."""
    if not shutil.which("node") or not shutil.which("npm"):
        pytest.skip("node and npm are not installed")
    folder = tmp_path_factory.mktemp("javascript")
    install(["npm", "install", "--no-audit", "--no-fund", "--prefix", str(folder), SDK])
    return folder


@pytest.fixture(scope="session")
def javascript_client(url: str, javascript_folder: Path) -> Iterator[JavaScript]:
    """The JavaScript SDK in a node."""
    with open_javascript(javascript_folder, REGION, url) as driver:
        yield driver


@pytest.fixture(scope="session")
def cli(url: str, tmp_path_factory: pytest.TempPathFactory) -> Cli:
    """The AWS CLI in a virtual environment of its own, for it pins its botocore."""
    folder = tmp_path_factory.mktemp("cli")
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    install([str(folder / "bin" / "pip"), "install", "--quiet", "awscli"])
    return Cli(folder / "bin" / "aws", folder, REGION, url)


def install(command: list[str]) -> None:
    """Install something, or skip the test when that can't be done here."""
    ended = subprocess.run(command, check=False, capture_output=True, text=True, timeout=INSTALL_SECONDS)
    if ended.returncode:
        pytest.skip(f"{' '.join(command[:2])} failed, perhaps for lack of a network: {ended.stderr.strip()[-300:]}")


@pytest.fixture(scope="session")
def live_region() -> str:
    """The region of the real service."""
    if LIVE not in os.environ:
        pytest.skip(f"set {LIVE} to a region to call the real service")
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
    """The service through one client; an emulator has forgotten everything."""
    kind: str = request.param
    if kind.startswith("live-"):
        region = request.getfixturevalue("live_region")
        return Rekognition(Boto3(region, None) if kind == "live-boto3" else Rekog(region, None), None)
    request.getfixturevalue("control_api").reset()
    return Rekognition(request.getfixturevalue(f"{kind}_client"), request.getfixturevalue("url"))


@pytest.fixture
def control(rekognition: Rekognition, request: pytest.FixtureRequest) -> ControlApi:
    """The control API of the service under test, which must be an emulator."""
    if rekognition.url is None:
        pytest.skip("the real service can't be told what to see")
    control_api: ControlApi = request.getfixturevalue("control_api")
    return control_api


@pytest.fixture
def name() -> str:
    """A name that nobody has."""
    return f"rekog-contract-{uuid.uuid4().hex[:12]}"


@pytest.fixture
def collection(rekognition: Rekognition, name: str) -> Iterator[str]:
    """An empty collection."""
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
    """A photograph of one woman."""
    return {"Bytes": ASTRONAUT.read_bytes()}


@pytest.fixture(scope="session")
def hopper() -> dict[str, bytes]:
    """A photograph of another."""
    return {"Bytes": HOPPER.read_bytes()}


@pytest.fixture(scope="session")
def folder_of_repository() -> Path:
    return Path(__file__).resolve().parents[2]
