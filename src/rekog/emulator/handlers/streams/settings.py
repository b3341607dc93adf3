"""Settings of stream processors: checks for each kind of processor, defaults, and updates."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from .... import models
from ...._core.wire import to_wire
from ... import refusals
from ...answers.text import check_regions
from ...content.neighbours import DEFAULT_THRESHOLD

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LABELS = ("PERSON", "PET", "PACKAGE", "ALL")
DEFAULT_CONFIDENCE = 50.0
"""Default of MinConfidence for labels (assumed)."""
DEFAULT_SECONDS = 10
"""Default of MaxDurationInSeconds of a session for labels."""

_NOT_DESCRIBED = ("Name", "Tags")
_DELETES = models.StreamProcessorParameterToDelete


def check_new(request: models.CreateStreamProcessorRequest) -> dict[str, object]:
    """Return the members of a request that the processor's description repeats, in wire form; refuse wrong settings."""
    search, home = request.settings.face_search, request.settings.connected_home
    if (search is None) is (home is None):
        raise _invalid("Settings must have either FaceSearch or ConnectedHome.")  # our wording
    if not video_stream(request.input):
        raise _invalid("Input must have the Arn of a KinesisVideoStream.")
    if search is not None:
        _check_search(request, search)
    if home is not None:
        _check_home(request, home)
    wire = {name: value for name, value in to_wire(request).items() if name not in _NOT_DESCRIBED}
    wire["Settings"] = to_wire(_with_defaults(request.settings))
    return wire


def video_stream(source: models.StreamProcessorInput) -> str:
    """Return the ARN of the video stream that a processor reads, or an empty string."""
    return (source.kinesis_video_stream.arn if source.kinesis_video_stream else None) or ""


def check_selectors(request: models.StartStreamProcessorRequest, *, searches: bool) -> int | None:
    """Return the duration of a session in seconds, None if it has no end; refuse wrong selectors."""
    start, stop = request.start_selector, request.stop_selector
    if searches:
        if start is not None or stop is not None:
            raise _invalid("StartSelector and StopSelector are for label detection only.")
        return None
    if start is None or stop is None:
        raise _invalid("Label detection needs StartSelector and StopSelector.")
    stream = start.kvs_stream_start_selector
    if stream is None or (stream.producer_timestamp is None) is (stream.fragment_number is None):
        raise _invalid("KVSStreamStartSelector must have one of ProducerTimestamp and FragmentNumber.")
    return stop.max_duration_in_seconds or DEFAULT_SECONDS


def check_update(request: models.UpdateStreamProcessorRequest) -> None:
    """Refuse labels and areas that no processor can have, and parameters that are both set and deleted (assumed)."""
    home = _home_for_update(request)
    deleted = set(request.parameters_to_delete or ())
    if home is not None and home.labels is not None:
        _check_labels(home.labels)
    check_regions(request.regions_of_interest_for_update)
    conflicts = [
        _DELETES.CONNECTED_HOME_MIN_CONFIDENCE in deleted and home is not None and home.min_confidence is not None,
        _DELETES.REGIONS_OF_INTEREST in deleted and request.regions_of_interest_for_update is not None,
    ]
    if any(conflicts):
        raise _invalid("The same parameter can't be updated and deleted.")


def updated(description: Mapping[str, object], request: models.UpdateStreamProcessorRequest) -> dict[str, object]:
    """Return a processor's description with the changes of an update."""
    changed = dict(description)
    settings = cast("dict[str, dict[str, object]]", description["Settings"])  # cast: the wire form of Settings
    home, change = dict(settings["ConnectedHome"]), _home_for_update(request)
    deleted = set(request.parameters_to_delete or ())
    if change is not None:
        home |= to_wire(change)
    if _DELETES.CONNECTED_HOME_MIN_CONFIDENCE in deleted:
        home["MinConfidence"] = DEFAULT_CONFIDENCE
    changed["Settings"] = {"ConnectedHome": home}
    if request.regions_of_interest_for_update is not None:
        changed["RegionsOfInterest"] = [to_wire(area) for area in request.regions_of_interest_for_update]
    if _DELETES.REGIONS_OF_INTEREST in deleted:
        changed.pop("RegionsOfInterest", None)
    if request.data_sharing_preference_for_update is not None:
        changed["DataSharingPreference"] = to_wire(request.data_sharing_preference_for_update)
    return changed


def _check_search(request: models.CreateStreamProcessorRequest, search: models.FaceSearchSettings) -> None:
    output = request.output
    if not search.collection_id:
        raise _invalid("FaceSearch must have a CollectionId.")
    if output.kinesis_data_stream is None or not output.kinesis_data_stream.arn or output.s3_destination is not None:
        raise _invalid("The Output of a face search must be the Arn of a KinesisDataStream.")
    not_allowed = {
        "NotificationChannel": request.notification_channel,
        "KmsKeyId": request.kms_key_id,
        "RegionsOfInterest": request.regions_of_interest,
    }
    given = [name for name, value in not_allowed.items() if value is not None]
    if given:
        raise _invalid(f"{', '.join(given)} can't be given for a face search.")


def _check_home(request: models.CreateStreamProcessorRequest, home: models.ConnectedHomeSettings) -> None:
    output = request.output
    if output.s3_destination is None or not output.s3_destination.bucket or output.kinesis_data_stream is not None:
        raise _invalid("The Output of label detection must be an S3Destination with a Bucket.")
    if request.notification_channel is None:
        raise _invalid("Label detection needs a NotificationChannel.")
    _check_labels(home.labels)
    check_regions(request.regions_of_interest)


def _check_labels(labels: Sequence[str]) -> None:
    unknown = [label for label in labels if label not in LABELS]
    if unknown:
        raise _invalid(f"Labels must be of {', '.join(LABELS)}, not {', '.join(unknown)}.")


def _with_defaults(settings: models.StreamProcessorSettings) -> models.StreamProcessorSettings:
    """Return settings with explicit defaults; a threshold under 80 is kept, but 80 is used instead (assumed)."""
    search, home = settings.face_search, settings.connected_home
    if search is not None and search.face_match_threshold is None:
        search.face_match_threshold = DEFAULT_THRESHOLD
    if home is not None and home.min_confidence is None:
        home.min_confidence = DEFAULT_CONFIDENCE
    return settings


def _home_for_update(request: models.UpdateStreamProcessorRequest) -> models.ConnectedHomeSettingsForUpdate | None:
    return request.settings_for_update.connected_home_for_update if request.settings_for_update else None


def _invalid(message: str) -> refusals.RefusalError:
    return refusals.invalid_parameter(message)
