"""The function of each kind of asynchronous step.

A step does its work in transactions of its own and may run twice (in two threads, or again after a crash), so it checks
first whether the work is still pending.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeAlias

from ..state.schedule import StepKind
from . import media_analysis
from .custom_labels import datasets, learning, projects, versions
from .streams import processors
from .videos import steps as videos

if TYPE_CHECKING:
    from ..context import Context
    from ..state.schedule import Step

    StepFunction: TypeAlias = Callable[[Context, Step], None]

STEPS: Mapping[str, StepFunction] = {
    StepKind.FINISH_PROJECT_CREATION: projects.finish_creation,
    StepKind.FINISH_PROJECT_DELETION: projects.finish_deletion,
    StepKind.FINISH_DATASET_CHANGE: datasets.finish_change,
    StepKind.FINISH_DATASET_DELETION: datasets.finish_deletion,
    StepKind.FINISH_VERSION_STEP: versions.finish_step,
    StepKind.FINISH_VERSION_DELETION: versions.finish_deletion,
    StepKind.EXTRACT_FEATURES: learning.extract_features,
    StepKind.FINISH_TRAINING: learning.finish,
    StepKind.FINISH_STREAM_STEP: processors.finish_step,
    StepKind.FREE_STREAM_NAME: processors.free_name,
    StepKind.ANALYSE_VIDEO: videos.analyse,
    StepKind.FINISH_VIDEO_JOB: videos.finish,
    StepKind.SEND_NOTIFICATION: videos.send,
    StepKind.EXPIRE_VIDEO_JOB: videos.expire,
    StepKind.FINISH_MEDIA_ANALYSIS: media_analysis.finish,
}
