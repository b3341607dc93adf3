"""The lock of a checkpoint: one run at a time, on each system, also where files have no locks."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from rekog._generated.operations import DETECT_LABELS
from rekog.bulk import CheckpointError, _locks
from rekog.bulk._checkpoints import Checkpoint
from tests.bulk.runs import image, labelled, walk
from tests.kit.backends import Scripted, Unused

if TYPE_CHECKING:
    from pathlib import Path

    from tests.kit.backends import Backend


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "done.jsonl"


def opened(file: Path) -> Checkpoint:
    checkpoint = Checkpoint(file, DETECT_LABELS)
    checkpoint.open({})
    return checkpoint


def test_a_second_run_on_a_checkpoint_in_use_is_refused_and_the_first_goes_on(backend: Backend, file: Path) -> None:
    first = backend.client(Scripted(labelled)).bulk
    second = backend.client(Unused()).bulk
    other = opened(file)
    with pytest.raises(CheckpointError) as caught:
        walk(backend, lambda: second.detect_labels([image("a")], checkpoint=file, key=lambda _source: "a"))
    problem = "is in use by another run: wait for its end, or give another path"
    assert str(caught.value) == f"checkpoint: {str(file)!r} {problem}"
    other.close()
    run = walk(backend, lambda: first.detect_labels([image("a")], checkpoint=file, key=lambda _source: "a"))
    assert run.progress.done == 1


HOLDER = """
import sys
from tests.bulk.test_locks import opened
checkpoint = opened(sys.argv[1])
print("open", flush=True)
sys.stdin.read()
"""


def test_the_lock_of_another_process_ends_when_that_is_killed(file: Path) -> None:
    command = [sys.executable, "-c", HOLDER, str(file)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"open\n"
        with pytest.raises(CheckpointError, match="is in use by another run"):
            opened(file)
        process.kill()
    opened(file).close()


def test_the_end_of_a_run_unlocks_the_file_for_a_forked_process_too(file: Path) -> None:
    checkpoint = opened(file)
    copy = os.dup(checkpoint._written.fileno())  # type: ignore[union-attr]  # pyright: ignore[reportPrivateUsage, reportOptionalMemberAccess]  # as a fork copies it
    checkpoint.close()
    opened(file).close()
    os.close(copy)


class Msvcrt:
    """The functions of Windows over a set of locked places."""

    LK_NBLCK, LK_UNLCK = 2, 0

    def __init__(self) -> None:
        self.locked: set[int] = set()

    def locking(self, number: int, mode: int, count: int) -> None:
        place = os.lseek(number, 0, os.SEEK_CUR)
        assert count == 1
        if (place in self.locked) == (mode == self.LK_NBLCK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        (self.locked.add if mode == self.LK_NBLCK else self.locked.discard)(place)


def use(monkeypatch: pytest.MonkeyPatch, name: str, module: object) -> None:
    monkeypatch.setattr(_locks, "_NAME", name)
    monkeypatch.setattr(_locks, "import_module", {name: module}.__getitem__)


def test_on_windows_a_byte_far_behind_the_lines_is_locked(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    system = Msvcrt()
    use(monkeypatch, "msvcrt", system)
    first = opened(file)
    assert system.locked == {2**31 - 2}
    with pytest.raises(CheckpointError, match="is in use by another run"):
        opened(file)
    first.close()


def test_on_windows_the_lines_are_written_to_the_end_and_the_lock_ends(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, "msvcrt", system := Msvcrt())
    opened(file).close()
    opened(file).close()
    assert system.locked == set()
    assert file.stat().st_size < 200


def test_a_large_file_stays_unlocked_on_windows(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, "msvcrt", system := Msvcrt())
    with open(file, "wb") as sparse:
        sparse.truncate(2**31)
    with open(file, "ab") as large:
        assert _locks.lock(large.fileno())
    assert system.locked == set()


def test_a_file_system_without_locks_leaves_the_file_unlocked(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def flock(_number: int, _mode: int) -> Any:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    use(monkeypatch, "fcntl", SimpleNamespace(flock=flock, LOCK_EX=2, LOCK_NB=4, LOCK_UN=8))
    opened(file).close()
    assert file.stat().st_size > 0
