"""The clocks: functions that libraries replace to freeze time are looked up at each call."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import rekog

CLOCKS = ("time.time", "time.monotonic", "time.perf_counter", "time.sleep")

FROZEN = """
import {modules}
from freezegun import freeze_time
with freeze_time("2030-01-01"):
    from rekog import Credentials, RekognitionClient
    client = RekognitionClient("eu-west-1", credentials=Credentials("AKIDEXAMPLE", "secret"))
    url = client.generate_presigned_url("list_collections")
    clock = client._caller._retry_state.waiting_clock
    print(url.split("X-Amz-Date=")[1][:4], clock() == clock())
"""


@pytest.mark.parametrize("modules", ["sys", "rekog.client, rekog._core.call, rekog._drivers.pools.thread_pool"])
def test_freezing_time_has_the_same_effect_on_a_client_in_each_order_of_imports(modules: str) -> None:
    command = [sys.executable, "-c", FROZEN.format(modules=modules)]
    ended = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert ended.stdout == "2030 True\n"


def defaults_in(source: str) -> list[ast.expr]:
    """Return the default values of the arguments of all functions."""
    functions = [
        node for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
    ]  # fmt: skip
    return [
        default for node in functions for default in (*node.args.defaults, *node.args.kw_defaults)
        if default is not None
    ]  # fmt: skip


def test_no_default_argument_keeps_the_clock_of_its_import() -> None:
    sources = {path: path.read_text("utf-8") for path in Path(rekog.__file__).parent.rglob("*.py")}
    defaults = [
        f"{path}:{default.lineno}: {ast.unparse(default)}" for path, source in sources.items()
        if "import time" in source for default in defaults_in(source)
    ]  # fmt: skip
    assert [each for each in defaults if each.endswith(tuple(f": {clock}" for clock in CLOCKS))] == []


def test_no_module_imports_a_function_of_the_clock() -> None:
    paths = [
        path for path in Path(rekog.__file__).parent.rglob("*.py") if "from time import" in path.read_text("utf-8")
    ]
    assert paths == []
