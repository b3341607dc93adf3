"""`python -m codegen`: the files that it writes, the differences that `--check` reports, and its exit status."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import botocore
import pytest

from codegen.__main__ import PACKAGE, USAGE, main

pytestmark = pytest.mark.usefixtures("rendered_once")  # only the subprocess renders anew

ROOT = PACKAGE.parent.parent
FIRST_LINE = (PACKAGE / "_generated/operations.py").read_text("utf-8").partition("\n")[0]
same_botocore = pytest.mark.skipif(
    f"botocore {botocore.__version__};" not in FIRST_LINE,
    reason="generated from another version of botocore than the installed one; rekog[dev] pins it",
)


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a package folder with the generator's output."""
    package = tmp_path_factory.mktemp("fresh")
    assert main([], package) == 0
    return package


@pytest.fixture
def package(fresh: Path, tmp_path: Path) -> Path:
    """Return a copy of the fresh package folder for a test to change."""
    shutil.copytree(fresh, tmp_path, dirs_exist_ok=True)
    return tmp_path


def _contents(package: Path) -> dict[str, bytes]:
    return {p.relative_to(package).as_posix(): p.read_bytes() for p in package.rglob("*.py")}


def _check(package: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, list[str]]:
    status = main(["--check"], package)
    return status, [line.split()[1] for line in capsys.readouterr().err.splitlines()]


@same_botocore
def test_the_package_in_the_repository_equals_the_generators_output() -> None:
    command = [sys.executable, "-m", "codegen", "--check"]
    process = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert (process.returncode, process.stdout, process.stderr) == (0, "", "")


@pytest.mark.slow
def test_a_fresh_package_passes_the_check(package: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _check(package, capsys) == (0, [])


def test_one_byte_of_drift_fails_the_check(package: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = package / "models/tags.py"
    path.write_bytes(path.read_bytes()[:-1])

    assert _check(package, capsys) == (1, ["models/tags.py"])


def test_other_line_endings_fail_the_check(package: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = package / "_generated/errors.py"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))

    assert _check(package, capsys) == (1, ["_generated/errors.py"])


@pytest.mark.slow
def test_a_missing_file_fails_the_check(package: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (package / "_generated/partitions.py").unlink()

    assert _check(package, capsys) == (1, ["_generated/partitions.py"])


@pytest.mark.slow
@pytest.mark.parametrize("path", ["models/old.py", "_generated/old.py", "_generated/codec/old.py"])
def test_a_leftover_file_fails_the_check(path: str, package: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (package / path).write_text("")

    assert _check(package, capsys) == (1, [path])


def test_a_leftover_folder_fails_the_check(package: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (package / "_generated/tables").mkdir()
    (package / "_generated/tables/old.py").write_text("")

    assert _check(package, capsys) == (1, ["_generated/tables/old.py"])


def test_the_check_writes_nothing(package: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (package / "models/tags.py").write_text("")
    (package / "models/old.py").write_text("")
    before = _contents(package)

    _check(package, capsys)

    assert _contents(package) == before


def test_writing_repairs_the_package_and_prints_each_path(
    fresh: Path, package: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (package / "models/tags.py").write_text("")
    (package / "models/old.py").write_text("")

    status = main([], package)

    assert (status, capsys.readouterr().out) == (0, "removed models/old.py\nwrote models/tags.py\n")
    assert _contents(package) == _contents(fresh)


@pytest.mark.slow
def test_writing_twice_writes_nothing_the_second_time(package: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert (main([], package), capsys.readouterr().out) == (0, "")


def test_hand_written_files_beside_generated_ones_are_kept(package: Path) -> None:
    (package / "client.py").write_text("# by hand\n")

    main([], package)

    assert (package / "client.py").read_text() == "# by hand\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["--check", "--check"],
        ["src"],
        [""],
        ["--new"],
        ["--new", "foo_bar"],
        ["--new", "FooBar", "--check"],
    ],
)
def test_other_arguments_end_with_2_and_the_usage(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status = main(arguments, tmp_path)

    assert (status, capsys.readouterr().err) == (2, f"{USAGE}\n")
    assert list(tmp_path.iterdir()) == []
