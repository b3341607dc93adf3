"""Arguments as users write them: dicts for models, any iterable, keywords. Strict mypy and pyright accept it."""

# ruff: noqa: TC001 (users import types at run time too)

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import assert_type

from rekog import AsyncRekognitionClient, RekognitionClient, S3Object, WireResponse, models
from rekog.images import ImageInput, VideoInput
from rekog.models import (
    BoundingBoxDict,
    DetectLabelsSettings,
    DetectLabelsSettingsDict,
    FaceDetail,
    GeneralLabelsSettings,
    GeneralLabelsSettingsDict,
    Smile,
)


def use_dicts(client: RekognitionClient) -> None:
    client.detect_labels("cat.jpg", settings={"general_labels": {"label_inclusion_filters": ["Cat"]}})
    client.detect_labels("cat.jpg", settings={"general_labels": GeneralLabelsSettings(label_inclusion_filters={"Cat"})})
    client.detect_labels("cat.jpg", settings={"image_properties": None})
    inner: GeneralLabelsSettingsDict = {"label_inclusion_filters": ("Cat", "Dog")}
    settings: DetectLabelsSettingsDict = {"general_labels": inner, "image_properties": {"max_dominant_colors": 3}}
    client.detect_labels("cat.jpg", settings=settings)
    client.detect_labels("cat.jpg", settings=DetectLabelsSettings(general_labels=inner))
    client.start_face_detection(
        "s3://films/a.mp4", notification_channel={"sns_topic_arn": "arn:topic", "role_arn": "arn:role"}
    )
    client.distribute_dataset_entries([{"arn": "arn:one"}, models.DistributeDataset(arn="arn:two")])
    client.distribute_dataset_entries({"arn": arn} for arn in ("one", "two"))


def use_dicts_in_lists(client: RekognitionClient, boxes: list[BoundingBoxDict]) -> None:
    client.detect_text("page.png", filters={"regions_of_interest": [{"bounding_box": boxes[0]}]})
    client.detect_text("page.png", filters={"regions_of_interest": [models.RegionOfInterest(bounding_box=boxes[0])]})
    client.detect_text("page.png", filters={"regions_of_interest": [{"polygon": [{"x": 0.5, "y": 0.5}]}]})


def read_the_fields_of_a_model(settings: DetectLabelsSettings, text: models.DetectTextFilters) -> None:
    assert_type(settings.general_labels, GeneralLabelsSettings | None)
    if settings.general_labels:
        assert_type(settings.general_labels.label_inclusion_filters, Sequence[str] | None)
    assert_type(text.regions_of_interest, Sequence[models.RegionOfInterest] | None)


def use_iterables(client: RekognitionClient, ids: set[str], names: Iterable[str], by_id: Mapping[str, int]) -> None:
    client.delete_faces("people", ids)
    client.delete_faces("people", (name for name in names))
    client.delete_faces("people", by_id.keys())
    client.associate_faces("people", "ann", face_ids=frozenset(ids))
    client.detect_faces("cat.jpg", attributes={"ALL"})
    client.detect_faces("cat.jpg", attributes=(attribute for attribute in models.Attribute))
    client.paginate_list_faces("people", face_ids=ids)
    client.wait_until_project_deleted(names)


def use_dicts_for_media(client: RekognitionClient, image: ImageInput, video: VideoInput) -> None:
    client.detect_labels({"s3_object": {"bucket": "photos", "name": "cat.jpg"}})
    client.detect_labels({"bucket": "photos", "name": "cat.jpg"})
    client.detect_labels({"bytes": b"..."})
    client.start_face_detection({"s3_object": S3Object(bucket="films", name="a.mp4")})
    client.start_face_search("people", video)
    client.detect_labels(image)


def read_attributes(face: FaceDetail) -> Iterable[float]:
    if face.smile and not face.sunglasses:
        assert_type(face.smile, Smile)
        yield face.smile.confidence
    assert_type(bool(face.beard), bool)


async def read_raw_responses(client: RekognitionClient, other: AsyncRekognitionClient) -> dict[str, object]:
    response = client.call("ListCollections")
    assert_type(response, WireResponse)
    assert_type(response.response_metadata.request_id, str | None)
    assert_type(response["CollectionIds"], object)
    assert_type(await other.call("ListCollections"), WireResponse)
    return response.copy()


def pass_a_value_on(client: RekognitionClient, label: str) -> None:
    wanted = client.detect_faces("cat.jpg").face_details[0].emotions[0].type
    client.detect_faces("cat.jpg", attributes=[models.Attribute(label), models.Attribute.ALL])
    assert_type(models.EmotionName(wanted), models.EmotionName)
