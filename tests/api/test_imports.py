"""Modules that imports and calls load, and the import rules between the parts of the package."""

from __future__ import annotations

import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

import rekog
from tests.kit.imports import Import, circles, import_graph, imports_in, imports_of, modules, waiting_graph

ROOT = Path(rekog.__file__).parent

# Modules that slow a cold start down or belong to optional packages.
HEAVY = (
    "attr attrs botocore cattrs httpx httpcore tenacity anyio asyncio trio ssl http email socket cv2 numpy PIL".split()
)


@cache
def loaded_by(code: str) -> tuple[str, ...]:
    """Return the names of all modules that some code loads in a fresh interpreter."""
    # Modules loaded before are Python's own, or those of a coverage measurement.
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


def test_the_client_classes_load_no_family_of_models() -> None:
    modules = loaded_by("import rekog; rekog.RekognitionClient, rekog.AsyncRekognitionClient")
    assert [name for name in modules if name.startswith("rekog.models.")] == []


@pytest.mark.parametrize("name", ["rekog.models.dicts", "rekog.images", "rekog.transports", "rekog.emulator", "ssl"])
def test_a_module_for_annotations_is_loaded_by_a_tool_that_evaluates_them_only(name: str) -> None:
    code = "import rekog, rekog.config, rekog.credentials; rekog.RekognitionClient, rekog.AsyncRekognitionClient"
    assert name not in loaded_by(code)


@pytest.mark.parametrize("name", ["bulk", "errors", "jobs", "models", "people"])
def test_a_module_is_loaded_as_an_attribute_of_the_package(name: str) -> None:
    assert f"rekog.{name}" in loaded_by(f"import rekog; rekog.{name}")


CLIENT = "import rekog; client = rekog.{}('eu-west-1', credentials=rekog.Credentials('AKID', 'secret'))"


@pytest.mark.parametrize("kind", ["RekognitionClient", "AsyncRekognitionClient"])
def test_a_client_with_credentials_loads_nothing_heavy(kind: str) -> None:
    assert heavy(loaded_by(CLIENT.format(kind))) == []


# The client connects to a local port without a listener; the error takes the place of a response.
CALLED = (
    "import contextlib, os\n"
    "for name in list(os.environ):\n    if name.lower().endswith('_proxy'): del os.environ[name]\n"
    "import rekog\n"
    "client = rekog.{kind}('eu-west-1', endpoint_url='http://127.0.0.1:9', retry=rekog.RetryPolicy(mode='off'),"
    " credentials=rekog.Credentials('AKID', 'secret'))\n"
    "with contextlib.suppress(rekog.errors.ConnectError): {call}"
)
CALL = CALLED.format(kind="RekognitionClient", call="client.list_collections()")


def test_a_call_over_http_loads_no_heavy_module_except_sockets() -> None:
    assert set(heavy(loaded_by(CALL))) <= {"socket"}  # a coverage measurement has loaded it before


def test_a_call_in_a_task_of_asyncio_loads_no_heavy_module_except_asyncio_and_its_imports() -> None:
    called = CALLED.format(kind="AsyncRekognitionClient", call="asyncio.run(client.list_collections())")
    assert set(heavy(loaded_by(f"import asyncio\n{called}"))) <= {"asyncio", "socket", "ssl"}


def test_a_call_in_a_task_of_trio_loads_neither_httpx_nor_asyncio() -> None:
    called = CALLED.format(kind="AsyncRekognitionClient", call="trio.run(client.list_collections)")
    assert {"anyio", "asyncio", "httpx", "httpcore"}.isdisjoint(heavy(loaded_by(f"import trio\n{called}")))


UNUSED = {
    "rekog._drivers.aio": "for tasks",
    "rekog._drivers.httpx_senders": "for httpx's transports",
    "rekog.paging": "for pagers",
    "rekog.waiting": "for waiters",
    "rekog.jobs": "for jobs",
    "rekog._generated.jobs": "for jobs",
    "rekog.people": "for people",
    "rekog.bulk": "for many images",
    "rekog._generated.bulk": "for many images",
    "rekog.cost": "for meters",
    "rekog.otel": "for traces",
    "rekog._core.watched": "for callbacks, meters and traces",
    "rekog._settings.attempts": "for callbacks, meters and traces",
    "rekog._settings.log_output": "for REKOG_LOG",
    "rekog._core.paging_rules": "for pagers",
    "rekog._core.waiting_rules": "for waiters",
    "rekog._generated.paging": "for pagers",
    "rekog._generated.waiting": "for waiters",
    "rekog._core.media": "for images",
    "rekog._core.rejected": "for values that a codec rejects",
    "rekog._core.rejected.mismatch": "for invalid values",
    "rekog._core.rejected.incomplete": "for responses that lack members",
    "rekog.images": "for images",
    "rekog.conversion": "needs attrs",
    "base64": "binascii is enough",
    "difflib": "for a misspelt name",
    "pathlib": "os.path is enough",
    "urllib.parse": "for unusual URLs",
    "uuid": "for idempotency tokens",
}


@pytest.mark.parametrize("name", UNUSED)
def test_a_call_does_not_load_an_unused_module(name: str) -> None:
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


def test_a_client_with_credentials_from_the_environment_loads_no_botocore() -> None:
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


def test_a_model_loads_its_family_and_the_imports_of_that() -> None:
    families = [name for name in loaded_by("import rekog; rekog.Image") if name.startswith("rekog.models.")]
    assert families == ["rekog.models.common"]


def test_the_sync_driver_loads_no_httpx() -> None:
    assert heavy(loaded_by("import rekog._drivers.sync")) == []


def test_without_orjson_bodies_are_parsed_by_json() -> None:
    code = (
        "import sys\nsys.modules['orjson'] = None\n"
        "from rekog._core.json_body import parse\n"
        'assert parse(b\'{"a": [1, null]}\') == {"a": [1, None]}'
    )
    assert "orjson._orjson" not in loaded_by(code)


# --- Import rules ------------------------------------------------------------------------------------------------

CLIENT_PARTS = (
    "_values _core _drivers models config images client paging waiting transports"
    " _generated.operations _generated.paging _generated.waiting"
)

JOB_PARTS = "_values _drivers models config images paging jobs"

# Package or module to the ones that it may import, besides itself: rows above its own only. Imports inside functions
# and for type checkers count.
ALLOWED: dict[str, str] = {
    "_values": "",
    "_generated.partitions": "",
    "_settings": "_values _generated.partitions",
    "models": "_values",
    "_generated.errors": "_values",
    "_generated.shapes": "",
    "_core": "_values _settings models _generated.errors _generated.shapes",
    "cost": "_values _settings _core",
    "_generated.codec": "models _core",
    "_generated.service": "_values models _core",
    "_generated.operations": "models _core",
    "transports": "",
    "_drivers": "_values _settings _core transports",
    "config": "_settings",
    "credentials": "_settings",
    "errors": "_values _core _generated.errors",
    "images": "_values models _core",
    "conversion": "_values models _core",
    "paging": "_values _settings _core _drivers",
    "waiting": "_values _settings _core",
    "_generated.paging": "models _core _generated.operations",
    "_generated.waiting": "models _core _generated.operations",
    "jobs": "_values _settings _core _drivers models config paging",
    "_generated.jobs": f"{JOB_PARTS} _generated.operations _generated.paging _generated.waiting",
    "_generated.async_jobs": f"{JOB_PARTS} _generated.operations _generated.paging _generated.waiting",
    "people": (
        "_values _settings _core _drivers models images paging"
        " _generated.errors _generated.operations _generated.paging _generated.waiting"
    ),
    "bulk": "_values _settings _core _drivers models images _generated.errors",
    "_generated.bulk": "_values models config images bulk _generated.operations",
    "_generated.async_bulk": "_values models config images bulk _generated.operations",
    "client": "_values _settings _core cost errors _generated.operations _generated.paging _generated.waiting",
    "otel": "_values _settings _core client",
    "_generated.client": f"{CLIENT_PARTS} people _generated.jobs _generated.bulk",
    "_generated.async_client": f"{CLIENT_PARTS} people _generated.async_jobs _generated.async_bulk",
    "__init__": (
        "_values _settings _core cost models config credentials conversion errors images otel paging waiting transports"
        " bulk jobs people"
        " _generated.client _generated.async_client"
    ),
    "pytest_plugin": "__init__",
    "testing": "__init__ _values models _core _generated.operations _generated.shapes",
}

# Module and imported package to the reason.
EXCEPTIONS: dict[tuple[str, str], str] = {
    ("_values.model", "models"): "attrs's view of a model resolves annotations of all families, on first use",
    ("_values.model", "_core"): "`to_dict` and the like convert models, when a program calls them",
    ("_generated.shapes", "_core"): "the class of the table's rows",
    ("_core.codecs", "_generated.codec"): "the codecs themselves, by a statement that application bundlers read",
    ("jobs", "_generated.jobs"): "public names, loaded on first use",
    ("jobs", "_generated.async_jobs"): "as above",
    ("bulk", "_generated.bulk"): "public names, loaded on first use",
    ("bulk", "_generated.async_bulk"): "as above",
    ("bulk._calls", "_generated.client"): "type of the client, of which a worker process makes another one",
    ("bulk._calls", "_generated.async_client"): "as above",
    ("bulk._clusters", "_generated.client"): "as above",
    ("bulk._parts", "_generated.client"): "as above",
    ("__init__", "emulator"): "a module of the package, which is loaded when a program uses it",
    ("__init__", "testing"): "a module of the package, which is loaded when a program uses it",
    ("_settings.values", "cost"): "type of an argument of a client",
    ("client", "emulator"): "type of an argument of `local`, which loads the emulator by its name",
    ("pytest_plugin", "emulator"): "type of a fixture, which loads the emulator by its name",
}

# Packages on top of the SDK: no row of ALLOWED has them, so the SDK cannot import them.
ON_TOP = ("emulator", "command", "__main__")
SDK = [name for name in modules() if name.split(".")[1:2] not in [[package] for package in ON_TOP]]
ROWS = {*ALLOWED, *ON_TOP}


def module_of(row: str) -> str:
    """Return the module of a row."""
    return "rekog" if row == "__init__" else f"rekog.{row}"


def part_of(module: str) -> str:
    """Return the row of ALLOWED for a module of rekog: two components in `_generated`, else one."""
    first, *rest = module.split(".")[1:] or ["__init__"]
    return f"{first}.{rest[0]}" if first == "_generated" and rest else first


def parts_in(module: str, imports: list[Import]) -> set[str]:
    """Return the parts of rekog among the imports of a module, without its own; the version counts as none."""
    names = [each.module for each in imports if each.name != "__version__"]
    return {part_of(name) for name in names if name.partition(".")[0] == "rekog"} - {part_of(module)}


def forbidden(module: str, imports: list[Import]) -> set[str]:
    """Return the parts that a module imports against the rules."""
    exceptions = {part for name, part in EXCEPTIONS if module_of(name) == module}
    return parts_in(module, imports) - exceptions - set(ALLOWED.get(part_of(module), "").split())


def test_each_part_may_import_the_rows_above_it_only() -> None:
    rows = list(ALLOWED)
    wrong = {row: set(allowed.split()) - set(rows[: rows.index(row)]) for row, allowed in ALLOWED.items()}
    assert {row: parts for row, parts in wrong.items() if parts} == {}


def test_a_module_imports_only_the_allowed_parts() -> None:
    wrong = {module: forbidden(module, imports_of(module)) for module in SDK}
    assert {module: parts for module, parts in wrong.items() if parts} == {}


FORBIDDEN = [
    (row, other)
    for row, allowed in ALLOWED.items()
    for other in sorted(ROWS - {row, "__init__", *allowed.split()})
    if (row, other) not in EXCEPTIONS
]


def planted(row: str, other: str) -> set[str]:
    """Return the forbidden parts of a module that imports a part in a function."""
    module = module_of(row)
    return forbidden(module, imports_in(f"def function():\n    from rekog.{other} import anything", module))


def test_an_import_against_a_rule_is_found() -> None:
    assert len(FORBIDDEN) > 600
    assert [(row, other) for row, other in FORBIDDEN if planted(row, other) != {other}] == []


def test_every_exception_is_needed() -> None:
    parts = {name: parts_in(name, imports_of(name)) for name in SDK}
    assert [key for key in EXCEPTIONS if key[1] not in parts[module_of(key[0])]] == []


def test_the_rows_are_the_parts_of_the_sdk() -> None:
    assert {part_of(name) for name in SDK} - {"_generated"} == set(ALLOWED)


def test_only_the_drivers_do_network_io() -> None:
    io = {"socket", "ssl", "httpx", "httpcore", "anyio", "asyncio", "trio", "http", "subprocess", "botocore"}
    pure = [name for name in SDK if part_of(name) in ("_values", "_settings", "_core")]
    used = {name: {each.module.partition(".")[0] for each in imports_of(name)} & io for name in pure}
    # the type of `verify`
    assert {name: packages for name, packages in used.items() if packages} == {"rekog._settings.values": {"ssl"}}


def test_the_settings_load_no_ssl() -> None:
    assert "ssl" not in heavy(loaded_by("import rekog._settings.values"))


def test_nothing_in_the_sdk_imports_botocore_by_name() -> None:
    # `ChainSource` loads it with import_module when it is first used.
    assert [name for name in SDK if "botocore" in str(imports_of(name))] == []


# Circles of imports that are deliberate, each with one module in it; imports inside functions close them.
CIRCLES = {
    "rekog.client": "a call sends the version of the package, whose names are the clients",
    "rekog.models": "attrs's view of a model resolves annotations of all families, on first use",
    "rekog.emulator.emulator": "Emulator.serve() opens the server, which serves an Emulator",
}


def test_modules_form_no_other_circles_than_the_deliberate_ones() -> None:
    assert [circle for circle in circles(import_graph()) if circle.isdisjoint(CIRCLES)] == []


def test_threads_that_import_modules_at_the_same_moment_never_wait_for_one_another() -> None:
    # `import rekog.emulator` loads all of its circle, and nothing imports a module of it before the package.
    waiting = [circle for circle in circles(waiting_graph()) if "rekog.emulator" not in circle]
    assert waiting == []


@pytest.mark.parametrize("module", ["emulator.handlers.custom_labels", "jobs", "bulk", "people", "cost"])
def test_a_package_whose_modules_others_import_imports_none_of_them(module: str) -> None:
    package = f"rekog.{module}"
    assert {each for each in waiting_graph()[package] if each.startswith(f"{package}.")} == set()


def test_a_package_that_imports_its_own_module_is_a_circle(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    package, part = tmp_path / "__init__.py", tmp_path / "_part.py"
    package.write_text("from ._part import a", "utf-8")
    part.write_text("a = 1", "utf-8")
    found = {"rekog.new": package, "rekog.new._part": part}
    monkeypatch.setattr("tests.kit.imports.modules", lambda: found)
    assert circles(waiting_graph()) == [set(found)]
    package.write_text("if TYPE_CHECKING:\n    from ._part import a\ndef f():\n    from ._part import a", "utf-8")
    assert circles(waiting_graph()) == []
