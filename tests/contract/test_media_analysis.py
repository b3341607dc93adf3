"""Media analysis jobs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.kit.request_members import (
    OUTPUT,
    media_analysis_job,
)

if TYPE_CHECKING:
    from tests.kit.clients import Json
    from tests.kit.service import ControlApi, Rekognition


def sha256(data: bytes) -> str:
    import hashlib

    return hashlib.sha256(data).hexdigest()


def test_a_media_analysis_goes_through_its_states(rekognition: Rekognition, control: ControlApi) -> None:
    control.set_durations({"job": 30})
    job = rekognition("StartMediaAnalysisJob", **media_analysis_job(control), JobName="bars")
    for status_by_then in ("CREATED", "QUEUED", "IN_PROGRESS"):
        assert rekognition("GetMediaAnalysisJob", **job)["Status"] == status_by_then
        control.advance_clock(10)
    description = rekognition("GetMediaAnalysisJob", **job)
    assert description["Status"] == "SUCCEEDED"
    assert description["JobName"] == "bars"
    assert description["CompletionTimestamp"] > description["CreationTimestamp"]
    (line,) = control.get_object(description["Results"]["S3Object"]).splitlines()
    result = json.loads(line)
    assert result["source-ref"] == "s3://photos/bar.png"
    assert "Smoking" in [label["Name"] for label in result["detect-moderation-labels"]["ModerationLabels"]]
    assert rekognition("ListMediaAnalysisJobs")["MediaAnalysisJobs"] == [description]


def test_undeclared_images_are_analysed(
    rekognition: Rekognition, control: ControlApi, astronaut: dict[str, bytes]
) -> None:
    members = media_analysis_job(control)
    control.request("POST", "/forget", {})
    control.put_object("photos", "bar.png", astronaut["Bytes"])
    description = rekognition("GetMediaAnalysisJob", **rekognition("StartMediaAnalysisJob", **members))
    assert description["Status"] == "SUCCEEDED"
    (line,) = control.get_object(description["Results"]["S3Object"]).splitlines()
    version = description["Results"]["ModelVersions"]["Moderation"]
    nothing: Json = {"ModerationLabels": [], "ModerationModelVersion": version, "ContentTypes": []}
    assert json.loads(line) == {"source-ref": "s3://photos/bar.png", "detect-moderation-labels": nothing}


def test_a_running_job_has_no_results(rekognition: Rekognition, control: ControlApi) -> None:
    control.set_durations({"job": 60})
    members = media_analysis_job(control)
    job = rekognition("StartMediaAnalysisJob", **members, KmsKeyId="key")
    result = rekognition("GetMediaAnalysisJob", **job)
    assert not {"Results", "ManifestSummary", "CompletionTimestamp", "FailureDetails", "JobName"} & set(result)
    assert {name: result[name] for name in ("Input", "OutputConfig", "OperationsConfig", "KmsKeyId")} == {
        **members,
        "KmsKeyId": "key",
    }


def test_lines_without_a_result_are_in_the_manifest_summary(rekognition: Rekognition, control: ControlApi) -> None:
    members = media_analysis_job(control)
    locations = ["s3://photos/bar.png", "s3://photos/lost.png", "nonsense"]
    manifest = control.put_object(
        "photos", "m.jsonl", "\n".join(json.dumps({"source-ref": location}) for location in locations)
    )
    job = rekognition("StartMediaAnalysisJob", **{**members, "Input": manifest})
    result = rekognition("GetMediaAnalysisJob", **job)
    assert result["Status"] == "SUCCEEDED"
    assert result["Results"]["ModelVersions"]["Moderation"]
    for location in (result["Results"], result["ManifestSummary"]):
        assert location["S3Object"]["Bucket"] == OUTPUT["S3Bucket"]
        assert location["S3Object"]["Name"].startswith(f"{OUTPUT['S3KeyPrefix']}/")
    summary = json.loads(control.get_object(result["ManifestSummary"]["S3Object"]))
    assert summary["statistics"] == {"total-json-lines": 3, "valid-json-lines": 1, "invalid-json-lines": 2}
    assert [error["line-number"] for error in summary["errors"]] == [2, 3]


@pytest.mark.parametrize(("prefix", "folder"), [(None, ""), ("bulk", "bulk/"), ("bulk/", "bulk/"), ("/", "")])
def test_the_files_of_a_job_are_named_after_it(
    rekognition: Rekognition, control: ControlApi, prefix: str | None, folder: str
) -> None:
    output = {"S3Bucket": "results", **({} if prefix is None else {"S3KeyPrefix": prefix})}
    job = rekognition("StartMediaAnalysisJob", **{**media_analysis_job(control), "OutputConfig": output})
    result = rekognition("GetMediaAnalysisJob", **job)
    assert result["Results"]["S3Object"]["Name"] == f"{folder}{job['JobId']}-results.jsonl"
    assert result["ManifestSummary"]["S3Object"]["Name"] == f"{folder}{job['JobId']}-manifest-summary.json"


def test_a_manifest_that_becomes_empty_fails_the_job(rekognition: Rekognition, control: ControlApi) -> None:
    members = media_analysis_job(control)
    control.set_durations({"job": 60})
    job = rekognition("StartMediaAnalysisJob", **members)
    control.put_object("photos", "manifest.jsonl", "")
    control.advance_clock(60)
    result = rekognition("GetMediaAnalysisJob", **job)
    assert (result["Status"], result["FailureDetails"]["Code"]) == ("FAILED", "INVALID_MANIFEST")
    assert "CompletionTimestamp" in result


def test_a_media_analysis_has_its_own_threshold(rekognition: Rekognition, control: ControlApi) -> None:
    members = media_analysis_job(control)
    control.declare("s3://photos/bar.png", moderation=[["Smoking", 60], ["Alcohol", 50], ["Gambling", 49]])
    control.request(
        "POST", "/forget", {"of": f"sha256:{sha256(control.get_object({'Bucket': 'photos', 'Name': 'bar.png'}))}"}
    )

    def results(**config: float) -> set[str]:
        config_of = {"OperationsConfig": {"DetectModerationLabels": config}}
        job = rekognition("StartMediaAnalysisJob", **{**members, **config_of})
        (line,) = control.get_object(rekognition("GetMediaAnalysisJob", **job)["Results"]["S3Object"]).splitlines()
        labels = json.loads(line)["detect-moderation-labels"]["ModerationLabels"]
        return {label["Name"] for label in labels} & {"Smoking", "Alcohol", "Gambling"}

    assert results() == {"Smoking", "Alcohol"}
    assert results(MinConfidence=60) == {"Smoking"}
    assert results(MinConfidence=0) == {"Smoking", "Alcohol", "Gambling"}


def test_media_analyses_are_listed_newest_first(rekognition: Rekognition, control: ControlApi) -> None:
    assert rekognition("ListMediaAnalysisJobs") == {"MediaAnalysisJobs": []}
    config = media_analysis_job(control)
    jobs: list[str] = []
    for _ in range(3):
        jobs.append(rekognition("StartMediaAnalysisJob", **config)["JobId"])
        control.advance_clock(1)
    result = rekognition("ListMediaAnalysisJobs")["MediaAnalysisJobs"]
    assert [job["JobId"] for job in result] == jobs[::-1]


def test_two_jobs_may_have_the_same_name(rekognition: Rekognition, control: ControlApi) -> None:
    members = media_analysis_job(control)
    jobs = [rekognition("StartMediaAnalysisJob", **members, JobName="same")["JobId"] for _ in range(2)]
    assert len(set(jobs)) == 2


def test_an_unknown_media_analysis_is_not_found(rekognition: Rekognition) -> None:
    assert rekognition.error_code("GetMediaAnalysisJob", JobId="nothing") == "ResourceNotFoundException"
