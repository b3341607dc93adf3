"""`rekog job`: start, state, wait and results."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from rekog.command.groups import jobs
from rekog.command.progress import Progress
from rekog.models import VideoJobStatus
from tests.kit.backends import Scripted, error_reply, json_reply
from tests.kit.samples import sample

if TYPE_CHECKING:
    from tests.command.conftest import Run

Service = Callable[..., Scripted]
VIDEO = "s3://films/street.mp4"
STARTED = json_reply({"JobId": "job-1"})
RUNNING = json_reply({"JobStatus": "IN_PROGRESS"})
ENDED = json_reply({"JobStatus": "SUCCEEDED", "Labels": [{"Timestamp": 500, "Label": {"Name": "Car"}}]})
FAILED = json_reply({"JobStatus": "FAILED", "StatusMessage": "no video"})
PROJECT = "arn:aws:rekognition:eu-west-1:123456789012:project/dogs/1"
VERSION = f"{PROJECT[:-2]}/version/v1/1700000000000"


def test_each_kind_of_job_of_the_client_is_a_kind_here() -> None:
    from rekog.jobs import Jobs

    kinds = {name.removeprefix("start_") for name in dir(Jobs) if name.startswith("start_")}
    assert set(jobs.STARTS) == kinds


def test_start_prints_the_id_alone(run: Run, service: Service) -> None:
    scripted = service(STARTED)
    done = run("job", "start", "label-detection", VIDEO, "--min-confidence", 80)
    assert (done.status, done.out) == (0, "job-1\n")
    assert scripted.sent[0].operation == "StartLabelDetection"
    assert scripted.sent[0].wire["MinConfidence"] == 80


def test_start_has_a_json_form(run: Run, service: Service) -> None:
    service(STARTED)
    words = ["job", "start", "text_detection", VIDEO, "--format"]
    assert json.loads(run(*words, "json").out) == {"JobId": "job-1"}
    assert run(*words, "csv").out == "job_id\njob-1\n"


def test_start_may_wait_and_print_the_results(run: Run, service: Service) -> None:
    service(STARTED, RUNNING, ENDED)
    done = run("job", "start", "label-detection", VIDEO, "--wait", "--delay", 0.01, "--format", "csv")
    assert (done.status, done.err) == (0, "started: job-1\n")
    assert done.out.splitlines()[1].startswith("500,,,,Car,")


@pytest.mark.parametrize("kind", sorted(jobs.STARTS))
def test_each_kind_has_a_state(run: Run, service: Service, kind: str) -> None:
    key = [PROJECT, "v1"] if kind == "training" else ["job-1"]
    described = {"ProjectVersionDescriptions": [{"Status": "TRAINING_IN_PROGRESS"}]}
    members: dict[str, Any] = {"JobStatus": "IN_PROGRESS", "Status": "IN_PROGRESS", **described}
    service(json_reply(members))
    done = run("job", "status", kind.replace("_", "-"), *key)
    assert done.status == 0, done.err
    assert done.out.strip() in ("IN_PROGRESS", "TRAINING_IN_PROGRESS")


def test_the_state_has_a_json_form(run: Run, service: Service) -> None:
    service(RUNNING)
    done = run("job", "status", "label-detection", "job-1", "--json")
    assert json.loads(done.out) == {"JobId": "job-1", "Status": str(VideoJobStatus.IN_PROGRESS)}


def test_wait_ends_with_the_job_and_shows_each_poll(
    run: Run, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts: list[str] = []

    def record(_: Progress, text: str) -> None:
        texts.append(text)

    monkeypatch.setattr(Progress, "update", record)
    service(RUNNING, error_reply("InternalServerError", status=500), ENDED)
    done = run("job", "wait", "label-detection", "job-1", "--delay", 0.01, "--max-attempts", 1)
    assert (done.status, done.out) == (0, "SUCCEEDED\n")
    assert texts == [
        "label-detection: waiting, poll 1", "label-detection: retrying, poll 2", "label-detection: success, poll 3",
    ]  # fmt: skip


def test_wait_has_the_last_response_as_json(run: Run, service: Service) -> None:
    service(json_reply(sample("GetMediaAnalysisJobResponse") | {"Status": "SUCCEEDED"}))
    assert json.loads(run("job", "wait", "media-analysis", "job-1", "--json").out)["Status"] == "SUCCEEDED"


def test_a_failed_job_is_an_error(run: Run, service: Service) -> None:
    service(FAILED)
    done = run("job", "wait", "label-detection", "job-1")
    assert (done.status, done.out) == (1, "")
    assert "no video" in done.err


def test_a_wait_without_success_in_time_has_its_own_status(run: Run, service: Service) -> None:
    service(RUNNING)
    done = run("job", "wait", "label-detection", "job-1", "--max-wait", 0.01)
    assert (done.status, done.out) == (5, "")
    assert done.err.startswith("error: ")
    assert done.err.endswith(": raise --max-wait\n")


def test_results_are_the_pages_of_an_ended_job(run: Run, service: Service) -> None:
    scripted = service(ENDED)
    done = run("job", "results", "label-detection", "job-1", "--sort-by", "name", "--page-size", 5, "--json")
    assert [label["Timestamp"] for label in json.loads(done.out)["Labels"]] == [500]
    assert scripted.sent[0].wire == {"JobId": "job-1", "SortBy": "NAME", "MaxResults": 5}


def test_a_training_is_started_and_awaited(run: Run, service: Service) -> None:
    ended = {"ProjectVersionDescriptions": [{"Status": "TRAINING_COMPLETED"}]}
    service(json_reply({"ProjectVersionArn": VERSION}), json_reply(ended))
    output = '{"S3Bucket": "results", "S3KeyPrefix": "dogs"}'
    words = ["job", "start", "training", PROJECT, "--version-name", "v1", "--output-config", output]
    done = run(*words, "--wait")
    assert (done.err, "status\tTRAINING_COMPLETED\n" in done.out) == ("started: v1\n", True)


MEDIA_ANALYSIS = sample("GetMediaAnalysisJobResponse") | {
    "Status": "SUCCEEDED", "Results": {"S3Object": {"Bucket": "results", "Name": "out/job-1/results.jsonl"}}
}  # fmt: skip
TRAINED = {
    "ProjectVersionDescriptions": [
        {"ProjectVersionArn": VERSION, "Status": "TRAINING_COMPLETED", "EvaluationResult": {"F1Score": 0.92}}
    ]
}


@pytest.mark.parametrize(
    ("words", "response", "line"),
    [
        (("media-analysis", "job-1"), MEDIA_ANALYSIS, "results.s3_object.name\tout/job-1/results.jsonl"),
        (("training", PROJECT, "v1"), TRAINED, "evaluation_result.f1_score\t0.92"),
    ],
)
def test_results_in_s3_are_the_last_response(
    run: Run, service: Service, words: tuple[str, ...], response: dict[str, Any], line: str
) -> None:
    scripted = service(json_reply(response), json_reply(response))
    assert line in run("job", "results", *words).out.splitlines()
    document = json.loads(run("job", "results", *words, "--json").out)
    assert {name: document[name] for name in response if "Timestamp" not in name} == {
        name: value for name, value in response.items() if "Timestamp" not in name
    }
    assert len(scripted.sent) == 2


@pytest.mark.parametrize(
    ("words", "response"),
    [
        (("media-analysis", "job-1"), {"Status": "IN_PROGRESS"}),
        (("training", PROJECT, "v1"), {"ProjectVersionDescriptions": [{"Status": "TRAINING_IN_PROGRESS"}]}),
    ],
)
def test_results_in_s3_of_a_job_in_progress_are_an_error(
    run: Run, service: Service, words: tuple[str, ...], response: dict[str, Any]
) -> None:
    scripted = service(json_reply(response))
    done = run("job", "results", *words)
    command = " ".join(("rekog job wait", *words))
    assert (done.status, done.out) == (1, "")
    assert done.err == f"error: the job is in progress: {command} waits for it\n"
    assert len(scripted.sent) == 1


def test_results_in_s3_of_a_failed_job_are_an_error(run: Run, service: Service) -> None:
    service(json_reply({"Status": "FAILED", "FailureDetails": {"Code": "INVALID_MANIFEST", "Message": "no such key"}}))
    done = run("job", "results", "media-analysis", "job-1")
    assert (done.status, done.out, done.err.count("\n")) == (1, "", 1)
    assert "no such key" in done.err


def test_results_in_s3_of_an_unknown_job_are_the_error_of_the_service(run: Run, service: Service) -> None:
    service(error_reply("ResourceNotFoundException", "there is no such job"))
    done = run("job", "results", "media-analysis", "job-1")
    assert (done.status, done.err) == (1, "error: there is no such job (ResourceNotFoundException)\n")


def test_the_help_lists_the_kinds(run: Run) -> None:
    done = run("job", "results", "--help")
    assert "label-detection" in done.out
    assert "training" in done.out
    assert "--max-wait" in run("job", "start", "face-search", "--help").out
