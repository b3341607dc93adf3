"""What is loaded when, by module list, and which rooms may know of which."""

from __future__ import annotations

import ast
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

import rekog

ROOT = Path(rekog.__file__).parent

# What costs a cold start, or belongs to somebody who may not be there.
HEAVY = (
    "attr attrs botocore cattrs httpx httpcore tenacity anyio asyncio trio ssl http email socket cv2 numpy PIL".split()
)


@cache
def loaded_by(code: str) -> tuple[str, ...]:
    """Return the names of all modules that some code loads in a fresh interpreter."""
    # What is there before is Python's own, or belongs to whoever measures this.
    program = f"import sys\nbefore = set(sys.modules)\n{code}\nprint(*sorted(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return tuple(done.stdout.split())


def ours(modules: tuple[str, ...]) -> list[str]:
    return [name for name in modules if name.partition(".")[0] == "rekog"]


def heavy(modules: tuple[str, ...]) -> list[str]:
    return sorted({name.partition(".")[0] for name in modules} & set(HEAVY))


def test_importing_the_package_loads_the_package_alone() -> None:
    assert ours(loaded_by("import rekog")) == ["rekog"]


def test_importing_the_package_loads_nothing_heavy() -> None:
    assert heavy(loaded_by("import rekog")) == []


def test_the_clients_classes_load_no_family_of_models() -> None:
    modules = loaded_by("import rekog; rekog.RekognitionClient, rekog.AsyncRekognitionClient")
    assert [name for name in modules if name.startswith("rekog.models.")] == []


def test_errors_and_models_are_modules_of_the_package() -> None:
    assert {"rekog.errors", "rekog.models"} <= set(loaded_by("import rekog; rekog.errors; rekog.models"))


CLIENT = "import rekog; client = rekog.{}('eu-west-1', credentials=rekog.Credentials('AKID', 'secret'))"


@pytest.mark.parametrize("kind", ["RekognitionClient", "AsyncRekognitionClient"])
def test_a_client_with_credentials_loads_nothing_heavy(kind: str) -> None:
    assert heavy(loaded_by(CLIENT.format(kind))) == []


# The client connects to a port of this machine at which nobody listens; the error takes the place of an answer.
CALLED = (
    "import contextlib, os\n"
    "for name in list(os.environ):\n    if name.lower().endswith('_proxy'): del os.environ[name]\n"
    "import rekog\n"
    "client = rekog.{kind}('eu-west-1', endpoint_url='http://127.0.0.1:9', retry=rekog.RetryPolicy('off'),"
    " credentials=rekog.Credentials('AKID', 'secret'))\n"
    "with contextlib.suppress(rekog.errors.ConnectError): {call}"
)
CALL = CALLED.format(kind="RekognitionClient", call="client.list_collections()")


def test_a_call_over_http_loads_of_all_that_is_heavy_the_sockets_alone() -> None:
    assert set(heavy(loaded_by(CALL))) <= {"socket"}  # a coverage measurement has loaded that one before


def test_a_call_in_a_task_of_asyncio_loads_of_all_that_is_heavy_asyncio_and_what_that_needs() -> None:
    called = CALLED.format(kind="AsyncRekognitionClient", call="asyncio.run(client.list_collections())")
    assert set(heavy(loaded_by(f"import asyncio\n{called}"))) <= {"asyncio", "socket", "ssl"}


def test_a_call_in_a_task_of_trio_loads_neither_httpx_nor_asyncio() -> None:
    called = CALLED.format(kind="AsyncRekognitionClient", call="trio.run(client.list_collections)")
    assert {"anyio", "asyncio", "httpx", "httpcore"}.isdisjoint(heavy(loaded_by(f"import trio\n{called}")))


UNUSED = {
    "rekog._drivers.aio": "the driver for tasks",
    "rekog._drivers.httpx_senders": "httpx's",
    "rekog.paging": "no pager is asked for",
    "rekog.waiting": "no waiter is asked for",
    "rekog._generated.paging": "no pager is asked for",
    "rekog._generated.waiting": "no waiter is asked for",
    "rekog.images": "no picture is sent",
    "rekog.conversion": "needs attrs",
    "base64": "in C without it",
    "difflib": "for a misspelt name",
    "pathlib": "os.path will do",
    "urllib.parse": "for unusual URLs",
    "uuid": "for idempotency tokens",
}


@pytest.mark.parametrize("name", UNUSED)
def test_a_call_does_not_load_what_it_has_no_use_for(name: str) -> None:
    assert name not in loaded_by(CALL)


def test_pagers_and_waiters_load_their_tables() -> None:
    tables = {"rekog._generated.paging", "rekog._generated.waiting"}
    used = f"{CALL}\nclient.paginate_list_faces(collection_id='a')\nwith contextlib.suppress(rekog.RekogError):"
    used += " client.wait_until_project_deleted(project_names=['a'], max_attempts=1)"

    assert tables <= set(loaded_by(used))


@pytest.mark.parametrize("kind", ["RekognitionClient", "AsyncRekognitionClient"])
def test_a_client_with_credentials_loads_no_family_of_models(kind: str) -> None:
    modules = loaded_by(CLIENT.format(kind))
    assert [name for name in modules if name.startswith("rekog.models.")] == []


def test_a_client_with_credentials_of_the_environment_loads_no_botocore() -> None:
    code = (
        "import os\n"
        "os.environ.update(AWS_ACCESS_KEY_ID='AKID', AWS_SECRET_ACCESS_KEY='secret', AWS_REGION='eu-west-1')\n"
        "import rekog; rekog.RekognitionClient()"
    )
    assert "botocore" not in heavy(loaded_by(code))


def test_a_local_call_loads_the_family_that_it_needs() -> None:
    code = "import rekog\nwith rekog.RekognitionClient.local() as client: client.list_collections()"
    families = [name for name in loaded_by(code) if name.startswith("rekog.models.")]
    assert "rekog.models.collections" in families
    assert "rekog.models.videos" not in families


def test_a_local_call_loads_neither_botocore_nor_tenacity() -> None:
    code = "import rekog\nwith rekog.RekognitionClient.local() as client: client.list_collections()"
    assert {"botocore", "tenacity", "cattrs"} & set(heavy(loaded_by(code))) == set()


def test_a_model_loads_its_family_and_what_that_needs() -> None:
    families = [name for name in loaded_by("import rekog; rekog.Image") if name.startswith("rekog.models.")]
    assert families == ["rekog.models.common"]


def test_the_sync_driver_alone_needs_no_httpx() -> None:
    assert heavy(loaded_by("import rekog._drivers.sync")) == []


def test_without_orjson_bodies_are_read_by_json() -> None:
    code = (
        "import sys\nsys.modules['orjson'] = None\n"
        "from rekog._core.json_body import parse\n"
        'assert parse(b\'{"a": [1, null]}\') == {"a": [1, None]}'
    )
    assert "orjson._orjson" not in loaded_by(code)


# --- Arrows ------------------------------------------------------------------------------------------------------


def is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


@cache
def imports_of(path: Path, *, inner: bool = False) -> set[str]:
    """Return the modules that a module imports when it is run; with `inner` also those that its functions import."""
    package = [*path.relative_to(ROOT.parent).with_suffix("").parts][:-1]
    found: set[str] = set()
    waiting: list[ast.AST] = [ast.parse(path.read_text("utf-8"))]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) - node.level + 1] if node.level else []
            home = ".".join([*start, *filter(None, [node.module])])
            found |= {home, *(f"{home}.{alias.name}" for alias in node.names)} if node.level else {home}
        elif is_type_checking(node) or (isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not inner):
            continue
        waiting += ast.iter_child_nodes(node)
    return found


def rooms_of(path: Path, *, inner: bool = False) -> set[str]:
    """Return the rooms of the package among the imports, such as `_core`."""
    names = [name.split(".") for name in imports_of(path, inner=inner)]
    return {name[1] for name in names if name[0] == "rekog" and len(name) > 1}


SDK = sorted(path for path in ROOT.rglob("*.py") if path.relative_to(ROOT).parts[0] not in ("emulator", "cli", "bulk"))


def in_room(room: str) -> list[Path]:
    return sorted((ROOT / room).rglob("*.py"))


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_models_know_only_their_parent_and_each_other() -> None:
    assert [named(path) for path in in_room("models") if not rooms_of(path, inner=True) <= {"_model", "models"}] == []


def test_the_parent_of_models_knows_of_the_core_only_how_to_narrow_and_what_attrs_sees() -> None:
    core = {name for name in imports_of(ROOT / "_model.py", inner=True) if name.startswith("rekog._core.")}
    assert {name.split(".")[2] for name in core} == {"narrow", "value"}


# The settings of a call stand in config.py, which the core reads and which needs parts of the core itself.
CORE_KNOWS = {"_core", "_generated", "_model", "models", "config", "__version__"}


@pytest.mark.parametrize("path", in_room("_core"), ids=named)
def test_the_core_knows_models_and_tables(path: Path) -> None:
    assert rooms_of(path) <= CORE_KNOWS


@pytest.mark.parametrize("path", in_room("_core"), ids=named)
def test_the_core_does_no_io(path: Path) -> None:
    io = {"socket", "ssl", "httpx", "httpcore", "anyio", "asyncio", "trio", "http", "subprocess", "botocore"}
    assert {name.partition(".")[0] for name in imports_of(path, inner=True)} & io == set()


@pytest.mark.parametrize("path", in_room("_core"), ids=named)
def test_the_core_reads_tables_not_clients(path: Path) -> None:
    generated = {name for name in imports_of(path) if name.startswith("rekog._generated.")}
    assert [name for name in generated if name.split(".")[2] not in ("shapes", "partitions")] == []


@pytest.mark.parametrize("path", in_room("_drivers"), ids=named)
def test_the_drivers_know_the_core_alone(path: Path) -> None:
    assert rooms_of(path, inner=True) <= {"_drivers", "_core", "config"}


def test_nothing_in_the_sdk_imports_what_stands_on_it() -> None:
    assert [named(path) for path in SDK if rooms_of(path, inner=True) & {"emulator", "cli", "bulk"}] == []


def test_nothing_in_the_sdk_imports_botocore_by_name() -> None:
    # Credentials load it by import_module, when its chain is asked for.
    assert [named(path) for path in SDK if "botocore" in str(imports_of(path, inner=True))] == []


def test_the_emulator_knows_no_client() -> None:
    # Credentials is a value that signing takes: the emulator signs what it sends to queues and topics.
    allowed = {"emulator", "models", "_core", "_model", "_generated", "credentials"}
    assert [named(path) for path in in_room("emulator") if not rooms_of(path, inner=True) <= allowed] == []
