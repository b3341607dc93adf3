"""Jobs of a client: start, state, the wait for the end, results, and handles from notifications."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, get_type_hints

import httpx
import pytest

import rekog.jobs
from rekog import AsyncRekognitionClient, RekognitionClient, RetryPolicy, from_wire, models
from rekog._generated.waiting import WAITERS
from rekog.errors import (
    ConnectionLostError,
    JobFailedError,
    PaginationError,
    ParamValidationError,
    ResourceNotFoundException,
    ThrottlingException,
    WaiterError,
    WaiterTimeoutError,
)
from rekog.jobs import Job, JobNotification, LabelDetectionJob, VideoJob
from tests.kit.backends import Backend, Reply, Scripted, Unused, error_reply, json_reply
from tests.kit.samples import arguments, sample

if TYPE_CHECKING:
    from rekog.waiting import Poll

KINDS = {
    "celebrity_recognition": "CelebrityRecognition",
    "content_moderation": "ContentModeration",
    "face_detection": "FaceDetection",
    "face_search": "FaceSearch",
    "label_detection": "LabelDetection",
    "media_analysis": "MediaAnalysisJob",
    "person_tracking": "PersonTracking",
    "segment_detection": "SegmentDetection",
    "text_detection": "TextDetection",
}
VIDEO_KINDS = [kind for kind in KINDS if kind != "media_analysis"]
PROJECT = "arn:aws:rekognition:eu-west-1:123456789012:project/dogs/1700000000000"
VERSION = f"{PROJECT.rpartition('/')[0]}/version/first/1700000000001"
OFF = RetryPolicy(mode="off")
IN_PROGRESS = json_reply({"JobStatus": "IN_PROGRESS"})
SUCCEEDED = json_reply({"JobStatus": "SUCCEEDED", "Labels": [{"Timestamp": 500, "Label": {"Name": "Car"}}]})
FAILED = json_reply({"JobStatus": "FAILED", "StatusMessage": "no such video"})
LOST = httpx.ReadError("cut off")

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # person tracking


def state_reply(kind: str, state: str) -> Reply:
    """Return the full response of a kind's Get operation, with this state."""
    wire = sample(f"Get{KINDS[kind]}Response")
    wire.pop("NextToken", None)
    return json_reply({**wire, "Status" if kind == "media_analysis" else "JobStatus": state})


def job(backend: Backend, *script: Any, **settings: Any) -> LabelDetectionJob:
    return backend.client(Scripted(*script), **settings).jobs.label_detection("job-1")


def wait(backend: Backend, *script: Any, retry: RetryPolicy = OFF, **settings: Any) -> Any:
    """Wait for a job without pauses."""
    handle = job(backend, *script, retry=retry)
    arguments: dict[str, Any] = {"delay": 0, **settings}
    return backend.run(lambda: handle.wait(**arguments))


# --- Every kind --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_a_start_sends_the_arguments_of_the_operation_and_returns_the_handle(backend: Backend, kind: str) -> None:
    transport = Scripted(json_reply({"JobId": "job-1"}), state_reply(kind, "IN_PROGRESS"))
    jobs = backend.client(transport).jobs
    start: Callable[..., Job[Any]] = getattr(jobs, f"start_{kind}")
    model: Any = getattr(models, f"Start{KINDS[kind]}Request")
    request: Any = from_wire(model, arguments(f"Start{KINDS[kind]}"))
    started = backend.run(lambda: start(**{name: getattr(request, name) for name in model.__slots__}))
    assert transport.sent[0].operation == f"Start{KINDS[kind]}"
    assert (started.job_id, started.kind) == ("job-1", kind)
    assert type(started) is type(getattr(jobs, kind)("job-1"))
    assert backend.run(started.status) == "IN_PROGRESS"


@pytest.mark.parametrize("kind", KINDS)
def test_the_status_is_that_of_the_get_operation(backend: Backend, kind: str) -> None:
    transport = Scripted(state_reply(kind, "IN_PROGRESS"))
    handle: Job[Any] = getattr(backend.client(transport).jobs, kind)("job-1")
    assert backend.run(handle.status) == "IN_PROGRESS"
    (sent,) = transport.sent
    page = {} if kind == "media_analysis" else {"MaxResults": 1}
    assert (sent.operation, sent.wire) == (f"Get{KINDS[kind]}", {"JobId": "job-1", **page})


@pytest.mark.parametrize("kind", KINDS)
def test_a_wait_ends_at_success_with_the_last_response(backend: Backend, kind: str) -> None:
    transport = Scripted(state_reply(kind, "IN_PROGRESS"), state_reply(kind, "SUCCEEDED"))
    handle: Job[Any] = getattr(backend.client(transport).jobs, kind)("job-1")
    polls: list[str] = []
    response = backend.run(lambda: handle.wait(delay=0, on_poll=lambda poll: polls.append(poll.state)))
    assert type(response).__name__ == f"Get{KINDS[kind]}Response"
    assert polls == ["waiting", "success"]


@pytest.mark.parametrize("kind", VIDEO_KINDS)
def test_a_job_yields_the_items_of_all_pages(backend: Backend, kind: str) -> None:
    wire = sample(f"Get{KINDS[kind]}Response")
    transport = Scripted(
        json_reply({**wire, "JobStatus": "SUCCEEDED", "NextToken": "2"}), state_reply(kind, "SUCCEEDED")
    )
    handle: VideoJob[Any, Any] = getattr(backend.client(transport).jobs, kind)("job-1")
    items = backend.items(lambda: handle)
    assert len(items) == 2
    assert [sent.wire["JobId"] for sent in transport.sent] == ["job-1", "job-1"]


# --- Waiting -----------------------------------------------------------------------------------------------------


def test_a_failed_job_raises_its_reason(backend: Backend) -> None:
    with pytest.raises(JobFailedError, match="no such video") as caught:
        wait(backend, IN_PROGRESS, FAILED)
    assert caught.value.job_id == "job-1"


@pytest.mark.parametrize("error", [LOST, error_reply("ThrottlingException"), error_reply("Oops", status=503)])
def test_a_wait_outlives_errors_that_a_retry_may_avoid(backend: Backend, error: object) -> None:
    polls: list[Poll[Any]] = []
    response = wait(backend, *[error] * 10, IN_PROGRESS, *[error] * 10, SUCCEEDED, on_poll=polls.append)
    assert response.job_status == "SUCCEEDED"
    assert [poll.state for poll in polls] == ["waiting"] * 21 + ["success"]
    assert [poll.error is not None for poll in polls] == [*[True] * 10, False, *[True] * 10, False]


def test_a_wait_ends_when_eleven_polls_in_succession_fail(backend: Backend) -> None:
    with pytest.raises(ConnectionLostError):
        wait(backend, *[LOST] * 11, SUCCEEDED)
    with pytest.raises(WaiterError) as caught:
        wait(backend, *[error_reply("ThrottlingException")] * 11, SUCCEEDED)
    assert isinstance(caught.value.__cause__, ThrottlingException)


def test_a_wait_ends_at_an_error_that_a_retry_cannot_avoid(backend: Backend) -> None:
    with pytest.raises(WaiterError) as caught:
        wait(backend, error_reply("ResourceNotFoundException"), SUCCEEDED)
    assert isinstance(caught.value.__cause__, ResourceNotFoundException)


def test_a_waiter_of_the_client_ends_at_the_first_lost_connection(backend: Backend) -> None:
    client = backend.client(Scripted(LOST, SUCCEEDED), retry=OFF)
    with pytest.raises(ConnectionLostError):
        backend.run(lambda: client.wait_until_label_detection_completed("job-1", delay=0))


def test_the_attempts_of_a_wait_are_limited(backend: Backend) -> None:
    with pytest.raises(WaiterTimeoutError, match="polled 3 times"):
        wait(backend, IN_PROGRESS, max_attempts=3)
    with pytest.raises(WaiterTimeoutError, match=r"no result after 0\.01 s"):
        wait(backend, IN_PROGRESS, timeout=0.01, delay=1)


# --- Results -----------------------------------------------------------------------------------------------------


def test_results_take_the_arguments_of_the_pager(backend: Backend) -> None:
    transport = Scripted(SUCCEEDED)
    handle = backend.client(transport).jobs.label_detection("job-1")
    (found,) = backend.items(lambda: handle.results(sort_by="NAME", aggregate_by="SEGMENTS", page_size=7))
    assert found.label.name == "Car"
    assert transport.sent[0].wire == {
        "JobId": "job-1", "SortBy": "NAME", "AggregateBy": "SEGMENTS", "MaxResults": 7,
    }  # fmt: skip


def test_results_of_an_unfinished_or_failed_job_raise(backend: Backend) -> None:
    with pytest.raises(PaginationError, match="in progress"):
        backend.items(lambda: job(backend, IN_PROGRESS))
    with pytest.raises(JobFailedError, match="no such video"):
        backend.items(lambda: job(backend, FAILED).results())


# --- Training ----------------------------------------------------------------------------------------------------


def described(state: str) -> Reply:
    return json_reply({"ProjectVersionDescriptions": [{"ProjectVersionArn": VERSION, "Status": state}]})


def test_a_training_is_started_and_awaited(backend: Backend) -> None:
    started = json_reply({"ProjectVersionArn": VERSION})
    transport = Scripted(started, described("TRAINING_IN_PROGRESS"), described("TRAINING_COMPLETED"))
    jobs = backend.client(transport).jobs
    handle = backend.run(
        lambda: jobs.start_training(PROJECT, version_name="first", output_config={"s3_bucket": "results"})
    )
    assert (handle.job_id, handle.project_arn, repr(handle)) == (
        "first",
        PROJECT,
        repr(jobs.training(PROJECT, "first")),
    )
    assert backend.run(handle.status) == "TRAINING_IN_PROGRESS"
    response = backend.run(lambda: handle.wait(delay=0))
    assert response.project_version_descriptions[0].status == "TRAINING_COMPLETED"
    assert transport.sent[-1].wire == {"ProjectArn": PROJECT, "VersionNames": ["first"]}


def test_a_version_that_does_not_exist_has_no_state(backend: Backend) -> None:
    jobs = backend.client(Scripted(json_reply({"ProjectVersionDescriptions": []}))).jobs
    assert backend.run(jobs.training(PROJECT, "first").status) == ""


# --- Handles -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", ["", None, 5])
def test_a_handle_needs_an_id(backend: Backend, value: Any) -> None:
    with pytest.raises(ParamValidationError, match="job_id: must be the text that the start call returned, not"):
        backend.client(Unused()).jobs.label_detection(value)


@pytest.mark.parametrize("kind", VIDEO_KINDS)
def test_a_notification_leads_to_its_job(backend: Backend, kind: str) -> None:
    jobs = backend.client(Scripted(state_reply(kind, "SUCCEEDED"))).jobs
    told = JobNotification(kind=kind, job_id="job-1", status="SUCCEEDED", job_tag=None, time=None, video=None)
    handle = jobs.of(told)
    assert (handle.kind, handle.job_id, type(handle)) == (kind, "job-1", type(getattr(jobs, kind)("job-1")))
    assert backend.run(handle.status) == "SUCCEEDED"


def test_a_notification_of_an_unknown_kind_is_refused(backend: Backend) -> None:
    told = JobNotification(kind="dancing", job_id="1", status="SUCCEEDED", job_tag=None, time=None, video=None)
    rule = r"^notification: there is no kind of job 'dancing'; there are celebrity_recognition,"
    with pytest.raises(ParamValidationError, match=rule) as caught:
        backend.client(Unused()).jobs.of(told)
    assert caught.value.problems == (str(caught.value),)


def test_a_handle_shows_its_kind_and_id(backend: Backend) -> None:
    prefix = backend.choose("", "Async")
    assert repr(job(backend, IN_PROGRESS)) == f"<{prefix}LabelDetectionJob job-1>"


def test_every_kind_of_job_has_a_waiter() -> None:
    waiters = {name.removesuffix("_completed").removesuffix("_job") for name in WAITERS if name.endswith("_completed")}
    assert waiters - {"face_liveness_session", "project_version_training"} == set(KINDS)


@pytest.mark.parametrize("base", [rekog.jobs.VideoJob, rekog.jobs.AsyncVideoJob])
def test_a_video_job_without_a_kind_has_no_results(base: Any) -> None:
    with pytest.raises(NotImplementedError):
        base(None, None, "job-1").results()


# --- The module --------------------------------------------------------------------------------------------------


def test_the_module_has_its_names() -> None:
    assert {getattr(rekog.jobs, name).__name__ for name in rekog.jobs.__all__ if "Any" not in name} == {
        name for name in rekog.jobs.__all__ if "Any" not in name
    }
    assert dir(rekog.jobs) == sorted(rekog.jobs.__all__)
    with pytest.raises(AttributeError, match="has no attribute 'LabelJob'"):
        getattr(rekog.jobs, "LabelJob")  # noqa: B009 (checkers know that it is absent)


def test_classes_name_the_public_module() -> None:
    kinds = [getattr(rekog.jobs, name) for name in rekog.jobs.__all__ if "Any" not in name]
    assert {kind.__module__ for kind in kinds if isinstance(kind, type)} == {"rekog.jobs"}


@pytest.mark.parametrize("kind", [RekognitionClient, AsyncRekognitionClient])
def test_annotations_can_be_evaluated(kind: Any) -> None:
    hints = get_type_hints(kind.jobs.fget)
    assert hints["return"].__module__ == "rekog.jobs"
    assert get_type_hints(hints["return"].start_label_detection)["return"].__module__ == "rekog.jobs"
