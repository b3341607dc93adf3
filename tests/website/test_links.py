"""Links of documents become links of the site or of the repository."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from website.links import REPOSITORY, absolute, rewritten, site_link

PLACES = {"README.md": "index.md", "docs/jobs.md": "jobs.md", "docs/guides/lambda.md": "guides/lambda.md"}
FOLDERS = frozenset({"docs/design"})


@pytest.mark.parametrize(
    ("source", "link", "expected"),
    [
        ("README.md", "docs/jobs.md#waits", "jobs.md#waits"),
        ("docs/jobs.md", "../README.md", "index.md"),
        ("docs/guides/lambda.md", "../jobs.md", "../jobs.md"),
        ("docs/guides/lambda.md", "../../README.md#units", "../index.md#units"),
        ("docs/jobs.md", "../examples/people.py", f"{REPOSITORY}/blob/main/examples/people.py"),
        ("README.md", "docs/design", f"{REPOSITORY}/tree/main/docs/design"),
    ],
)
def test_a_relative_link_leads_to_the_page_or_to_the_repository(source: str, link: str, expected: str) -> None:
    assert site_link(link, source, PLACES, FOLDERS) == expected


def test_other_links_and_code_stay() -> None:
    text = "[a](https://example.org/a) [b](#b) [c](c.md)\n```text\n[d](d.md)\n```\n![e](e.png)\n"
    changed = "[a](https://example.org/a) [b](#b) [c](X/c.md)\n```text\n[d](d.md)\n```\n![e](X/e.png)\n"
    assert rewritten(text, lambda link: f"X/{link}") == changed


def test_the_readme_of_a_package_index_has_no_relative_link() -> None:
    readme = (Path(__file__).resolve().parents[2] / "README.md").read_text("utf-8")
    text = absolute(readme)
    links = re.findall(r"\]\(([^)\s]+)\)", text)
    assert len(links) == len(re.findall(r"\]\(([^)\s]+)\)", readme))
    assert [link for link in links if not link.startswith(("https://", "#"))] == []
    assert f"]({REPOSITORY}/raw/main/docs/annotated.jpg)" in text
    assert f"]({REPOSITORY}/blob/main/docs/tutorial.md)" in text
