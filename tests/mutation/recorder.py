"""A plugin of pytest that records which test executes which lines of the package.

The context of a line is the test that executed it; in the set-up of a test, which modules share, it is the test's module.
"""

from __future__ import annotations

import functools
import gc
import json
import os
import time
from collections.abc import Generator
from importlib import import_module
from pathlib import Path

import pytest
from coverage import Coverage

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "rekog"
FOLDER = Path(os.environ.get("REKOG_MUTATION_FOLDER", ROOT / ".mutation"))


def package_modules() -> list[str]:
    """Return the names of all modules of the package that can be imported without effect."""
    names = [".".join(path.relative_to(SOURCE.parent).with_suffix("").parts) for path in sorted(SOURCE.rglob("*.py"))]
    return [name.removesuffix(".__init__") for name in names if not name.endswith("__main__")]


def caches() -> list[functools._lru_cache_wrapper[object]]:
    """Return the caches of the package: a cached result would hide which tests need the function."""
    kind = type(functools.cache(lambda: None))
    found = [thing for thing in gc.get_objects() if type(thing) is kind]
    return [thing for thing in found if str(getattr(thing.__wrapped__, "__module__", "")).startswith("rekog")]


class Recorder:
    """Switches the context of the measurement at each phase of a test."""

    def __init__(self) -> None:
        worker = f"{os.environ.get('PYTEST_XDIST_WORKER', 'main')}-{os.getpid()}"
        self.seconds: dict[str, float] = {}
        self.path = FOLDER / f"seconds.{worker}.json"
        self.coverage = Coverage(
            data_file=FOLDER / f"lines.{worker}", config_file=False, include=[f"{SOURCE}/*"], check_preimported=False
        )
        self.coverage.set_option("run:disable_warnings", ["no-data-collected"])
        self.coverage.start()
        self.caches: list[functools._lru_cache_wrapper[object]] = []

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_finish(self) -> None:
        for name in package_modules():
            import_module(name)
        self.caches = caches()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        for cache in self.caches:
            cache.cache_clear()
        began = time.perf_counter()
        try:
            return (yield)
        finally:
            self.seconds[item.nodeid] = round(time.perf_counter() - began, 4)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Generator[None, object, object]:
        self.coverage.switch_context(item.nodeid.partition("::")[0])
        return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, object, object]:
        self.coverage.switch_context(item.nodeid)
        return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> Generator[None, object, object]:
        result = yield
        self.coverage.switch_context("")
        return result

    def pytest_sessionfinish(self) -> None:
        self.coverage.stop()
        self.coverage.save()
        self.path.write_text(json.dumps(self.seconds), "utf-8")


def pytest_configure(config: pytest.Config) -> None:
    FOLDER.mkdir(exist_ok=True)
    if os.environ.get("PYTEST_XDIST_WORKER") or not config.getoption("numprocesses", 0):
        config.pluginmanager.register(Recorder())
