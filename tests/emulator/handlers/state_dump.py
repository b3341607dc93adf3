"""The stored state of an emulator as text, for tests that a call changes nothing."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from difflib import ndiff
from typing import TYPE_CHECKING

from rekog.emulator.state.store import FILE_NAME
from tests.kit.clock import wait_until

if TYPE_CHECKING:
    from pathlib import Path

    from tests.kit.service import Rekognition


def dump(folder: Path) -> list[str]:
    """Return all rows of all tables of the database in a data folder, as SQL."""
    with _opened(folder) as connection:
        return list(connection.iterdump())


def settle(folder: Path, rekognition: Rekognition) -> None:
    """Do all steps that are due: the quick ones in a request, then those of the worker."""
    rekognition("ListCollections")
    wait_until(lambda: not _steps_of_the_worker(folder))


def _steps_of_the_worker(folder: Path) -> int:
    with _opened(folder) as connection:
        return int(connection.execute("SELECT count(*) FROM event WHERE stage > 0").fetchone()[0])


def _opened(folder: Path) -> closing[sqlite3.Connection]:
    return closing(sqlite3.connect(f"file:{folder / FILE_NAME}?mode=ro", uri=True))


def differences(before: list[str], after: list[str]) -> list[str]:
    """Return the rows that only one of two dumps has."""
    return [line for line in ndiff(before, after) if not line.startswith(" ")] if before != after else []
