"""A plugin of pytest that plants each fault in a fork of the process that collected the tests, and runs tests there."""

from __future__ import annotations

import contextlib
import gc
import math
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Generator, Iterable, Sequence
from itertools import zip_longest
from pathlib import Path

import pytest

from tests.planted.faults import ROOT, Fault, Verdict
from tests.planted.functions import Functions
from tests.planted.recorder import Record, import_package

MOST_TESTS = 1000
"""Maximum number of tests for a fault that names none."""

PASSED, FAILED, NOT_PLANTED, BROKEN = range(4)
OUTCOMES = {PASSED: "survives", FAILED: "caught", NOT_PLANTED: "not planted"}
FRESH_SECONDS = 600
"""Maximum duration of the tests of a fault in a process of its own."""


class Runner:
    """Runs the tests of each fault."""

    def __init__(self, faults: Sequence[Fault], report: Callable[[Verdict], None], jobs: int, seconds: float) -> None:
        self.faults, self.report, self.jobs = faults, report, jobs
        self.seconds = seconds
        """Maximum duration of the chosen tests of a fault."""
        self.record = Record()
        self.failing: set[str] = set()
        """Tests that fail in a fork without a fault."""
        self.sound: set[str] = set()
        """Tests that pass there."""
        self.items: dict[str, pytest.Item] = {}
        self.functions = Functions(())

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_finish(self) -> None:
        import_package()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        gc.unfreeze()  # tests/conftest.py hides all objects
        gc.collect()
        self.items = {item.nodeid: item for item in session.items}
        self.functions = Functions(gc.get_objects())
        gc.freeze()
        with tempfile.TemporaryDirectory() as folder:
            copies = [PackageCopy(Path(folder, str(number))) for number in range(self.jobs)]
            waiting, forks = list(reversed(self.faults)), list[Fork]()
            while waiting or forks:
                while waiting and copies:
                    fault = waiting.pop()
                    chosen = self.choose(fault)
                    if chosen or fault.tests:
                        forks.append(Fork(self, copies.pop(), fault, chosen))
                    else:
                        self.report(Verdict(fault, "untested"))
                time.sleep(0.01)
                for fork in [fork for fork in forks if fork.has_ended()]:
                    forks.remove(fork)
                    if fork.outcome == "caught" and not self.passes_without_fault(fork):
                        self.failing.add(fork.test)
                        waiting.append(fork.fault)
                    else:
                        self.report(self.verdict(fork))
                    copies.append(fork.copy)
        return True

    def verdict(self, fork: Fork) -> Verdict:
        """Return the result; plant again, in a new process, a fault that is in no function or that no test noticed."""
        if fork.outcome in {"caught", "hangs"}:
            return Verdict(fork.fault, fork.outcome, fork.test, len(fork.tests))
        while True:
            with fork.copy.changed(fork.fault):
                outcome, test = run_in_new_process(fork.copy, fork.fault.tests or fork.tests, self.failing)
            if outcome == "caught" and test in self.items:
                with fork.copy.changed(None):
                    if run_in_new_process(fork.copy, [test])[0] != "survives":
                        self.failing.add(test)
                        continue
            return Verdict(fork.fault, outcome, test, len(fork.tests))

    def passes_without_fault(self, failed: Fork) -> bool:
        """Return whether the test that noticed a fault passes in a fork without one."""
        if failed.test not in self.sound and failed.test in self.items:
            fork = Fork(self, failed.copy, None, [failed.test])
            while not fork.has_ended():
                time.sleep(0.01)
            if fork.outcome == "survives":
                self.sound.add(failed.test)
        return failed.test in self.sound

    def choose(self, fault: Fault) -> list[str]:
        """Return the tests of the fault, those of one module together, the modules that take least time first."""
        executing = self.record.executing(fault.file, fault.lines())
        by_module = defaultdict[str, list[str]](list)
        for name in self.items:
            module = name.partition("::")[0]
            if fault.tests:
                wanted = any(
                    name == test or name.startswith((f"{test}/", f"{test}::", f"{test}[")) for test in fault.tests
                )
            else:
                wanted = name in executing.tests or (module in executing.modules and name in self.record.seconds)
            if wanted and name not in self.failing:
                by_module[module].append(name)
        for names in by_module.values():
            names.sort(
                key=lambda name: (
                    name not in executing.tests,
                    self.record.files[name],
                    self.record.seconds.get(name, 0.0),
                )
            )
        if not fault.tests:
            self.limit(by_module)
        ordered = sorted(by_module.values(), key=lambda names: sum(self.record.seconds.get(name, 1) for name in names))
        return [name for names in ordered for name in names]

    def limit(self, by_module: dict[str, list[str]]) -> None:
        """Leave the tests that execute fewest files, and the first ones of each module, as many as the limits allow."""
        rounds = [name for each in zip_longest(*by_module.values()) for name in each if name is not None]
        narrowest = sorted(rounds, key=lambda name: self.record.files[name] or math.inf)
        kept = set[str]()
        for names in (narrowest, rounds):
            seconds = 0.0
            for name in names[: MOST_TESTS // 2]:
                seconds += self.record.seconds[name]
                if seconds > self.seconds / 2 and kept:
                    break
                kept.add(name)
        for module, names in by_module.items():
            by_module[module] = [name for name in names if name in kept]


class PackageCopy:
    """A copy of the package for the processes that tests start, and a folder for temporary files."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.source, self.temporary = folder, folder / "src", folder / "tmp"
        self._changes = 0
        shutil.copytree(ROOT / "src", self.source)

    def environment(self) -> dict[str, str]:
        """Return the variables by which a process imports the copy and keeps its files here."""
        folder = str(self.temporary)
        return {"PYTHONPATH": str(self.source), "TMPDIR": folder, "PYTEST_DEBUG_TEMPROOT": folder}

    @contextlib.contextmanager
    def changed(self, fault: Fault | None) -> Generator[None]:
        """Plant a fault in the copy until the end of the block."""
        shutil.rmtree(self.temporary, ignore_errors=True)
        self.temporary.mkdir()
        if fault is None:
            yield
            return
        path = self.folder / fault.file
        path.write_text(fault.text, "utf-8")
        self._changes += 1
        os.utime(path, (self._changes, self._changes))  # Python compiles a file again when its time differs
        try:
            yield
        finally:
            shutil.copy2(ROOT / fault.file, path)


class Fork:
    """A process that runs tests with a fault, or without one."""

    def __init__(self, runner: Runner, copy: PackageCopy, fault: Fault | None, tests: list[str]) -> None:
        self.copy, self.tests = copy, tests
        self._fault = fault
        self.outcome = ""
        self.test = ""
        """The test that ran last."""
        self._planted = contextlib.ExitStack()
        self._planted.enter_context(copy.changed(fault))
        self._progress = copy.temporary / "progress"
        self._end = time.monotonic() + 30 + 5 * sum(runner.record.seconds.get(name, 1) for name in tests)
        self._process = os.fork()
        if self._process:
            return
        status = BROKEN
        try:
            status = self._run(runner)
        finally:
            os._exit(status)

    @property
    def fault(self) -> Fault:
        """Return the fault."""
        if self._fault is None:
            raise ValueError("this fork has no fault")
        return self._fault

    def _run(self, runner: Runner) -> int:
        """Run the tests until one fails, and return the status of the process."""
        os.setsid()
        for number in (0, 1, 2):
            os.dup2(os.open(os.devnull, os.O_RDWR), number)
        os.environ.update(self.copy.environment())
        tempfile.tempdir = None
        if not self.tests or (self._fault and not runner.functions.plant(self._fault)):
            return NOT_PLANTED  # here, but in a new process
        failures = Failures()
        items = [runner.items[name] for name in self.tests]
        items[0].config.pluginmanager.register(failures)
        with self._progress.open("w", encoding="utf-8") as progress:
            for item, following in zip(items, [*items[1:], None], strict=True):
                print(item.nodeid, file=progress, flush=True)
                item.ihook.pytest_runtest_protocol(item=item, nextitem=following)
                if failures.any:
                    return FAILED
        return PASSED

    def has_ended(self) -> bool:
        """Return whether the process has ended, which sets the outcome; end it when its time is up."""
        process, status = os.waitpid(self._process, os.WNOHANG)
        late = not process and time.monotonic() > self._end
        if not process and not late:
            return False
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process, signal.SIGKILL)  # and what the tests started
        if late:
            os.waitpid(self._process, 0)
        ran = self._progress.read_text("utf-8").splitlines() if self._progress.exists() else []
        self._planted.close()
        code = os.waitstatus_to_exitcode(status)
        self.outcome = "hangs" if late else OUTCOMES.get(code, "caught" if ran else "broken")
        self.test = ran[-1] if ran and self.outcome in {"caught", "hangs"} else ""
        return True


class Failures:
    """A plugin of pytest that notices a failed test."""

    def __init__(self) -> None:
        self.any = False

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note a failure in the set-up, the test or its end."""
        self.any = self.any or report.failed


def run_in_new_process(copy: PackageCopy, tests: Sequence[str], without: Iterable[str] = ()) -> tuple[str, str]:
    """Return the outcome of these tests, `without` some, with the copy of the package, and the test that failed."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-x",
        "-n",
        "0",
        "-p",
        "no:cacheprovider",
        "-m",
        "not live",
        "--tb=no",
        "-rfE",
    ]
    process = subprocess.Popen(
        [*command, *tests, *(f"--deselect={test}" for test in without)],
        cwd=ROOT,
        env={**os.environ, **copy.environment()},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    try:
        output, _ = process.communicate(timeout=FRESH_SECONDS)
    except subprocess.TimeoutExpired:
        return "hangs", ""
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    failed = [line.split()[1] for line in output.splitlines() if line.startswith(("FAILED ", "ERROR "))]
    # 0: all passed. 1: a test failed. 2: a module of tests does not import, which the default run reports as well.
    return {0: "survives", 1: "caught", 2: "caught"}.get(process.returncode, "broken"), "".join(failed[:1])
