"""The Docker image: its instructions, run without Docker in a folder and a virtual environment."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
import yaml

from rekog import Credentials, RekognitionClient
from rekog.emulator.launch.options import OPTIONS
from tests.emulator.launch.dockerfile import Instruction, instructions
from tests.kit.process import EXIT_TIMEOUT, READY, RESPONSE_TIMEOUT
from tests.kit.wire import HOPPER

ROOT = Path(__file__).resolve().parents[3]
IMAGE = instructions((ROOT / "Dockerfile").read_text("utf-8"))
VARIABLES = {option.variable for option in OPTIONS}


def of(name: str) -> list[Instruction]:
    return [each for each in IMAGE if each.name == name]


def environment() -> dict[str, str]:
    """Return the variables of the image."""
    return dict(word.split("=", 1) for each in of("ENV") for word in shlex.split(each.text))


def composed() -> dict[str, Any]:
    # cast: our own file
    return cast("dict[str, Any]", yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))["services"]["rekognition"])


def test_the_image_uses_known_instructions_in_their_exec_forms() -> None:
    known = {"FROM", "ARG", "WORKDIR", "COPY", "RUN", "USER", "ENV", "VOLUME", "EXPOSE", "HEALTHCHECK", "ENTRYPOINT"}
    assert {each.name for each in IMAGE} == known | {"CMD"}
    (health,) = of("HEALTHCHECK")
    options, _, command = health.text.partition("CMD ")
    assert re.fullmatch(r"(--(interval|timeout|start-period|start-interval)=\d+s )+", options)
    assert Instruction("CMD", command).words[-1] == "health"
    assert all(each.words for name in ("ENTRYPOINT", "CMD") for each in of(name))
    assert of("USER")[-1].text == "rekog"  # the server does not run as root


def test_the_variables_of_image_and_compose_file_are_options() -> None:
    given = {*environment(), *composed()["environment"]}
    assert {name for name in given if name.startswith("REKOG_")} <= VARIABLES
    assert len(given & VARIABLES) > 5


def test_the_compose_file_fits_the_image() -> None:
    service = composed()
    port = environment()["REKOG_EMULATOR_PORT"]
    assert (service["ports"], [each.text for each in of("EXPOSE")]) == ([f"127.0.0.1:{port}:{port}"], [port])
    assert service["volumes"] == [f"state:{environment()['REKOG_EMULATOR_DATA']}"]
    assert service["healthcheck"]["test"] == [
        "CMD",
        *Instruction("", of("HEALTHCHECK")[0].text.partition("CMD ")[2]).words,
    ]


def test_each_copied_path_exists_and_is_sent_to_docker() -> None:
    allowed = [line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line.startswith("!")]
    copied = [word for each in of("COPY") if "--from" not in each.text for word in each.text.split()[:-1]]
    assert copied
    assert [word for word in copied if not (ROOT / word).exists() or word not in allowed] == []


# --- The steps of the image -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """Run the build, and return the folder that stands for `/`, with the variables of the image."""
    root = tmp_path_factory.mktemp("image")
    build = IMAGE[: [each.name for each in IMAGE].index("FROM", 1)]
    arguments = dict(each.text.split("=", 1) for each in build if each.name == "ARG")
    folder = root
    for each in build:
        if each.name == "WORKDIR":
            folder = root / each.text.strip("/")
            folder.mkdir(parents=True)
        elif each.name == "COPY":
            *sources, target = each.text.split()
            for source in sources:
                copy(ROOT / source, folder / target / (source if target == "./" else ""))
        elif each.name == "RUN":
            command = within(root, each.text).replace("RUN python ", f"RUN {sys.executable} ")
            path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
            subprocess.run(
                ["sh", "-ec", command], cwd=folder, env={**os.environ, **arguments, "PATH": path}, check=True
            )
    shutil.rmtree(root / "source")  # the image has only what the second stage copies
    (root / "data").mkdir()
    values = {name: within(root, value) for name, value in environment().items()}
    return root, {**values, "PATH": values["PATH"].replace("$PATH", os.environ["PATH"])}


def copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(
            source, target, ignore=lambda _, names: [name for name in names if fnmatch(name, "__pycache__")]
        )
    else:
        shutil.copy(source, target)


def within(root: Path, text: str) -> str:
    """Return a text whose absolute paths begin in a folder."""
    return re.sub(r"(?<![\w.$}])/(opt|data|source)\b", lambda found: f"{root}/{found[1]}", text)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="the steps of the image are commands of a POSIX shell")
def test_the_steps_of_the_image_make_a_server_with_networks(built: tuple[Path, dict[str, str]]) -> None:
    root, variables = built
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    home = {name: value for name, value in os.environ.items() if name != "PATH" and not name.startswith("PYTHON")}
    env = {**home, **variables, "REKOG_EMULATOR_PORT": port, "REKOG_EMULATOR_HOST": "127.0.0.1"}
    start = [*of("ENTRYPOINT")[-1].words, *of("CMD")[-1].words]
    health = Instruction("", of("HEALTHCHECK")[0].text.partition("CMD ")[2]).words

    def checked() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            found(health, env), env=env, cwd=root, check=False, capture_output=True, text=True, timeout=EXIT_TIMEOUT
        )

    assert checked().returncode == 1
    process = subprocess.Popen(
        found(start, env), env=env, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        url = process.stdout.readline().removeprefix(READY).strip()
        assert (url, checked().returncode) == (f"http://127.0.0.1:{port}", 0)
        with RekognitionClient("us-east-1", endpoint_url=url, credentials=Credentials("any", "any")) as client:
            assert "Analyses" in httpx.get(f"{url}/_rekog/console", timeout=RESPONSE_TIMEOUT).text  # not only modules
            client.create_collection("people")
            assert len(client.detect_faces(HOPPER).face_details) == 1
            assert "Person" in [label.name for label in client.detect_labels(HOPPER).labels]  # by a network
        process.terminate()
        _, log = process.communicate(timeout=EXIT_TIMEOUT)
    finally:
        process.kill()
    assert process.returncode == 0
    assert '"operation": "DetectLabels", "status": 200' in log
    assert (root / "data" / "state.sqlite3").exists()


def found(words: object, env: dict[str, str]) -> list[str]:
    """Return a command whose program is the one of the image's PATH."""
    program, *rest = cast("list[str]", words)  # cast: the words of an exec form
    path = shutil.which(program, path=env["PATH"])
    assert path is not None
    return [path, *rest]
