"""CreateProjectVersion: begin the training of a model, or end one by rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .... import models
from ...._core.wire import to_wire
from ... import refusals
from ...answers.moderation import MODEL_VERSION
from ...content.custom_labels import classifier_for_training
from . import learning, training
from .projects import find_open_project
from .training_files import VersionFiles, VersionOutput
from .versions import check_new_version, check_output, create_version_row, new_arn, schedule_status

if TYPE_CHECKING:
    from ...context import Context
    from ...state.rows.projects import ProjectRow
    from .training_data import Data

_CUSTOM_LABELS = models.CustomizationFeature.CUSTOM_LABELS


def create_project_version(
    context: Context, request: models.CreateProjectVersionRequest
) -> models.CreateProjectVersionResponse:
    """Add a version that is in training, and schedule the step that ends the training.

    The data are the manifests of the request or the datasets of the project.
    """
    check_output(request.output_config)
    if (request.training_data is None) is not (request.testing_data is None):
        raise refusals.invalid_parameter("TrainingData and TestingData must be given together or not at all.")
    with context.state.read() as connection:
        project = find_open_project(connection, context.scope, request.project_arn)
        if request.feature_config is not None and project.feature == _CUSTOM_LABELS:
            raise refusals.invalid_parameter(
                "FeatureConfig is only allowed in a project whose feature is CONTENT_MODERATION."
            )  # our wording
        check_new_version(context, connection, project, request.version_name)
        data = training.find_data(connection, project, request)
    data = data or training.read_manifests(context, project, request)
    now = context.clock()
    end = now + context.durations.training
    by_rules = None if _is_learnt(context, project, data) else _train_by_rules(context, project, request, data, now)
    description = {
        "StatusMessage": "The model is being trained.",
        "OutputConfig": to_wire(request.output_config),
        "KmsKeyId": request.kms_key_id,
        "VersionDescription": request.version_description,
        "FeatureConfig": request.feature_config and to_wire(request.feature_config),
        "BaseModelVersion": None if project.feature == _CUSTOM_LABELS else MODEL_VERSION,
        **training.inputs(request),
    }
    with context.state.write() as connection:
        project = find_open_project(connection, context.scope, request.project_arn)
        row = create_version_row(
            context,
            connection,
            project,
            request.version_name,
            "TRAINING_IN_PROGRESS",
            description,
            request.tags,
            created=now,
        )
        if by_rules is None:
            learning.begin(context, connection, row, data, end)
        else:
            schedule_status(context, connection, row, end, *by_rules)
    if by_rules is None:
        context.worker.wake()
    return models.CreateProjectVersionResponse(project_version_arn=row.arn)


def _is_learnt(context: Context, project: ProjectRow, data: Data) -> bool:
    """Return whether a model is trained; not for an adapter, with unreadable manifests, or without the network."""
    readable = data.train.failure is None and data.test.failure is None
    return project.feature == _CUSTOM_LABELS and readable and classifier_for_training(context) is not None


def _train_by_rules(
    context: Context, project: ProjectRow, request: models.CreateProjectVersionRequest, data: Data, now: float
) -> training.Outcome:
    """Return the outcome of a training without a model, which begins now."""
    end = now + context.durations.training
    files = VersionFiles(project.name, request.version_name)
    version_arn = new_arn(context.scope, project, request.version_name, now)
    output = VersionOutput(request.output_config, files, version_arn, end)
    adapter = project.feature != _CUSTOM_LABELS
    outcome = training.train_by_rules(context, output, data, learning.NO_NETWORK, adapter=adapter)
    outcome.changes["TrainingEndTimestamp"] = end
    if outcome.status == models.ProjectVersionStatus.TRAINING_COMPLETED:
        outcome.changes["BillableTrainingTimeInSeconds"] = int(context.durations.training)
    return outcome
