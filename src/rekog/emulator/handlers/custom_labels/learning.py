"""Training of a model: features of the images, a regression on them, its evaluation with the test images.

A training has two steps of the worker, as a video job has. The first begins at once and extracts the features of the
images. The second is due when the training shall end: it extracts those that are missing, trains, evaluates, writes the
files and stores the model. Both may be interrupted at any image and go on later, in this process or in the next one.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, NamedTuple, cast

from .... import models
from ...._core.wire import from_wire
from ...content.custom_labels import classifier_for_training
from ...refusals import RefusalError
from ...state import StorageError, schedule
from ...state.rows import trainings, versions
from ...state.rows.trainings import ModelRow
from ...state.schedule import Priority, StepKind
from ..jobs import FAILURE
from . import image_features, manifests
from .evaluation import evaluate
from .image_features import EndedError
from .training import TRAINED, Outcome, failed, train_by_rules
from .training_data import TESTING, TRAINING, Data, content_errors, part_of
from .training_files import (
    UNWRITABLE,
    VersionFiles,
    VersionOutput,
    measured_summary,
    tested_line,
    unmeasured_summary,
    write_manifests,
)

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from ...context import Context
    from ...state.rows.datasets import Entry
    from ...state.rows.versions import VersionRow
    from ...state.schedule import Step
    from ...vision.custom_classifier import CustomClassifier
    from .evaluation import Evaluation
    from .image_features import Images
    from .training_data import Part

IN_TRAINING = "TRAINING_IN_PROGRESS"
NO_NETWORK = "Written by an emulator: no model was trained, so there are no scores."
NO_DIFFERENCE = (
    "Written by an emulator: all images have the same labels, so no model was trained and there are no scores."
)

_LOG = logging.getLogger("rekog.emulator")


class _Training(NamedTuple):
    """A training in progress."""

    version: VersionRow
    data: Data
    output: VersionOutput


class _Trained(NamedTuple):
    """A classifier, the scores of the labels for each test image, and their evaluation."""

    classifier: CustomClassifier
    scores: Sequence[dict[str, float]]
    evaluation: Evaluation


class _End(NamedTuple):
    """The outcome of a training with its model and F1 score, if it has them."""

    outcome: Outcome
    model: ModelRow | None = None
    f1_score: float | None = None


def begin(context: Context, connection: sqlite3.Connection, row: VersionRow, data: Data, end: float) -> None:
    """Store the data of a training, and schedule its steps."""
    trainings.insert(connection, row.key, _stored(data, end - row.created))
    detail = {"key": row.key, "arn": row.arn}
    schedule.add(
        connection,
        context.scope,
        0.0,
        StepKind.EXTRACT_FEATURES,
        detail,
        priority=Priority.ANALYSIS,
        subject=row.arn,
        ready=True,
    )
    schedule.add(
        connection,
        context.scope,
        end,
        StepKind.FINISH_TRAINING,
        detail,
        priority=Priority.JOB_END,
        subject=row.arn,
    )


def extract_features(context: Context, step: Step) -> None:
    """Extract the features of a training's images before it is due to end.

    An error here is not reported: it occurs again when the training ends, and is reported then.
    """
    training, network = _find(context, step), classifier_for_training(context)
    if training is None or network is None:
        return
    try:
        image_features.extract(context, network, training.version.key, _labelled(training.data))
    except (EndedError, StorageError):
        return
    except Exception:
        _LOG.debug("%s could not extract all features yet", training.version.arn, exc_info=True)


def finish(context: Context, step: Step) -> None:
    """End a training that is due: store its model, its evaluation and its status."""
    training = _find(context, step)
    if training is None:
        return
    try:
        end = _end(context, training)
    except EndedError:
        return
    except StorageError:
        raise
    except Exception:
        context.worker.raise_if_closed()  # an error because the database was closed meanwhile is no failed training
        _LOG.exception("the training of %s failed", training.version.arn)
        end = _End(failed(FAILURE))
    status, changes = end.outcome
    changes["TrainingEndTimestamp"] = training.output.end
    if status == models.ProjectVersionStatus.TRAINING_COMPLETED:
        changes["BillableTrainingTimeInSeconds"] = int(training.output.end - training.version.created)
    key = training.version.key
    with context.state.write() as connection:
        if not schedule.remove_if_pending(connection, step):
            return
        trainings.delete(connection, key)
        if versions.move(connection, key, IN_TRAINING, status, changes) and end.model is not None:
            trainings.store_model(connection, key, end.model)
            if end.f1_score is not None:
                versions.set_measured_f1_score(connection, key, end.f1_score)


def _find(context: Context, step: Step) -> _Training | None:
    """Return the training of a step, or None if it has ended."""
    with context.state.read() as connection:
        version = versions.find(connection, context.scope, str(step.detail["arn"]))
        stored = None if version is None else trainings.data_of(connection, version.key)
    if version is None or stored is None or version.status != IN_TRAINING:
        return None
    config = from_wire(models.OutputConfig, cast("dict[str, object]", version.description["OutputConfig"]))
    files = VersionFiles(version.project_arn.split("/")[1], version.name)
    end = version.created + float(str(stored["seconds"]))
    return _Training(version, _restored(stored), VersionOutput(config, files, version.arn, end))


def _end(context: Context, training: _Training) -> _End:
    network = classifier_for_training(context)
    if network is None:
        return _End(train_by_rules(context, training.output, training.data, NO_NETWORK, adapter=False))
    images = image_features.extract(context, network, training.version.key, _labelled(training.data))
    train = part_of(TRAINING, training.data.train, images.unreadable, adapter=False)
    test = part_of(TESTING, training.data.test, images.unreadable, adapter=False)
    try:
        return _learnt(context, training, train, test, images)
    except RefusalError:
        return _End(failed(UNWRITABLE))


def _learnt(context: Context, training: _Training, train: Part, test: Part, images: Images) -> _End:
    output = training.output
    errors = content_errors(train, test, images.unreadable, split=training.data.split)
    if errors:
        return _End(failed(errors[0].message, write_manifests(context, output, train, test, errors)))
    trained = _train(context, training.version.key, train, test, images)
    tested = None if trained is None else _tested_lines(test, trained, output.end)
    changes = write_manifests(context, output, train, test, (), tested)
    if trained is None:
        evaluation = unmeasured_summary(output, train, test, NO_DIFFERENCE)
    else:
        evaluation = measured_summary(output, train, test, trained.evaluation)
    changes["EvaluationResult"] = {"Summary": output.write(context, output.files.evaluation, evaluation)}
    outcome = Outcome("TRAINING_COMPLETED", {**changes, "StatusMessage": TRAINED})
    if trained is None:
        return _End(outcome)
    model = ModelRow(trained.classifier.to_bytes(), trained.evaluation.thresholds)
    return _End(outcome, model, trained.evaluation.f1_score)


def _train(context: Context, version_key: int, train: Part, test: Part, images: Images) -> _Trained | None:
    """Train and evaluate a classifier; None if all training images have the same labels."""
    from ...vision.custom_classifier import fit

    labels = [set(entry.labels) for entry in train.used]
    if all(each == labels[0] for each in labels):
        return None
    classifier = fit(_features(context, version_key, train, images), labels)
    scores = [classifier.scores(row) for row in _features(context, version_key, test, images)]
    truths = [set(entry.labels) & set(classifier.labels) for entry in test.used]
    return _Trained(classifier, scores, evaluate(scores, truths, classifier.labels))


def _features(context: Context, version_key: int, part: Part, images: Images) -> NDArray[np.float32]:
    """Return the stored features of the images of a part, one row each."""
    import numpy as np

    wanted = [images.hashes[entry.source_ref] for entry in part.used]
    with context.state.read() as connection:
        rows = [np.frombuffer(row, "<f4") for row in trainings.features(connection, version_key, wanted) if row]
    if len(rows) != len(wanted):
        raise EndedError
    return np.stack(rows).astype(np.float32, copy=False)


def _tested_lines(test: Part, trained: _Trained, end: float) -> list[str]:
    thresholds = trained.evaluation.thresholds
    return [
        tested_line(entry, scores, thresholds, set(entry.labels), end)
        for entry, scores in zip(test.used, trained.scores, strict=True)
    ]


def _labelled(data: Data) -> list[Entry]:
    return [entry for entry in (*data.train.entries, *data.test.entries) if entry.labeled]


def _stored(data: Data, seconds: float) -> dict[str, object]:
    parts = {
        name: {"lines": [entry.line for entry in manifest.entries], "left_out": manifest.left_out}
        for name, manifest in ((TRAINING, data.train), (TESTING, data.test))
    }
    return {"split": data.split, "seconds": seconds, **parts}


def _restored(stored: dict[str, object]) -> Data:
    def manifest(name: str) -> manifests.Manifest:
        part = cast("dict[str, object]", stored[name])  # cast: `_stored` made it
        lines = cast("list[str]", part["lines"])  # cast: as above
        entries = [manifests.parse_line(line, adapter=False) for line in lines]
        left_out = int(str(part["left_out"]))
        return manifests.Manifest([entry for entry in entries if entry is not None], left_out, None)

    return Data(manifest(TRAINING), manifest(TESTING), split=bool(stored["split"]))
