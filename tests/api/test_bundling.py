"""Tools that bundle an application find every module of the SDK: they read the import statements of its byte code."""

from __future__ import annotations

import modulefinder
import os
import pkgutil
import subprocess
import sysconfig
import venv
from pathlib import Path

import pytest

import rekog

PROGRAM = """
from rekog import Credentials, RekognitionClient, from_wire, models

client = RekognitionClient("us-east-1", credentials=Credentials("AKID", "secret"))
wire = {"CollectionIds": ["frozen"], "FaceModelVersions": []}
print(from_wire(models.ListCollectionsResponse, wire).collection_ids, client.region_name)
"""
ROOT = Path(rekog.__file__).parent
PARTS = ("rekog._", "rekog.models", "rekog.emulator.handlers")
PROGRAMS = ("rekog.__main__",)
"""Modules that Python runs and no program imports."""
MODULES = [
    each.name
    for each in pkgutil.walk_packages(rekog.__path__, "rekog.")
    if each.name.startswith(PARTS) and each.name not in PROGRAMS
]


def modules_in_bundle(folder: Path) -> set[str]:
    """Return the modules that a bundler finds for a program with a client."""
    program = folder / "frozen.py"
    program.write_text(PROGRAM)
    # With Python's own modules: without them the finder takes a failed import of `collections` for a relative one.
    finder = modulefinder.ModuleFinder(path=[str(ROOT.parent), sysconfig.get_path("stdlib")])
    finder.run_script(str(program))
    return set(finder.modules)


@pytest.mark.slow
def test_a_bundler_finds_each_module(tmp_path: Path) -> None:
    assert len(MODULES) > 100
    assert set(MODULES) - modules_in_bundle(tmp_path) == set()


@pytest.mark.slow
def test_a_program_frozen_by_pyinstaller_runs(tmp_path: Path) -> None:
    program = tmp_path / "frozen.py"
    program.write_text(PROGRAM)
    venv.create(tmp_path / "venv", with_pip=True)
    python = tmp_path / "venv" / "bin" / "python"
    install: list[str | Path] = [python, "-m", "pip", "install", "-q"]
    if subprocess.run([*install, "pyinstaller"], check=False).returncode != 0:
        pytest.skip("PyInstaller cannot be installed: perhaps no package index can be reached")
    subprocess.run([*install, ROOT.parents[1]], check=True)
    options = ["--noconfirm", "--log-level", "ERROR", "--distpath", "dist", "--workpath", "work", "--specpath", "."]
    subprocess.run([python, "-m", "PyInstaller", *options, program], cwd=tmp_path, check=True)
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    frozen = tmp_path / "dist" / "frozen" / "frozen"
    done = subprocess.run([frozen], env=environment, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("['frozen'] us-east-1\n", "")
