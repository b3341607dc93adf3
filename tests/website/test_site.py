"""The documentation site: its navigation, its reference, and a strict build without files of other hosts."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from rekog._generated.operations import METHODS
from rekog._generated.paging import PAGED
from rekog._generated.waiting import WAITERS
from tests.api import surface
from website import pages, reference

NAVIGATION = pages.SETTINGS.read_text("utf-8").partition("\nnav:\n")[2]
REFERENCE = reference.pages()
DIRECTIVES = re.findall(r"^::: (\S+)$", "\n".join(REFERENCE.values()), re.MULTILINE)


def test_each_page_has_one_line_of_the_navigation() -> None:
    """A new page of docs/ gets a line such as `- Bulk work: bulk.md` in mkdocs.yml."""
    written = [place for place in pages.places().values() if place.endswith(".md")]
    assert sorted(re.findall(r"\S+\.md$", NAVIGATION, re.MULTILINE)) == sorted(written)


def test_the_reference_has_each_public_name_once() -> None:
    names = [f"{module}.{name}" for module in surface.PUBLIC for name in surface.exported(module)]
    expected = {name for name in names if name not in surface.PUBLIC}
    methods = {f"rekog.RekognitionClient.{method}" for method in generated_methods()}
    modules = set(surface.PUBLIC) - {"rekog.models"}
    assert len(DIRECTIVES) == len(set(DIRECTIVES))
    assert set(DIRECTIVES) == expected | methods | modules


def generated_methods() -> set[str]:
    return {*METHODS, *(f"paginate_{name}" for name in PAGED), *(f"wait_until_{name}" for name in WAITERS)}


def test_the_index_of_the_reference_links_each_operation() -> None:
    links = re.findall(r"\[(\w+)\]\((operations/\w+\.md)#(\w+)\)", REFERENCE["reference/index.md"])
    assert sorted(name for name, _, _ in links) == sorted(operation.name for operation in METHODS.values())
    for name, place, anchor in links:
        assert f"\n## {name}\n" in REFERENCE[f"reference/{place}"]
        assert anchor == name.lower()


def test_examples_and_errors_of_docstrings_become_code_and_links() -> None:
    docstrings = import_module("website.docstrings")
    text = "Do it.\n\nRaises: AError,\n    BError.\n\nExample:\n    call()\n\n    more()\n"
    code = "Example:\n    ```python\n    call()\n\n    more()\n    ```\n"
    errors = "Raises: [`AError`][rekog.errors.AError], [`BError`][rekog.errors.BError].\n\n"
    assert docstrings.changed(text) == f"Do it.\n\n{errors}{code}"
    assert docstrings.changed("A.\n\n>>> [1]\n[1]\n\nB.") == "A.\n\n```pycon\n>>> [1]\n[1]\n```\n\nB."


@pytest.mark.slow
def test_the_site_builds_without_a_warning_and_without_files_of_other_hosts(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "website", "--output", str(tmp_path / "site")]
    done = subprocess.run(command, cwd=pages.ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    site = {path.relative_to(tmp_path / "site").as_posix(): path for path in (tmp_path / "site").rglob("*.html")}
    assert len(site) > 60
    loaded = re.compile(r"<(?:script|img|link|iframe|source)\b[^>]*?\b(?:src|href)=\"?((?:https?:)?//[^\" >]+)")
    texts = {name: path.read_text("utf-8") for name, path in site.items()}
    assert {name: found for name, text in texts.items() if (found := loaded.findall(text))} == {}
    assert [name for name, text in texts.items() if 'class="mermaid"' in text] == []  # the theme would load a script
    for family in reference.FAMILIES:
        for method in reference.operations_of(family):
            page = texts[f"reference/operations/{family}.html"]
            assert f'id="{reference.anchor(method)}"' in page
            assert f'id="rekog.RekognitionClient.{method}"' in page
