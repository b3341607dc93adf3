"""First calls of a client, and calls in progress, while the interpreter ends."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib import import_module
from typing import TYPE_CHECKING

import pytest

from rekog._core.flow import run_blocking
from rekog._drivers.sync import SyncDriver
from rekog.errors import RekogError
from tests.kit.servers import ScriptedServer, ok

if TYPE_CHECKING:
    from pathlib import Path

    from rekog._core.flow import Flow

CLIENT = """
import atexit, sys
from rekog import Credentials, RekognitionClient, errors
client = RekognitionClient("eu-west-1", credentials=Credentials("AKID", "secret"), endpoint_url=sys.argv[1])

def use():
    try:
        print(client.list_collections().collection_ids)
    except errors.RekogError as error:
        print(error)

class Last:
    def __del__(self):
        use()
"""


def printed(code: str, url: str) -> str:
    """Run a program to its end, and return its output."""
    program = [sys.executable, "-c", CLIENT + code, url]
    return subprocess.run(program, capture_output=True, text=True, check=True, timeout=60).stdout


def test_a_first_call_at_exit_succeeds() -> None:
    with ScriptedServer(ok(b'{"CollectionIds": ["people"]}')) as server:
        assert printed("atexit.register(use)", server.url) == "['people']\n"


def test_a_first_call_after_the_end_of_the_modules_is_an_error_with_the_remedy() -> None:
    with ScriptedServer() as server:
        text = printed("last = Last()\nlast.itself = last", server.url)
    assert text.startswith("the interpreter is ending and loads no more modules: make the first call of a kind earlier")


def import_missing() -> Flow[None]:
    """Fail as the first call of a kind does when no more modules can be loaded."""
    yield from run_blocking(lambda: import_module("rekog.no_such_module"))


@pytest.mark.parametrize(("ending", "kind"), [(True, RekogError), (False, ModuleNotFoundError)])
def test_only_at_the_end_a_failed_import_is_an_error_of_ours(
    ending: bool, kind: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "is_finalizing", lambda: ending)
    with pytest.raises(kind) as caught:
        SyncDriver().run(import_missing())
    assert type(caught.value) is kind


ASYNC = """
import asyncio, sys
from rekog import AsyncRekognitionClient, Credentials

async def main():
    client = AsyncRekognitionClient("eu-west-1", credentials=Credentials("AKID", "secret"))
    try:
        async with asyncio.timeout(0.2):
            await client.detect_labels(sys.argv[1])
    except TimeoutError:
        print("timeout")

{run}
"""


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
@pytest.mark.parametrize("library", ["asyncio", "trio"])
def test_a_named_pipe_without_a_writer_does_not_keep_the_interpreter(library: str, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "cat.jpg")
    code = ASYNC.replace("{run}", "asyncio.run(main())")
    if library == "trio":
        code = ASYNC.replace("{run}", "trio.run(main)").replace("asyncio.timeout(0.2)", "nothing()")
        code = code.replace("async with nothing():", "with trio.fail_after(0.2):").replace(
            "import asyncio", "import trio"
        )
        code = code.replace("except TimeoutError", "except trio.TooSlowError")
    program = [sys.executable, "-c", code, str(tmp_path / "cat.jpg")]
    ended = subprocess.run(program, capture_output=True, text=True, check=True, timeout=60)
    assert ended.stdout == "timeout\n"
