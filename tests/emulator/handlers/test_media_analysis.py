"""Media analysis jobs: manifests, statuses, results and summaries."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from rekog import RekognitionClient
from rekog.emulator import Emulator, Limits, ManualClock
from rekog.emulator.settings import Durations
from tests.kit.wire import WireClient, image_file, plain_image

MANIFEST = {"S3Object": {"Bucket": "bulk", "Name": "manifest.jsonl"}}
OUTPUT = {"S3Bucket": "bulk", "S3KeyPrefix": "out/"}
MODERATION: dict[str, Any] = {"DetectModerationLabels": {}}
START: dict[str, Any] = {"OperationsConfig": MODERATION, "Input": MANIFEST, "OutputConfig": OUTPUT}
CREATED = 1_700_000_000
VERSION = "arn:aws:rekognition:us-east-1:123456789012:project/p/version/v/1"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(CREATED)


@pytest.fixture
def slow_bench(clock: ManualClock) -> Iterator[Emulator]:
    """An emulator without networks whose jobs take 30 seconds. One of its two images has moderation labels."""
    limits = Limits(concurrent_jobs=3)
    with Emulator(clock=clock, durations=Durations(job=30), limits=limits, vision="off") as opened:
        for name, labels in (("a.png", [("Weapons", 80), ("Alcohol", 45)]), ("b.png", [])):
            opened.put_object("bulk", name, image_file(plain_image()))
            opened.declare(f"s3://bulk/{name}", moderation=labels, content_types=[("Animation", 70)] if labels else [])
        manifest(opened, "a.png", "b.png")
        yield opened


@pytest.fixture
def later(slow_bench: Emulator) -> WireClient:
    return WireClient(slow_bench)


def manifest(emulator: Emulator, *names: str) -> None:
    lines = [json.dumps({"source-ref": f"s3://bulk/{name}"}) for name in names]
    emulator.put_object("bulk", "manifest.jsonl", "\n".join(lines).encode())


def run(wire: WireClient, clock: ManualClock, **more: Any) -> dict[str, Any]:
    """Run a job to its end."""
    started = wire("StartMediaAnalysisJob", **{**START, **more})
    assert started.status == 200, started.body
    clock.advance(30)
    return wire("GetMediaAnalysisJob", **started.body).body


def read(emulator: Emulator, location: dict[str, str]) -> str:
    return emulator.get_object(location["Bucket"], location["Name"]).decode()


def summary(emulator: Emulator, job: dict[str, Any]) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(read(emulator, job["ManifestSummary"]["S3Object"]))
    return document


def test_a_job_goes_from_created_over_queued_and_in_progress_to_succeeded(
    later: WireClient, clock: ManualClock
) -> None:
    job = later("StartMediaAnalysisJob", **START).body
    states: list[str] = []
    for _ in range(4):
        states.append(later("GetMediaAnalysisJob", **job).body["Status"])
        clock.advance(10)
    assert states == ["CREATED", "QUEUED", "IN_PROGRESS", "SUCCEEDED"]


def test_a_job_is_described_without_results_until_it_is_done(later: WireClient, clock: ManualClock) -> None:
    request = {**START, "JobName": "nightly", "KmsKeyId": "key"}
    job = later("StartMediaAnalysisJob", **request).body
    described = {**request, **job, "Status": "CREATED", "CreationTimestamp": CREATED}
    assert later("GetMediaAnalysisJob", **job).body == described
    clock.advance(30)
    done = later("GetMediaAnalysisJob", **job).body
    prefix = f"out/{job['JobId']}"
    assert done == {
        **described,
        "Status": "SUCCEEDED",
        "CompletionTimestamp": CREATED + 30,
        "Results": {
            "S3Object": {"Bucket": "bulk", "Name": f"{prefix}-results.jsonl"}, "ModelVersions": {"Moderation": "7.0"},
        },
        "ManifestSummary": {"S3Object": {"Bucket": "bulk", "Name": f"{prefix}-manifest-summary.json"}},
    }  # fmt: skip


def test_results_have_a_line_with_the_response_for_each_image(
    slow_bench: Emulator, later: WireClient, clock: ManualClock
) -> None:
    job = run(later, clock)
    lines = [json.loads(line) for line in read(slow_bench, job["Results"]["S3Object"]).splitlines()]
    response = later("DetectModerationLabels", Image={"S3Object": {"Bucket": "bulk", "Name": "a.png"}}).body
    assert lines == [
        {"source-ref": "s3://bulk/a.png", "detect-moderation-labels": response},
        {
            "source-ref": "s3://bulk/b.png",
            "detect-moderation-labels": {"ModerationLabels": [], "ModerationModelVersion": "7.0", "ContentTypes": []},
        },
    ]
    assert [label["Name"] for label in response["ModerationLabels"]] == [
        "Weapons",
        "Violence",
    ]  # confidence of 50 or more
    assert summary(slow_bench, job) == {
        "version": "1.0",
        "statistics": {"total-json-lines": 2, "valid-json-lines": 2, "invalid-json-lines": 0},
        "errors": [],
    }


def test_the_minimum_confidence_of_the_job_is_used(slow_bench: Emulator, later: WireClient, clock: ManualClock) -> None:
    job = run(later, clock, OperationsConfig={"DetectModerationLabels": {"MinConfidence": 81}})
    first = json.loads(read(slow_bench, job["Results"]["S3Object"]).splitlines()[0])
    assert first["detect-moderation-labels"]["ModerationLabels"] == []


def test_images_without_results_are_listed_with_their_errors(
    slow_bench: Emulator, later: WireClient, clock: ManualClock
) -> None:
    slow_bench.put_object("bulk", "undeclared.png", image_file(plain_image(90, 90)))
    slow_bench.put_object("bulk", "text.png", b"no image")
    names = ("a.png", "lost.png", "text.png", "undeclared.png")
    lines = [json.dumps({"source-ref": f"s3://bulk/{name}"}) for name in names]
    lines += ["{", "[]", '{"source-ref": "a.png"}', '{"source-ref": 1}', ""]
    slow_bench.put_object("bulk", "manifest.jsonl", "\n".join(lines).encode())
    document = summary(slow_bench, run(later, clock))
    assert document["statistics"] == {"total-json-lines": 8, "valid-json-lines": 1, "invalid-json-lines": 7}
    of_images: list[dict[str, Any]] = []
    for number, name in enumerate(names[1:], start=2):
        image = {"S3Object": {"Bucket": "bulk", "Name": name}}
        code, message = later("DetectModerationLabels", Image=image).refusal
        place = {"line-number": number, "source-ref": f"s3://bulk/{name}"}
        of_images.append({**place, "code": code, "message": message})
    text = "The line must be a JSON object whose source-ref is s3://BUCKET/KEY."
    invalid = {"code": "InvalidManifestException", "message": text}
    assert document["errors"] == [
        *of_images,
        {"line-number": 5, **invalid},
        {"line-number": 6, **invalid},
        {"line-number": 7, "source-ref": "a.png", **invalid},
        {"line-number": 8, **invalid},
    ]
    codes = ["InvalidS3ObjectException", "InvalidImageFormatException", "NotServedByEmulator"]
    assert [error["code"] for error in of_images] == codes


def test_a_line_that_is_nested_too_deeply_is_invalid(
    slow_bench: Emulator, later: WireClient, clock: ManualClock
) -> None:
    slow_bench.put_object("bulk", "manifest.jsonl", b"[" * 100_000 + b'\n{"source-ref": "s3://bulk/a.png"}')
    errors = summary(slow_bench, run(later, clock))["errors"]
    assert [(error["line-number"], error["code"]) for error in errors] == [(1, "InvalidManifestException")]


def test_an_image_named_twice_is_analysed_twice(slow_bench: Emulator, later: WireClient, clock: ManualClock) -> None:
    manifest(slow_bench, "b.png", "b.png")
    assert summary(slow_bench, run(later, clock))["statistics"]["valid-json-lines"] == 2


def test_a_job_without_any_result_fails_with_the_reason(
    slow_bench: Emulator, later: WireClient, clock: ManualClock
) -> None:
    slow_bench.forget()
    _, message = later("DetectModerationLabels", Image={"S3Object": {"Bucket": "bulk", "Name": "a.png"}}).refusal
    assert ended(run(later, clock)) == ("INTERNAL_ERROR", message)


def ended(job: dict[str, Any]) -> tuple[str, str]:
    """Return the code and the text of a failed job, whose description has no results."""
    code, message = job["FailureDetails"]["Code"], job["FailureDetails"]["Message"]
    assert job == {
        **START,
        "JobId": job["JobId"],
        "OperationsConfig": job["OperationsConfig"],
        "Status": "FAILED",
        "CreationTimestamp": CREATED,
        "CompletionTimestamp": CREATED + 30,
        "FailureDetails": {"Code": code, "Message": message},
    }
    return code, message


def test_an_unexpected_error_fails_the_job_and_is_logged(
    slow_bench: Emulator,
    later: WireClient,
    clock: ManualClock,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_arguments: object) -> None:
        raise RuntimeError("no eyes")

    monkeypatch.setattr("rekog.emulator.handlers.media_analysis.detect_moderation_labels", fail)
    job = run(later, clock)
    assert ended(job) == ("INTERNAL_ERROR", "The emulator failed; its log has the cause.")
    found = [(each.levelname, each.getMessage(), each.exc_info and str(each.exc_info[1])) for each in caplog.records]
    assert found == [("ERROR", f"job {job['JobId']} failed", "no eyes")]


def adapter(emulator: Emulator, wire: WireClient) -> str:
    """Train an adapter and return its ARN."""
    project = wire("CreateProject", ProjectName="p", Feature="CONTENT_MODERATION", AutoUpdate="DISABLED").body
    emulator.put_object("bulk", "train", b"\n".join(b'{"source-ref": "s3://bulk/%d.png"}' % each for each in range(10)))
    place = {"Bucket": "bulk", "Name": "train"}
    assets = {"Assets": [{"GroundTruthManifest": {"S3Object": place}}]}
    created = wire(
        "CreateProjectVersion",
        **project,
        VersionName="v",
        OutputConfig={"S3Bucket": "bulk"},
        TrainingData=assets,
        TestingData={"AutoCreate": True},
    ).body
    wire("DescribeProjectVersions", **project)
    return str(created["ProjectVersionArn"])


@pytest.mark.parametrize("state", ["trained", "expired", "deleted"])
def test_the_adapter_of_a_job_is_checked_again_at_its_end(state: str) -> None:
    clock = ManualClock(CREATED)
    durations = Durations(job=30, **dict.fromkeys(("project", "training", "deleting"), 0))
    with Emulator(clock=clock, durations=durations, vision="off") as emulator:
        wire = WireClient(emulator)
        for name in ("a.png", "b.png"):
            emulator.put_object("bulk", name, image_file(plain_image()))
            emulator.declare(f"s3://bulk/{name}", moderation=[("Weapons", 80)])
        manifest(emulator, "a.png")
        arn = adapter(emulator, wire)
        started = wire(
            "StartMediaAnalysisJob",
            **{**START, "OperationsConfig": {"DetectModerationLabels": {"ProjectVersion": arn}}},
        ).body
        if state == "deleted":
            assert wire("DeleteProjectVersion", ProjectVersionArn=arn).status == 200
        if state == "expired":
            emulator.declare_version(arn, status="EXPIRED")
        clock.advance(30)
        job = wire("GetMediaAnalysisJob", **started).body
        if state == "deleted":
            assert ended(job) == ("RESOURCE_NOT_FOUND", f"{arn} does not exist.")
        else:
            assert (job["Status"], summary(emulator, job)["errors"]) == ("SUCCEEDED", [])


def test_the_first_two_thirds_of_a_job_are_its_early_statuses(later: WireClient, clock: ManualClock) -> None:
    job = later("StartMediaAnalysisJob", **START).body
    states: list[str] = []
    for seconds in (9.9, 0.1, 9.9, 0.1, 9.9):
        clock.advance(seconds)
        states.append(later("GetMediaAnalysisJob", **job).body["Status"])
    assert states == ["CREATED", "QUEUED", "QUEUED", "IN_PROGRESS", "IN_PROGRESS"]


def test_a_manifest_may_have_a_mark_of_its_order_other_line_ends_and_any_bytes(
    slow_bench: Emulator, later: WireClient, clock: ManualClock
) -> None:
    slow_bench.put_object("bulk", "x\u2028y.png", image_file(plain_image()))
    slow_bench.declare("s3://bulk/x\u2028y.png", moderation=[])
    lines = ['\ufeff{"source-ref": "s3://bulk/a.png"}\r', "", '{"source-ref": "s3://bulk/x\u2028y.png"}', " \t"]
    data = "\n".join(lines).encode() + b'\n{"source-ref": "\xff"}'
    slow_bench.put_object("bulk", "manifest.jsonl", data)
    document = summary(slow_bench, run(later, clock))
    assert document["statistics"] == {"total-json-lines": 3, "valid-json-lines": 2, "invalid-json-lines": 1}
    assert [(error["line-number"], error["source-ref"]) for error in document["errors"]] == [(3, "\ufffd")]


@pytest.mark.parametrize("other", ["text.png", "lost.png"])
def test_a_job_without_any_result_succeeds_if_the_service_would_refuse_one_of_its_images(
    slow_bench: Emulator, later: WireClient, clock: ManualClock, other: str
) -> None:
    slow_bench.forget()
    slow_bench.put_object("bulk", "text.png", b"no image")
    manifest(slow_bench, "a.png", other)
    job = run(later, clock)
    assert job["Status"] == "SUCCEEDED"
    assert len(summary(slow_bench, job)["errors"]) == 2


def test_a_job_is_created_when_the_clock_is_set_back() -> None:
    times = [CREATED]
    with Emulator(clock=lambda: times[-1], durations=Durations(job=30)) as emulator:
        emulator.put_object("bulk", "a.png", image_file(plain_image()))
        manifest(emulator, "a.png")
        wire = WireClient(emulator)
        job = wire("StartMediaAnalysisJob", **START).body
        times.append(CREATED - 15)
        assert wire("GetMediaAnalysisJob", **job).body["Status"] == "CREATED"


def test_a_manifest_that_is_invalid_when_the_job_ends_makes_it_fail(
    slow_bench: Emulator, later: WireClient, clock: ManualClock
) -> None:
    job = later("StartMediaAnalysisJob", **START).body
    slow_bench.put_object("bulk", "manifest.jsonl", b"")
    clock.advance(30)
    failed = later("GetMediaAnalysisJob", **job).body
    assert ended(failed) == ("INVALID_MANIFEST", "The manifest is empty.")


def test_an_output_that_cannot_be_written_makes_the_job_fail() -> None:
    with Emulator(s3_endpoint="http://127.0.0.1:9") as emulator:
        emulator.put_object("bulk", "a.png", image_file(plain_image()))
        emulator.declare("s3://bulk/a.png", moderation=[])
        manifest(emulator, "a.png")
        wire = WireClient(emulator)
        failed = wire("GetMediaAnalysisJob", **wire("StartMediaAnalysisJob", **START).body).body
    assert (failed["Status"], failed["FailureDetails"]) == (
        "FAILED",
        {
            "Code": "INVALID_OUTPUT_CONFIG",
            "Message": ("Unable to get object metadata from S3. Check object key, region and/or access permissions."),
        },
    )


@pytest.mark.parametrize("data", [b"", b"\n \n", b"\xef\xbb\xbf"])
def test_an_empty_manifest_is_refused(slow_bench: Emulator, later: WireClient, data: bytes) -> None:
    slow_bench.put_object("bulk", "manifest.jsonl", data)
    assert later("StartMediaAnalysisJob", **START).refusal == ("InvalidManifestException", "The manifest is empty.")


TWO_LINES = b'{"source-ref": "s3://bulk/a.png"}\n{"source-ref": "s3://bulk/b.png"}'


@pytest.mark.parametrize(
    ("limits", "text"),
    [
        ({"manifest_bytes": len(TWO_LINES)}, None),
        ({"manifest_bytes": len(TWO_LINES) - 1}, f"The manifest is larger than {len(TWO_LINES) - 1} bytes."),
        ({"manifest_lines": 2}, None),
        ({"manifest_lines": 1}, "The manifest has more than 1 lines."),
    ],
)
def test_a_manifest_that_is_too_large_is_refused(limits: dict[str, int], text: str | None) -> None:
    with Emulator(limits=Limits(**limits), vision="off") as emulator:
        emulator.put_object("bulk", "manifest.jsonl", TWO_LINES)
        response = WireClient(emulator)("StartMediaAnalysisJob", **START)
        assert response.status == 200 if text is None else response.refusal == ("InvalidManifestException", text)


@pytest.mark.parametrize("location", [{"Bucket": "bulk", "Name": "lost"}, {}, {"Bucket": "bulk"}, {"Name": "lost"}])
def test_a_missing_manifest_is_refused(later: WireClient, location: dict[str, str]) -> None:
    response = later("StartMediaAnalysisJob", **{**START, "Input": {"S3Object": location}})
    assert response.refusal[0] == "InvalidS3ObjectException"


def test_a_job_without_an_operation_is_refused(later: WireClient) -> None:
    assert later("StartMediaAnalysisJob", **{**START, "OperationsConfig": {}}).refusal == (
        "InvalidParameterException",
        "OperationsConfig must have an operation: DetectModerationLabels.",
    )


def test_an_unknown_adapter_is_refused_before_the_manifest(later: WireClient) -> None:
    config = {"DetectModerationLabels": {"ProjectVersion": VERSION}}
    response = later("StartMediaAnalysisJob", **{**START, "OperationsConfig": config, "Input": {"S3Object": {}}})
    assert response.refusal[0] == "ResourceNotFoundException"


def test_a_job_over_the_limit_is_refused_and_video_jobs_have_their_own_limit(later: WireClient) -> None:
    assert [later("StartMediaAnalysisJob", **START).status for _ in range(3)] == [200] * 3
    assert later("StartMediaAnalysisJob", **START).refusal == (
        "LimitExceededException",
        "3 open Jobs for User arn:aws:iam::123456789012:root Maximum limit: 3",
    )
    video = {"S3Object": {"Bucket": "bulk", "Name": "a.png"}}
    assert later("StartLabelDetection", Video=video).status == 200


def test_a_repeated_token_returns_the_same_job_and_does_not_count_again(later: WireClient, clock: ManualClock) -> None:
    request = {**START, "ClientRequestToken": "again"}
    jobs = [later("StartMediaAnalysisJob", **request).body for _ in range(5)]
    clock.advance(30)
    jobs.append(later("StartMediaAnalysisJob", **request).body)
    assert jobs == [jobs[0]] * 6
    changed = later("StartMediaAnalysisJob", **request, JobName="other")
    assert changed.refusal[0] == "IdempotentParameterMismatchException"


@pytest.mark.parametrize("start", ["StartMediaAnalysisJob", "StartLabelDetection"])
def test_a_job_of_another_kind_is_refused(later: WireClient, start: str) -> None:
    video = {"S3Object": {"Bucket": "bulk", "Name": "a.png"}}
    job = later(start, **(START if start == "StartMediaAnalysisJob" else {"Video": video})).body
    get = "GetLabelDetection" if start == "StartMediaAnalysisJob" else "GetMediaAnalysisJob"
    assert later(get, **job).refusal[0] == "ResourceNotFoundException"
    assert later(get, JobId="nothing").refusal[0] == "ResourceNotFoundException"


def test_jobs_are_listed_with_full_descriptions_and_the_newest_first(
    later: WireClient, clock: ManualClock, slow_bench: Emulator
) -> None:
    assert later("ListMediaAnalysisJobs").body == {"MediaAnalysisJobs": []}
    jobs: list[str] = []
    for _ in range(3):
        jobs.append(later("StartMediaAnalysisJob", **START).body["JobId"])
        clock.advance(1)
    first = later("ListMediaAnalysisJobs", MaxResults=2).body
    second = later("ListMediaAnalysisJobs", MaxResults=2, NextToken=first["NextToken"]).body
    listed = first["MediaAnalysisJobs"] + second["MediaAnalysisJobs"]
    assert [job["JobId"] for job in listed] == jobs[::-1]
    assert "NextToken" not in second
    assert listed == [later("GetMediaAnalysisJob", JobId=job).body for job in jobs[::-1]]
    assert WireClient(slow_bench, "eu-west-1")("ListMediaAnalysisJobs").body == {"MediaAnalysisJobs": []}


def test_an_unknown_page_token_and_too_many_results_per_page_are_refused(later: WireClient) -> None:
    assert later("ListMediaAnalysisJobs", NextToken="AAAA").refusal[0] == "InvalidPaginationTokenException"
    assert later("ListMediaAnalysisJobs", MaxResults=101).refusal[0] == "ValidationException"


def test_the_waiter_of_the_client_works_with_a_clock_advanced_at_each_poll(
    slow_bench: Emulator, clock: ManualClock
) -> None:
    with RekognitionClient.local(slow_bench) as client:
        job = client.call("StartMediaAnalysisJob", START)["JobId"]
        done = client.wait_until_media_analysis_job_completed(
            str(job), delay=0, on_poll=lambda _poll: clock.advance(10)
        )
        assert done.status == "SUCCEEDED"
        assert [description.job_id for description in client.paginate_list_media_analysis_jobs()] == [job]
