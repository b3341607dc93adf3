"""A plugin of pytest that records which test executes which lines of the package, and reads the record.

Lines that the set-up of a test executes belong to all tests of its module: the first one may set up what they share.
"""

from __future__ import annotations

import functools
import gc
import json
import os
import sqlite3
import time
from collections import Counter
from collections.abc import Generator, Iterable
from importlib import import_module
from pathlib import Path
from typing import NamedTuple, Protocol

import pytest
from coverage import Coverage
from coverage.numbits import numbits_to_nums

from tests.planted.faults import ROOT

PACKAGE = ROOT / "src" / "rekog"
FOLDER = ROOT / ".planted"
SELECTION = "not slow and not typing and not live and not alone"


class Cache(Protocol):
    """A cache of functools."""

    def cache_clear(self) -> None:
        """Forget all results."""


def import_package() -> None:
    """Import all modules of the package, which it does not do until it needs them."""
    for path in sorted(PACKAGE.rglob("*.py")):
        if path.name != "__main__.py":
            parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
            import_module(".".join(parts).removesuffix(".__init__"))


def package_caches(things: Iterable[object]) -> list[Cache]:
    """Return the caches of the package among these objects: a stored result would hide that a test needs a function."""
    kind = type(functools.cache(import_package))
    caches = [thing for thing in things if type(thing) is kind]
    return [cache for cache in caches if str(getattr(cache, "__module__", "")).startswith("rekog")]


class Recorder:
    """Changes the context of the measurement with each phase of a test."""

    def __init__(self) -> None:
        self._process = f"{os.environ.get('PYTEST_XDIST_WORKER', 'main')}-{os.getpid()}"
        self._seconds: dict[str, float] = {}
        self._caches: list[Cache] = []
        self._coverage = Coverage(FOLDER / f"lines.{self._process}", config_file=False, include=[f"{PACKAGE}/*"])
        self._coverage.set_option("run:disable_warnings", ["no-data-collected"])
        self._coverage.start()

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_finish(self) -> None:
        import_package()
        self._caches = package_caches(gc.get_objects())

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        for cache in self._caches:
            cache.cache_clear()
        began = time.perf_counter()
        result = yield
        self._seconds[item.nodeid] = round(time.perf_counter() - began, 4)
        return result

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Generator[None, object, object]:
        self._coverage.switch_context(item.nodeid.partition("::")[0])
        return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, object, object]:
        self._coverage.switch_context(item.nodeid)
        return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_teardown(self) -> Generator[None, object, object]:
        result = yield
        self._coverage.switch_context("")
        return result

    def pytest_sessionfinish(self) -> None:
        self._coverage.stop()
        self._coverage.save()
        (FOLDER / f"seconds.{self._process}.json").write_text(json.dumps(self._seconds), "utf-8")


def pytest_configure(config: pytest.Config) -> None:
    """Record in each process that runs tests, which the main process of several does not."""
    FOLDER.mkdir(exist_ok=True)
    if "PYTEST_XDIST_WORKER" in os.environ or not config.getoption("numprocesses", 0):
        config.pluginmanager.register(Recorder())


class Executing(NamedTuple):
    """What executes some lines."""

    tests: frozenset[str]
    modules: frozenset[str]
    """Modules of tests that execute them in the set-up of a test."""


class Record:
    """Which test executes which lines, and how long each test takes."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self.seconds: dict[str, float] = {}
        for path in sorted(folder.glob("seconds.*")):
            self.seconds.update(json.loads(path.read_text("utf-8")))
        self._databases = [sqlite3.connect(path) for path in sorted(folder.glob("lines.*"))]
        self._file, self._lines = "", list[tuple[str, frozenset[int]]]()
        self.files = Counter[str]()
        """Number of files of the package that each test executes: the fewer, the more the test is about each."""
        query = "SELECT context.context, count(*) FROM line_bits JOIN context ON context.id = context_id GROUP BY 1"
        for database in self._databases:
            self.files.update(dict(database.execute(query)))

    def executing(self, file: str, lines: frozenset[int]) -> Executing:
        """Return the tests that execute one of these lines."""
        if file != self._file:
            query = """
                SELECT context.context, numbits FROM line_bits
                JOIN file ON file.id = file_id JOIN context ON context.id = context_id
                WHERE file.path LIKE ? AND context.context != ''
            """
            rows = [row for database in self._databases for row in database.execute(query, (f"%/{file}",))]
            self._file, self._lines = file, [(context, frozenset(numbits_to_nums(bits))) for context, bits in rows]
        found = {context for context, executed in self._lines if not executed.isdisjoint(lines)}
        modules = frozenset(context for context in found if context not in self.seconds)
        return Executing(frozenset(found - modules), modules)
