"""Links, paths and examples in the Markdown documents of the repository."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted(
    path
    for pattern in ("*.md", ".github/**/*.md", "docs/**/*.md", "examples/**/*.md", "weights/*.md")
    for path in ROOT.glob(pattern)
)
CONTRIBUTING, ARCHITECTURE = ROOT / "CONTRIBUTING.md", ROOT / "docs" / "architecture.md"
OTHER_REPOSITORIES = {"serengil/deepface"}
CHECK_LISTS = ("A new operation", "A new vision capability", "A new command")

_FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_ADDRESS = re.compile(r"https://(?:[a-z0-9-]+\.)+[a-z]{2,}(?:/[^\s<>\"]*)?")
_CODE = re.compile(r"`([^`\n]+)`")
_PATH = re.compile(r"(?:[\w.-]+/)+(?:[\w.-]+)?|[\w-]+\.(?:md|toml)")
_PLACEHOLDER = re.compile(r"foo_bar|FooBar|<\w+>")


@cache
def prose(path: Path) -> str:
    """Return a document without its code blocks."""
    return _FENCE.sub("", path.read_text(encoding="utf-8"))


def anchors(path: Path) -> set[str]:
    """Return the anchors that a repository page gives to the headings of a document."""
    headings = re.findall(r"^#+ (.+)$", prose(path), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_relative_links_lead_to_files_and_headings(document: Path) -> None:
    broken: list[str] = []
    for link in _LINK.findall(prose(document)):
        target, _, anchor = link.partition("#")
        if re.match(r"[a-z]+:", target):
            continue
        path = document.parent / target if target else document
        if not path.exists() or (anchor and anchor not in anchors(path)):
            broken.append(link)
    assert broken == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_links_to_other_hosts_are_complete_addresses(document: Path) -> None:
    links = [link for link in _LINK.findall(prose(document)) if re.match(r"[a-z]+:", link)]
    assert [link for link in links if not _ADDRESS.fullmatch(link)] == []


def test_every_page_is_linked_from_another() -> None:
    linked = {
        (document.parent / link.partition("#")[0]).resolve()
        for document in DOCUMENTS
        for link in _LINK.findall(prose(document))
        if not re.match(r"[a-z]+:", link)
    }
    pages = {*(ROOT / "docs").glob("*.md"), *(ROOT / "docs" / "guides").glob("*.md")}
    assert {named(page) for page in pages - linked} == set()


def paths(text: str) -> list[str]:
    """Return the paths among the inline code of a text, without those that contain a placeholder."""
    codes = [code for code in _CODE.findall(text) if not _PLACEHOLDER.search(code)]
    return [code for code in codes if _PATH.fullmatch(code)]


def test_the_paths_of_the_contributors_guide_exist() -> None:
    cited = paths(prose(CONTRIBUTING))
    assert len(cited) > 50
    assert [path for path in cited if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("document", [ARCHITECTURE, *sorted((ROOT / "docs" / "design").glob("*.md"))], ids=named)
def test_paths_that_begin_in_the_package_or_the_emulator_exist(document: Path) -> None:
    package = ROOT / "src" / "rekog"
    folders = (ROOT, package, package / "emulator")
    cited = {path for path in paths(prose(document)) if "/" in path} - OTHER_REPOSITORIES
    assert [path for path in sorted(cited) if not any((folder / path).exists() for folder in folders)] == []


@pytest.mark.parametrize("name", CHECK_LISTS)
def test_each_item_of_a_check_list_begins_with_a_path(name: str) -> None:
    section = prose(CONTRIBUTING).partition(f"\n## {name}\n")[2].partition("\n## ")[0]
    items = re.findall(r"^(\d+)\. (.+)$", section, re.MULTILINE)
    assert [int(number) for number, _ in items] == list(range(1, len(items) + 1))
    assert len(items) > 5
    assert [item for _, item in items if not re.match(r"`[\w./<>-]+[`/]", item)] == []


def test_the_example_of_the_architecture_page_runs() -> None:
    examples = re.findall(r"^```python\n(.*?)^```$", ARCHITECTURE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert examples
    for example in examples:
        exec(compile(example, named(ARCHITECTURE), "exec"), {})


# --- The changelog ---------------------------------------------------------------------------------------------------


def test_renamed_names_are_one_sorted_table() -> None:
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    tables = re.findall(r"^### Renamed before the first release\n\n(.*?)(?=^#)", text, re.MULTILINE | re.DOTALL)
    rows = [line for table in tables for line in table.splitlines() if line.startswith("| ")][2:]
    assert len(tables) == 1
    assert rows == sorted(set(rows), key=lambda row: (re.sub(r"^\W+", "", row).lower(), row))


def test_one_form_of_the_command_installs_an_extra() -> None:
    """The project is not on the package index, where another project might have its name."""
    texts = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("src/**/*.py")]
    wrong = [str(path) for path in texts if re.search(r"""pip install ["']?rekog""", path.read_text("utf-8"))]
    assert wrong == []
