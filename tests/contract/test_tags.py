"""Tags of resources."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.kit.request_members import (
    FACE_COLLECTION,
    OUTPUT,
    create_trained_version,
    face_search_processor,
    manifest_lines,
)

if TYPE_CHECKING:
    from tests.kit.service import ControlApi, Rekognition


def test_every_taggable_resource_is_created_with_tags(rekognition: Rekognition, control: ControlApi) -> None:
    rekognition("CreateCollection", CollectionId=FACE_COLLECTION)
    tags = {"Tags": {"team": "red"}}
    project = rekognition("CreateProject", ProjectName="dogs", **tags)["ProjectArn"]
    source = create_trained_version(rekognition, project)
    trained = {"ProjectArn": project, "VersionName": "v2", "OutputConfig": OUTPUT}
    copied = {
        "SourceProjectArn": project,
        "SourceProjectVersionArn": source,
        "DestinationProjectArn": project,
        "VersionName": "v3",
        "OutputConfig": OUTPUT,
    }
    created = [
        project,
        rekognition("CreateDataset", ProjectArn=project, DatasetType="TEST", **tags)["DatasetArn"],
        rekognition("CreateProjectVersion", **trained, **tags)["ProjectVersionArn"],
        rekognition("CopyProjectVersion", **copied, **tags)["ProjectVersionArn"],
        rekognition("CreateStreamProcessor", **face_search_processor(), **tags)["StreamProcessorArn"],
    ]
    for arn in created:
        assert rekognition("ListTagsForResource", ResourceArn=arn)["Tags"] == {"team": "red"}
        rekognition("TagResource", ResourceArn=arn, Tags={"more": "1"})
        rekognition("UntagResource", ResourceArn=arn, TagKeys=["team"])
        assert rekognition("ListTagsForResource", ResourceArn=arn)["Tags"] == {"more": "1"}
    rekognition("UpdateDatasetEntries", DatasetArn=created[1], Changes={"GroundTruth": manifest_lines(1).encode()})


def test_tags_are_added_changed_and_removed(rekognition: Rekognition, name: str) -> None:
    rekognition("CreateCollection", CollectionId=name, Tags={"team": "red", "Größe": "1"})
    arn = {"ResourceArn": rekognition("DescribeCollection", CollectionId=name)["CollectionARN"]}
    rekognition("TagResource", **arn, Tags={"team": "blue", "empty": ""})
    assert rekognition("ListTagsForResource", **arn)["Tags"] == {"team": "blue", "Größe": "1", "empty": ""}
    rekognition("UntagResource", **arn, TagKeys=["team", "never"])
    assert rekognition("ListTagsForResource", **arn)["Tags"] == {"Größe": "1", "empty": ""}
    rekognition("DeleteCollection", CollectionId=name)
    assert rekognition.error_code("ListTagsForResource", **arn) == "ResourceNotFoundException"


def test_a_resource_has_at_most_two_hundred_tags(rekognition: Rekognition, collection: str) -> None:
    arn = {"ResourceArn": rekognition("DescribeCollection", CollectionId=collection)["CollectionARN"]}
    rekognition("TagResource", **arn, Tags={f"t{number}": "" for number in range(200)})
    rekognition("TagResource", **arn, Tags={"t0": "again"})
    assert rekognition.error_code("TagResource", **arn, Tags={"one": "more"}) == "ServiceQuotaExceededException"
    assert rekognition.error_code("TagResource", **arn, Tags={"aws:own": ""}) == "ValidationException"


def test_a_request_has_at_most_two_hundred_tags(rekognition: Rekognition, collection: str) -> None:
    arn = {"ResourceArn": rekognition("DescribeCollection", CollectionId=collection)["CollectionARN"]}
    many = {f"t{number}": "" for number in range(201)}
    assert rekognition.error_code("TagResource", **arn, Tags=many) == "ValidationException"
    assert rekognition.error_code("UntagResource", **arn, TagKeys=[*many]) == "ValidationException"
    assert rekognition("UntagResource", **arn, TagKeys=[]) == {}
    assert rekognition("ListTagsForResource", **arn)["Tags"] == {}
