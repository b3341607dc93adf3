"""Each client calls each operation, and docs/operations.md lists the operations."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from rekog._generated.operations import OPERATIONS
from rekog._generated.service import HANDLERS
from rekog.emulator.handlers import Families
from tests.kit.every_operation import EVERY_OPERATION
from tests.kit.service import ControlApi, Rekognition

if TYPE_CHECKING:
    from pathlib import Path

    from tests.kit.clients import Cli

_ROW = re.compile(r"^\| (\w+) \| (yes|no) \| (.+) \|$", re.MULTILINE)


def test_every_operation_succeeds(rekognition: Rekognition, control: ControlApi) -> None:
    for call_operations in EVERY_OPERATION:
        call_operations(rekognition, control)
    assert rekognition.called == set(OPERATIONS)


@pytest.mark.slow
def test_every_operation_succeeds_with_the_aws_cli(cli: Cli, control_api: ControlApi) -> None:
    control_api.reset()
    rekognition = Rekognition(cli, control_api.url)
    for call_operations in EVERY_OPERATION:
        call_operations(rekognition, control_api)
    assert rekognition.called == set(OPERATIONS)


@pytest.fixture(scope="module")
def rows(folder_of_repository: Path) -> list[tuple[str, str]]:
    """Return the operations of the tables with their column *served*."""
    document = (folder_of_repository / "docs" / "operations.md").read_text(encoding="utf-8")
    return [(name, served) for name, served, _ in _ROW.findall(document)]


def test_the_tables_have_each_operation_once(rows: list[tuple[str, str]]) -> None:
    assert sorted(name for name, _ in rows) == sorted(OPERATIONS)


def test_the_column_served_matches_the_handlers(rows: list[tuple[str, str]]) -> None:
    assert dict(rows) == {name: "yes" if callable(find(Families())) else "no" for name, find in HANDLERS.items()}
