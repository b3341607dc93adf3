"""The Python examples of the documents run, each page as one program, against an emulator."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.kit.snippets import ROOT, URL, Page, pages, prepare, world

ALL = pages()
RUNNING = [page for page in ALL if page.program and page.name != "docs/architecture.md"]  # test_documents.py runs it
SHORTEST_REASON = 15

each_page = pytest.mark.parametrize("page", ALL, ids=lambda page: page.name)


@each_page
def test_each_block_compiles_and_its_imports_exist(page: Page) -> None:
    for block in page.blocks:
        tree = ast.parse("\n" * block.line + block.code, page.name)
        imports = [each for each in ast.walk(tree) if isinstance(each, ast.Import | ast.ImportFrom)]
        ours = [each for each in imports if "rekog" in ast.unparse(each)]
        exec(compile(ast.Module(list(ours), []), page.name, "exec"), {})
        compile(tree, page.name, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)


@each_page
def test_a_block_that_does_not_run_has_a_reason(page: Page) -> None:
    reasons = [block.reason for block in page.blocks if block.reason]
    assert [reason for reason in reasons if len(reason) < SHORTEST_REASON] == []


def test_the_documents_have_programs_and_tests() -> None:
    assert len(RUNNING) > 8
    assert sum(len(page.test_files) for page in ALL) > 2


@pytest.mark.slow
@pytest.mark.parametrize("page", RUNNING, ids=lambda page: page.name)
def test_the_blocks_of_a_page_run(page: Page, tmp_path: Path) -> None:
    program = page.program
    prepare(tmp_path, program)
    script = tmp_path / "page.py"
    with world(program) as url:
        script.write_text(program.replace(URL, url), "utf-8")
        done = run([str(script)], tmp_path, url)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_the_tests_of_the_documents_pass(tmp_path: Path) -> None:
    files = {name: code for page in ALL for name, code in page.test_files.items()}
    prepare(tmp_path, "\n".join(files.values()))
    for name, code in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(code, "utf-8")
    with world("") as url:
        done = run(["-m", "pytest", "-q", "-p", "no:cacheprovider"], tmp_path, url)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{sum(code.count('def test_') for code in files.values())} passed" in done.stdout


def run(arguments: list[str], folder: Path, url: str) -> subprocess.CompletedProcess[str]:
    """Run Python in a folder, with the settings of a user whose endpoint is the emulator."""
    (folder / "config").write_text("[profile analysis]\nregion = eu-west-1\n", "utf-8")
    environment = {
        **os.environ,
        "AWS_ENDPOINT_URL_REKOGNITION": url,
        "AWS_ACCESS_KEY_ID": "any",
        "AWS_SECRET_ACCESS_KEY": "any",
        "AWS_REGION": "eu-west-1",
        "AWS_CONFIG_FILE": str(folder / "config"),
        "PYTHONPATH": os.pathsep.join([str(ROOT / "weights" / "src"), str(ROOT / "src")]),
    }
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
