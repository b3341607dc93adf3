"""Declared properties of versions: F1 score, failure of the current step, deprecation and expiry of adapters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from .... import models
from ...background.due import run_quick_steps
from ...scope import owner
from ...state.rows import trainings, versions
from ...texts import check_texts

if TYPE_CHECKING:
    from ...context import Context

VersionStatus: TypeAlias = Literal["FAILED", "DEPRECATED", "EXPIRED"]

_AFTER = {
    ("FAILED", "TRAINING_IN_PROGRESS"): "TRAINING_FAILED",
    ("FAILED", "COPYING_IN_PROGRESS"): "COPYING_FAILED",
    ("FAILED", "STARTING"): "FAILED",
    ("FAILED", "RUNNING"): "FAILED",
    ("DEPRECATED", "TRAINING_COMPLETED"): "DEPRECATED",
    ("EXPIRED", "TRAINING_COMPLETED"): "EXPIRED",
    ("EXPIRED", "DEPRECATED"): "EXPIRED",
}
"""New status by declared and current status. Only adapters can become DEPRECATED or EXPIRED."""


def declare_version(
    context: Context, version_arn: str, *, f1_score: float | None, status: VersionStatus | None, message: str | None
) -> None:
    """Set the F1 score of a version, end its current step with a failure, or deprecate or expire an adapter."""
    check_texts(message=message)
    if f1_score is not None and not 0 <= f1_score <= 1:
        raise ValueError(f"f1_score must be a number from 0 to 1, not {f1_score!r}")
    if status != "FAILED":
        run_quick_steps(context)  # do the steps that are due, except before a declared failure, which must precede them
    with context.state.write() as connection:
        row = versions.find(connection, owner(version_arn), version_arn)
        if row is None:
            raise LookupError(f"there is no version {version_arn}")
        if f1_score is not None:
            versions.set_f1_score(connection, row.key, f1_score)
        if status is None:
            return
        after = _AFTER.get((status, row.status))
        if after is None or (status != "FAILED" and row.feature == models.CustomizationFeature.CUSTOM_LABELS):
            raise ValueError(f"a version of {row.feature} that is {row.status} can't become {status}")
        changes: dict[str, object] = {"StatusMessage": message or f"Declared to be {after}."}
        if after == models.ProjectVersionStatus.TRAINING_FAILED:
            changes["TrainingEndTimestamp"] = context.clock()
            trainings.delete(connection, row.key)
        versions.move(connection, row.key, row.status, after, changes)
