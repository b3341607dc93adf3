"""The command as a process: its end, its streams, and its start."""

from __future__ import annotations

import json
import os
import shlex
import signal
import socket
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.kit.wire import image_file, plain_image

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

pytestmark = pytest.mark.slow

REKOG = [sys.executable, "-m", "rekog"]
PHOTO = "examples/images/astronaut.jpg"
TIMEOUT = 120
KEYS = {"AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_EC2_METADATA_DISABLED": "true"}


def environment(**values: str) -> dict[str, str]:
    others = ("AWS_", "REKOG_", "PYTHONUNBUFFERED")  # the output of a user's command is buffered
    return {name: value for name, value in os.environ.items() if not name.startswith(others)} | KEYS | values


def run(*words: str, stdin: bytes = b"", **values: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*REKOG, *words], input=stdin, capture_output=True, timeout=TIMEOUT, check=False, env=environment(**values)
    )


@pytest.fixture
def silent_server() -> Generator[tuple[str, socket.socket]]:
    """Yield the URL of a server that accepts connections and never answers."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}", server


def test_a_module_is_the_command() -> None:
    done = run("--version")
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.startswith(b"rekog ")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one process")
def test_ctrl_c_during_a_call_is_quiet(silent_server: tuple[str, socket.socket]) -> None:
    url, server = silent_server
    words = ["list-collections", "--region", "eu-west-1", "--endpoint-url", url]
    process = subprocess.Popen([*REKOG, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment())
    connection, _ = server.accept()  # the call is under way
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=TIMEOUT)
    connection.close()
    assert (process.returncode, out, err) == (130, b"", b"")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one process")
def test_a_second_ctrl_c_ends_a_run_at_once(silent_server: tuple[str, socket.socket], tmp_path: Path) -> None:
    url, server = silent_server
    words = ["bulk", "detect-faces", "examples/images", "--pattern", "astronaut.jpg", "--region", "eu-west-1"]
    words += ["--endpoint-url", url, "--checkpoint", str(tmp_path / "run.jsonl")]
    process = subprocess.Popen([*REKOG, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment())
    connection, _ = server.accept()  # the call is under way, and never ends
    assert process.stderr is not None
    process.send_signal(signal.SIGINT)
    assert process.stderr.readline() == b"waiting for 1 call under way; press Ctrl-C again to stop at once\n"
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(1)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=10)
    connection.close()
    assert (process.returncode, out, err) == (130, b"", b"")


@pytest.mark.skipif(sys.platform == "win32", reason="the shell of Windows reports closed pipes in another way")
def test_a_closed_pipe_is_quiet(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [*REKOG, "--help"], stdout=writer, stderr=subprocess.PIPE, timeout=TIMEOUT, check=False, env=environment()
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (141, b"")


def test_no_connection_is_one_line() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
    done = run("list-collections", "--region", "eu-west-1", "--endpoint-url", url, "--max-attempts", "1")
    assert (done.returncode, done.stdout) == (3, b"")
    assert done.stderr.startswith(b"error: ")
    assert done.stderr.count(b"\n") == 1


def test_an_image_is_read_from_a_pipe() -> None:
    with open(PHOTO, "rb") as file:
        image = file.read()
    done = run("detect-faces", "-", "--local", "--format", "jsonl", stdin=image)
    assert (done.returncode, done.stdout.count(b"\n")) == (0, 1), done.stderr


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "utf-8"])
def test_any_encoding_of_the_output_shows_any_text(tmp_path: Path, encoding: str) -> None:
    image, truth = tmp_path / "image.png", tmp_path / "truth.json"
    image.write_bytes(image_file(plain_image(200, 100)))
    text = {"DetectedText": "\u4f60", "Geometry": [0.1, 0.1, 0.5, 0.5]}
    truth.write_text(json.dumps({"declare": [{"of": image.name, "text": [text]}]}))
    words = ["detect-text", str(image), "--declare", str(truth)]
    shown = "\u4f60" if encoding == "utf-8" else "\\u4f60"
    for form in ("table", "json"):
        done = run(*words, "--format", form, PYTHONIOENCODING=encoding)
        assert (done.returncode, done.stderr) == (0, b"")
        assert shown in done.stdout.decode(encoding)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="the device that is always full is one of Linux")
def test_a_full_disk_is_one_line() -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [*REKOG, "--local", "list-collections", "--json"], stdout=full, stderr=subprocess.PIPE, timeout=TIMEOUT,
            check=False, env=environment(),
        )  # fmt: skip
    assert (done.returncode, done.stderr) == (1, b"error: No space left on device\n")


@pytest.mark.skipif(os.name == "nt", reason="a shell of POSIX closes the streams")
@pytest.mark.parametrize(
    ("words", "closed", "status"),
    [
        ("--local list-collections", ">&-", 0),
        ("list-collections --help", ">&-", 0),
        ("--local detect-faces nothing.jpg", "2>&-", 2),
        ("--local detect-faces nothing.jpg", ">&- 2>&- <&-", 2),
        ("--local detect-faces -", "<&-", 2),
        ("--local detect-faces nothing.jpg", "2>/dev/full", 2),
        ("--local detect-faces nothing.jpg -v", "2>/dev/full", 2),
    ],
)
def test_a_missing_or_full_stream_changes_no_status(words: str, closed: str, status: int) -> None:
    if "/dev/full" in closed and not os.path.exists("/dev/full"):
        pytest.skip("the device that is always full is one of Linux")
    command = f"{shlex.join(REKOG)} {words} {closed}"
    done = subprocess.run(command, shell=True, capture_output=True, timeout=TIMEOUT, check=False, env=environment())
    assert done.returncode == status, done
    assert b"defect" not in done.stderr


def test_python_without_docstrings_runs_the_command() -> None:
    command = [sys.executable, "-OO", "-m", "rekog", "detect-labels", "--help"]
    done = subprocess.run(command, capture_output=True, timeout=TIMEOUT, check=False, env=environment())
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"--max-labels" in done.stdout


def test_the_help_loads_neither_models_nor_an_http_client() -> None:
    code = "import sys\nfrom rekog.command import main\nmain(['--help'])\nprint(*sorted(sys.modules), file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=TIMEOUT, check=True)
    loaded = done.stderr.split()
    unwanted = {"httpx", "botocore", "attrs", "rich", "numpy", "ssl", "rekog.emulator", "rekog.images"}
    assert unwanted.isdisjoint(loaded)
    assert not [name for name in loaded if name.startswith("rekog.models.")]
