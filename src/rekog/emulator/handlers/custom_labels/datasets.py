"""Datasets: create, describe, update, distribute, delete; list their entries and labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .... import models
from ...._core.scalars import moment
from ... import refusals
from ...scope import arn, arn_suffix
from ...state import schedule
from ...state.rows import datasets
from ...state.schedule import Step, StepKind
from ..pages import OLDEST, Listing
from . import manifests
from .projects import find_open_project

if TYPE_CHECKING:
    import sqlite3

    from ...context import Context
    from ...scope import Scope
    from ...state.rows.datasets import DatasetRow
    from .manifests import Manifest

DEFAULT_PAGE = 100

_ADAPTER = models.CustomizationFeature.CONTENT_MODERATION
_READY = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_FAILED")
"""Statuses in which entries can be read and changed; a failed update changes nothing (assumed)."""
_CREATED_FROM_MANIFEST = "The dataset was successfully created from the manifest file."
"""Text of the service's published response; the other texts are ours."""
_CREATED = "The dataset was successfully created."
_UPDATED = "The dataset was successfully updated."


def create_dataset(context: Context, request: models.CreateDatasetRequest) -> models.CreateDatasetResponse:
    """Create the training or test dataset of a project: empty, from a manifest, or from another dataset."""
    source, kind = request.dataset_source, request.dataset_type
    _check_source(source)
    with context.state.read() as connection:
        project = find_open_project(connection, context.scope, request.project_arn)
        if any(row.type == kind for row in datasets.of_project(connection, project.key)):
            raise refusals.resource_exists(f"A {kind} dataset of {project.arn}")
    adapter = project.feature == _ADAPTER
    manifest = None  # read outside transactions: the object store may be slow
    if source is not None and source.ground_truth_manifest is not None:
        manifest = read_manifest(context, source.ground_truth_manifest.s3_object, adapter=adapter)
    now = context.clock()
    dataset_arn = arn(context.scope, f"project/{project.name}/dataset/{kind.lower()}/{arn_suffix(now)}")
    with context.state.write() as connection:
        project = find_open_project(connection, context.scope, request.project_arn)
        key = datasets.insert(
            connection,
            project.key,
            kind=kind,
            arn=dataset_arn,
            message="The dataset is being created.",
            created=now,
            tags=request.tags or {},
        )
        if key is None:  # another thread has created it meanwhile
            raise refusals.resource_exists(f"A {kind} dataset of {project.arn}")
        content = manifest or _copy(connection, context.scope, source, adapter=adapter)
        success = _CREATED if manifest is None else _CREATED_FROM_MANIFEST
        _apply(context, connection, key, "CREATE", content, success)
    return models.CreateDatasetResponse(dataset_arn=dataset_arn)


def describe_dataset(context: Context, request: models.DescribeDatasetRequest) -> models.DescribeDatasetResponse:
    """Describe a dataset, with statistics of its entries once it has been created."""
    with context.state.read() as connection:
        row = find_dataset(connection, context.scope, request.dataset_arn)
        counts = datasets.stats(connection, row.key)
    stats = models.DatasetStats(
        labeled_entries=counts.labeled,
        total_entries=counts.entries,
        total_labels=counts.labels,
        error_entries=counts.faulty,
    )
    return models.DescribeDatasetResponse(
        dataset_description=models.DatasetDescription(
            creation_timestamp=moment(row.created),
            last_updated_timestamp=moment(row.updated),
            status=row.status,
            status_message=row.message,
            status_message_code=row.code,
            dataset_stats=None if row.status.startswith("CREATE_") and row.status not in _READY else stats,
        )
    )


def list_dataset_entries(
    context: Context, request: models.ListDatasetEntriesRequest
) -> models.ListDatasetEntriesResponse:
    """List the entries that pass all filters, in the order in which they were added (assumed)."""
    limit = request.max_results or DEFAULT_PAGE
    filters = datasets.Filters(
        labels=request.contains_labels,
        labeled=request.labeled,
        source_ref=request.source_ref_contains,
        faulty=request.has_errors or None,  # False is the same as absent (assumed)
    )
    with context.state.read() as connection:
        row = _readable(connection, context.scope, request.dataset_arn)
        listing = Listing(context, ("ListDatasetEntries", row.key, *filters))
        after = listing.resume(request.next_token, OLDEST)
        rows = datasets.entries(connection, row.key, filters, after, limit + 1)
    page, token = listing.cut(rows, limit)
    return models.ListDatasetEntriesResponse(dataset_entries=[entry.line for entry in page], next_token=token)


def list_dataset_labels(context: Context, request: models.ListDatasetLabelsRequest) -> models.ListDatasetLabelsResponse:
    """List the labels with their counts, in the order of their first use in the project (assumed)."""
    limit = request.max_results or DEFAULT_PAGE
    with context.state.read() as connection:
        row = _readable(connection, context.scope, request.dataset_arn)
        listing = Listing(context, ("ListDatasetLabels", row.key))
        rows = datasets.labels(connection, row.key, listing.resume(request.next_token, OLDEST), limit + 1)
    page, token = listing.cut(rows, limit)
    described = [
        models.DatasetLabelDescription(
            label_name=label.name,
            # a label of whole images has no count of boxes, as in the service's published response
            label_stats=models.DatasetLabelStats(entry_count=label.entries, bounding_box_count=label.boxes or None),
        )
        for label in page
    ]
    return models.ListDatasetLabelsResponse(dataset_label_descriptions=described, next_token=token)


def update_dataset_entries(
    context: Context, request: models.UpdateDatasetEntriesRequest
) -> models.UpdateDatasetEntriesResponse:
    """Add entries for new images, and replace the entries of known ones."""
    lines = request.changes.ground_truth
    with context.state.read() as connection:
        row = _changeable(connection, context.scope, request.dataset_arn)
    # outside transactions: five megabytes may be millions of lines
    manifest = manifests.parse(lines, adapter=row.feature == _ADAPTER, limit=len(lines))
    with context.state.write() as connection:
        row = _changeable(connection, context.scope, request.dataset_arn)
        _apply(context, connection, row.key, "UPDATE", manifest, _UPDATED)
    return models.UpdateDatasetEntriesResponse()


def distribute_dataset_entries(
    context: Context, request: models.DistributeDatasetEntriesRequest
) -> models.DistributeDatasetEntriesResponse:
    """Move every fifth entry of a training dataset to the project's empty test dataset."""
    with context.state.write() as connection:
        rows = [find_dataset(connection, context.scope, dataset.arn) for dataset in request.datasets]
        train, test = _pair(rows)
        for row in rows:
            if row.status not in _READY:
                raise refusals.resource_not_ready(f"{row.arn} is {row.status}.")
        if datasets.entries(connection, test.key, limit=1):
            raise refusals.invalid_parameter("The test dataset must be empty.")  # our wording
        entries = datasets.entries(connection, train.key)
        chosen = [entries[position].key for position in manifests.chosen_for_test(len(entries))]
        datasets.move_entries(connection, chosen, test.key)
        failure = None if chosen else "The dataset doesn't have enough images to be distributed."
        for row in rows:
            _change(context, connection, row.key, "UPDATE", failure, _UPDATED)
    return models.DistributeDatasetEntriesResponse()


def delete_dataset(context: Context, request: models.DeleteDatasetRequest) -> models.DeleteDatasetResponse:
    """Set a dataset to DELETE_IN_PROGRESS, and schedule the step that removes it; refuse one that is being changed."""
    now = context.clock()
    with context.state.write() as connection:
        row = find_dataset(connection, context.scope, request.dataset_arn)
        if row.status.endswith("_IN_PROGRESS"):
            raise _busy(row)
        message = "The dataset is being deleted."
        datasets.set_status(connection, row.key, "DELETE_IN_PROGRESS", message=message, code=None, now=now)
        due = now + context.durations.deleting
        schedule.add(connection, context.scope, due, StepKind.FINISH_DATASET_DELETION, {"key": row.key})
    return models.DeleteDatasetResponse()


def finish_change(context: Context, step: Step) -> None:
    """Set the status in which the creation or update of a dataset ends."""
    status, message, code = (str(step.detail[name]) for name in ("status", "message", "code"))
    with context.state.write() as connection:
        if schedule.remove_if_pending(connection, step):
            datasets.set_status(connection, schedule.row_key(step), status, message=message, code=code, now=step.due)


def finish_deletion(context: Context, step: Step) -> None:
    """Remove a dataset that is being deleted."""
    with context.state.write() as connection:
        if schedule.remove_if_pending(connection, step):
            datasets.delete(connection, schedule.row_key(step))


def find_dataset(connection: sqlite3.Connection, scope: Scope, dataset_arn: str) -> DatasetRow:
    """Return a dataset; refuse an unknown ARN."""
    row = datasets.find(connection, scope, dataset_arn)
    if row is None:
        raise refusals.resource_missing(dataset_arn)
    return row


def is_ready(row: DatasetRow) -> bool:
    """Return whether the entries of a dataset can be read."""
    return row.status in _READY


def read_manifest(context: Context, s3_object: models.S3Object | None, *, adapter: bool) -> Manifest:
    """Read a manifest in the object store; refuse an object that can't be read."""
    if s3_object is None or not s3_object.bucket or not s3_object.name:
        raise refusals.object_unreadable()
    limit = context.limits.manifest_bytes
    data = context.objects.read(s3_object.bucket, s3_object.name, s3_object.version, limit=limit)
    return manifests.parse(data, adapter=adapter, limit=limit)


def _check_source(source: models.DatasetSource | None) -> None:
    if source is not None and (source.ground_truth_manifest is None) is (source.dataset_arn is None):
        raise refusals.invalid_parameter(
            "DatasetSource must have either GroundTruthManifest or DatasetArn."
        )  # our wording


def _copy(
    connection: sqlite3.Connection, scope: Scope, source: models.DatasetSource | None, *, adapter: bool
) -> Manifest:
    """Return the entries of the source dataset as a manifest; an empty one if there is no source dataset."""
    if source is None or source.dataset_arn is None:
        return manifests.Manifest([], 0, None)
    other = find_dataset(connection, scope, source.dataset_arn)
    if not is_ready(other):
        raise refusals.invalid_parameter(f"{other.arn} is {other.status}, so it can't be copied.")  # our wording
    return stored_manifest(connection, other.key, adapter=adapter)


def stored_manifest(connection: sqlite3.Connection, key: int, *, adapter: bool) -> Manifest:
    """Return the entries of a dataset as a manifest."""
    lines = [manifests.parse_line(row.line, adapter=adapter) for row in datasets.entries(connection, key)]
    entries = [entry for entry in lines if entry is not None]
    return manifests.Manifest(entries, len(lines) - len(entries), None)


def _apply(
    context: Context, connection: sqlite3.Connection, key: int, verb: str, manifest: Manifest, success: str
) -> None:
    """Store the entries of a manifest and begin the change; a manifest with a failure changes no entries."""
    if manifest.failure is None:
        datasets.put_entries(connection, key, manifest.entries)
    _change(context, connection, key, verb, manifest.failure, success)


def _change(
    context: Context, connection: sqlite3.Connection, key: int, verb: str, failure: str | None, success: str
) -> None:
    now = context.clock()
    message = f"The dataset is being {verb.lower()}d."
    datasets.set_status(connection, key, f"{verb}_IN_PROGRESS", message=message, code=None, now=now)
    end = {"key": key, "status": f"{verb}_COMPLETE", "message": success, "code": "SUCCESS"}
    if failure is not None:
        end = {"key": key, "status": f"{verb}_FAILED", "message": failure, "code": "CLIENT_ERROR"}
    schedule.add(connection, context.scope, now + context.durations.dataset, StepKind.FINISH_DATASET_CHANGE, end)


def _changeable(connection: sqlite3.Connection, scope: Scope, dataset_arn: str) -> DatasetRow:
    row = find_dataset(connection, scope, dataset_arn)
    if row.status not in _READY:
        raise _busy(row)
    return row


def _readable(connection: sqlite3.Connection, scope: Scope, dataset_arn: str) -> DatasetRow:
    row = find_dataset(connection, scope, dataset_arn)
    if row.status in ("UPDATE_IN_PROGRESS", "DELETE_IN_PROGRESS"):
        raise _busy(row)
    if not is_ready(row):
        raise refusals.resource_not_ready(f"{row.arn} is {row.status}.")
    return row


def _pair(rows: list[DatasetRow]) -> tuple[DatasetRow, DatasetRow]:
    """Return the training and the test dataset of a project; refuse any other two."""
    train, test = sorted(rows, key=lambda row: row.type, reverse=True)
    if (train.type, test.type) != ("TRAIN", "TEST") or train.project_key != test.project_key:
        raise refusals.invalid_parameter(
            "Datasets must be the training and the test dataset of one project."
        )  # our wording
    return train, test


def _busy(row: DatasetRow) -> refusals.RefusalError:
    return refusals.resource_in_use(f"{row.arn} is {row.status}.")
