"""Kinds of asynchronous steps: each has a function, and the names that databases store do not change."""

from __future__ import annotations

from rekog.emulator.handlers.steps import STEPS
from rekog.emulator.state.schedule import StepKind

STORED_KINDS = {
    "projects.finish_creation",
    "projects.finish_deletion",
    "datasets.finish_change",
    "datasets.finish_deletion",
    "versions.finish_step",
    "versions.finish_deletion",
    "streams.finish_step",
    "streams.free_name",
    "video_work.look",
    "video_work.finish",
    "video_work.send",
    "video_work.expire",
    "media_analysis.finish",
}
"""Kinds of steps in the databases of earlier emulators."""


def test_every_kind_of_step_has_a_function() -> None:
    assert [kind for kind in StepKind if not callable(STEPS.get(kind))] == []


def test_every_function_of_a_step_has_a_kind() -> None:
    assert [kind for kind in STEPS if kind not in set(StepKind)] == []


def test_each_kind_of_step_has_a_function_of_its_own() -> None:
    assert len(set(STEPS.values())) == len(STEPS)


def test_the_kinds_of_steps_are_those_that_databases_store() -> None:
    assert {kind.value for kind in StepKind} == STORED_KINDS
