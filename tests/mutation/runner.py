"""A plugin of pytest that plants each mutant in a fork of the process that collected the tests, and runs tests there."""

from __future__ import annotations

import gc
import json
import os
import shutil
import signal
import sqlite3
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

import pytest
from coverage.numbits import numbits_to_nums

from tests.mutation.mutants import ROOT, Functions, Mutant
from tests.mutation.recorder import FOLDER, package_modules

MANY = 500
"""Maximum number of tests for a mutant."""


class Verdict(NamedTuple):
    """What the tests did with a mutant."""

    mutant: Mutant
    outcome: str
    """`caught`, `hangs` (caught by the time limit), `survives`, `untested` or `unplanted`."""
    test: str
    """The test that failed or did not end."""
    tests: int
    """Number of tests that were chosen."""
    seconds: float


class Lines:
    """Which test executes which line, as the recorder wrote it."""

    def __init__(self, folder: Path) -> None:
        self.seconds: dict[str, float] = {}
        for path in sorted(folder.glob("seconds.*.json")):
            self.seconds.update(json.loads(path.read_text("utf-8")))
        self._bases = [sqlite3.connect(path) for path in sorted(folder.glob("lines.*"))]
        self._files: dict[str, list[tuple[str, frozenset[int]]]] = {}

    def _executions(self, file: str) -> list[tuple[str, frozenset[int]]]:
        if file not in self._files:
            self._files.clear()
            query = (
                "select context.context, line_bits.numbits from line_bits join file on file.id = file_id"
                " join context on context.id = context_id where file.path like ?"
            )
            rows = [row for base in self._bases for row in base.execute(query, (f"%/{file}",))]
            self._files[file] = [(context, frozenset(numbits_to_nums(bits))) for context, bits in rows if context]
        return self._files[file]

    def tests(self, mutant: Mutant, known: Callable[[str], bool]) -> tuple[set[str], set[str]]:
        """Return the tests, and the modules of tests, that execute a line of the mutant."""
        contexts = {name for name, lines in self._executions(mutant.file) if not lines.isdisjoint(mutant.lines)}
        return {name for name in contexts if known(name)}, {name for name in contexts if not known(name)}


class Runner:
    """Runs the tests of each mutant in a process of its own."""

    def __init__(self, mutants: Sequence[Mutant], report: Callable[[Verdict], None], jobs: int, seconds: float) -> None:
        self.mutants, self.report, self.jobs, self.budget = mutants, report, jobs, seconds
        self.lines = Lines(FOLDER)
        self.broken: set[str] = set()
        self.sound: set[str] = set()

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_finish(self) -> None:
        for name in package_modules():
            import_module(name)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        gc.unfreeze()
        gc.collect()
        self.items = {item.nodeid: item for item in session.items}
        self.modules = defaultdict[str, list[str]](list)
        for name in self.items:
            self.modules[name.partition("::")[0]].append(name)
        self.functions = Functions(gc.get_objects())
        gc.freeze()
        with tempfile.TemporaryDirectory() as folder:
            slots = [Slot(Path(folder, str(number))) for number in range(self.jobs)]
            waiting, running = list(reversed(self.mutants)), dict[int, Run]()
            while waiting or running:
                while waiting and slots:
                    mutant = waiting.pop()
                    names = self.chosen(mutant)
                    if not names:
                        self.report(Verdict(mutant, "untested", "", 0, 0))
                        continue
                    run = Run(self, session, slots.pop(), mutant, names)
                    running[run.pid] = run
                time.sleep(0.02)
                for pid, run in list(running.items()):
                    outcome = run.poll()
                    if outcome is None:
                        continue
                    del running[pid]
                    slots.append(run.slot)
                    if outcome == "caught" and not self.is_sound(session, run.slot, run.test):
                        self.broken.add(run.test)
                        waiting.append(run.mutant)
                        continue
                    self.report(Verdict(run.mutant, outcome, run.test, len(run.names), run.seconds))
        return True

    def is_sound(self, session: pytest.Session, slot: Slot, test: str) -> bool:
        """Return whether a test passes here without a mutant."""
        if test not in self.sound and test in self.items:
            run = Run(self, session, slot, None, [test])
            while (outcome := run.poll()) is None:
                time.sleep(0.02)
            if outcome == "survives":
                self.sound.add(test)
        return test in self.sound

    def chosen(self, mutant: Mutant) -> list[str]:
        """Return tests of the mutant: of all modules, within the budget, and those of one module together."""
        names, modules = self.lines.tests(mutant, lambda name: name in self.items)
        by_module = defaultdict[str, list[str]](list)
        for name in names:
            by_module[name.partition("::")[0]].append(name)
        for module in modules:
            by_module[module] = list(self.modules.get(module, ()))
        queues: list[Iterator[str]] = []
        for found in by_module.values():
            found.sort(key=lambda name: (name not in names, self.lines.seconds.get(name, 9)))
            queues.append(iter(found))
        chosen, seconds = defaultdict[str, list[str]](list), 0.0
        number = 0
        while queues and seconds < self.budget and number < MANY:
            for queue in list(queues):
                name = next(queue, None)
                if name is None:
                    queues.remove(queue)
                elif name not in self.broken and name in self.lines.seconds:
                    chosen[name.partition("::")[0]].append(name)
                    seconds += self.lines.seconds[name]
                    number += 1
        order = sorted(chosen.values(), key=lambda found: sum(self.lines.seconds[name] for name in found))
        return [name for found in order for name in found]


class Slot:
    """A copy of the package for the processes that tests start, and a folder for temporary files."""

    def __init__(self, folder: Path) -> None:
        self.source, self.temporary = folder / "src", folder / "tmp"
        shutil.copytree(ROOT / "src", self.source)
        self.times = 0


class Run:
    """The process of one mutant."""

    def __init__(
        self, runner: Runner, session: pytest.Session, slot: Slot, mutant: Mutant | None, names: list[str]
    ) -> None:
        self.slot, self.mutant, self.names, self.test = slot, mutant, names, ""  # type: ignore[assignment]
        self.mutant: Mutant
        self.began = time.monotonic()
        self.seconds = 0.0
        self.limit = 30 + 5 * sum(runner.lines.seconds.get(name, 1) for name in names)
        shutil.rmtree(slot.temporary, ignore_errors=True)
        slot.temporary.mkdir()
        self.progress = slot.temporary / "progress"
        self.path = None if mutant is None else slot.source.parent / mutant.file
        if mutant is not None and self.path is not None:
            self.path.write_text(mutant.text, "utf-8")
            slot.times += 1
            os.utime(self.path, (slot.times, slot.times))
        self.pid = os.fork()
        if self.pid:
            return
        try:
            status = self._child(runner, session)
        except BaseException:
            status = 4
        os._exit(status)

    def _child(self, runner: Runner, session: pytest.Session) -> int:
        os.setsid()
        null = os.open(os.devnull, os.O_RDWR)
        for number in (0, 1, 2):
            os.dup2(null, number)
        os.environ["PYTHONPATH"] = str(self.slot.source)
        os.environ["PYTEST_DEBUG_TEMPROOT"] = os.environ["TMPDIR"] = str(self.slot.temporary)
        tempfile.tempdir = None
        if self.mutant is not None and not runner.functions.plant(self.mutant):
            return 3
        failures: list[str] = []

        class Reports:
            def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
                if report.failed:
                    failures.append(report.nodeid)

        session.config.pluginmanager.register(Reports())
        items = [runner.items[name] for name in self.names]
        with self.progress.open("w") as progress:
            for item, following in zip(items, [*items[1:], None], strict=True):
                progress.write(f"{item.nodeid}\n")
                progress.flush()
                session.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
                if failures:
                    return 1
        return 0

    def poll(self) -> str | None:
        """Return the outcome when the process has ended or its time is up."""
        pid, status = os.waitpid(self.pid, os.WNOHANG)
        self.seconds = time.monotonic() - self.began
        late = not pid and self.seconds > self.limit
        if not pid and not late:
            return None
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        if late:
            os.waitpid(self.pid, 0)
        if self.path is not None:
            shutil.copy2(ROOT / self.mutant.file, self.path)
        ran = self.progress.read_text().split("\n") if self.progress.exists() else [""]
        self.test = ran[-2] if len(ran) > 1 else ""
        if late:
            return "hangs"
        if os.WIFSIGNALED(status):
            return "caught"
        code = os.waitstatus_to_exitcode(status)
        if code == 0:
            self.test = ""
        return {0: "survives", 1: "caught", 3: "unplanted"}.get(code, "caught" if self.test else "broken")
