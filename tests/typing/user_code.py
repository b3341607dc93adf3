"""Code as users write it, with an example of each public name. It never runs; strict mypy and pyright accept it."""

# ruff: noqa: TC001, TC002 (users import types at run time too)

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, assert_type

import attrs
import cattrs
import httpx
import httpx2

import rekog
from rekog import (
    AsyncRekognitionClient,
    CallOptions,
    Credentials,
    Image,
    RekogError,
    RekognitionClient,
    RetryPolicy,
    S3Object,
    ServiceError,
    Timeout,
    Video,
    errors,
    from_wire,
    models,
    to_wire,
)
from rekog.conversion import converter
from rekog.emulator import Emulator
from rekog.models import Attribute, AttributeValue, BoundingBox, Face, FaceDetail, Label
from rekog.paging import AsyncPager, Pager, Paginator
from rekog.waiting import OnPoll, Poll


def open_clients() -> None:
    RekognitionClient()
    RekognitionClient("eu-west-1")
    RekognitionClient(
        region_name="eu-west-1",
        endpoint_url="http://localhost:8680",
        profile_name="work",
        credentials=Credentials("AKID", "secret", "token"),
        retry=RetryPolicy(mode="adaptive", max_attempts=5),
        timeout=Timeout(connect=5, read=60, total=90.0),
        use_fips_endpoint=None,
        use_dualstack_endpoint=False,
        transport=httpx.HTTPTransport(http2=True),
        max_connections=8,
        strict=True,
    )
    AsyncRekognitionClient("eu-west-1", timeout=10, transport=httpx.MockTransport(lambda _: httpx.Response(200)))
    RekognitionClient("eu-west-1", transport=httpx2.HTTPTransport(http2=True))
    AsyncRekognitionClient("eu-west-1", transport=httpx2.AsyncHTTPTransport())
    AsyncRekognitionClient("eu-west-1", transport=httpx2.MockTransport(lambda _: httpx2.Response(200)))
    with Emulator(region="eu-west-1", data=Path("state")) as emulator, RekognitionClient.local(emulator) as client:
        assert_type(client, RekognitionClient)
        assert_type(client.region_name, str)
        assert_type(client.config.retry, RetryPolicy)
        assert_type(emulator.put_object("bucket", "key", b"..."), str)


def use_every_form_of_an_image(
    client: RekognitionClient, path: Path, data: bytearray, any_path: os.PathLike[str]
) -> None:
    client.detect_labels("photo.jpg")
    client.detect_labels("s3://bucket/key")
    client.detect_labels(path)
    client.detect_labels(any_path)
    client.detect_labels(path.read_bytes())
    client.detect_labels(data)
    client.detect_labels(memoryview(data))
    client.detect_labels(Image(bytes=b"..."))
    client.detect_labels(Image(s3_object=S3Object(bucket="bucket", name="key", version="1")))
    client.detect_labels(S3Object(bucket="bucket", name="key"))
    client.start_face_detection("s3://bucket/video.mp4")
    client.start_face_detection(Video(s3_object=S3Object(bucket="bucket", name="key")))


def name_the_labels(client: RekognitionClient, data: bytes) -> dict[str, float]:
    settings = models.DetectLabelsSettings(general_labels=models.GeneralLabelsSettings(label_inclusion_filters=["Cat"]))
    response = client.detect_labels(
        data,
        max_labels=10,
        min_confidence=80,
        features=["GENERAL_LABELS", models.DetectLabelsFeatureName.IMAGE_PROPERTIES],
        settings=settings,
        options=CallOptions(timeout=2.5, retry=RetryPolicy(mode="off"), headers={"x-trace": "1"}),
    )
    assert_type(response, models.DetectLabelsResponse)
    assert_type(response.labels, list[Label])
    assert_type(response.labels[0].parents, list[models.Parent])
    assert_type(response.response_metadata.request_id, str | None)
    assert_type(response.response_metadata.headers, Mapping[str, str])
    return {label.name: label.confidence for label in response.labels}


def use_fields_that_are_always_present(client: RekognitionClient) -> Iterator[float]:
    for match in client.compare_faces("one.jpg", "other.jpg").face_matches:
        yield match.similarity + match.face.confidence + match.face.bounding_box.left
    for label in client.detect_labels("photo.jpg").labels:
        yield from (instance.bounding_box.width * instance.confidence for instance in label.instances)
    for detection in client.paginate_get_label_detection("job"):
        yield detection.timestamp / 1000 + detection.label.confidence
    for person in client.paginate_get_face_search("job"):
        yield from (person.timestamp + person.person.index + face.similarity for face in person.face_matches)
    for face in client.paginate_list_faces("people"):
        yield face.bounding_box.top
    for project in client.paginate_describe_projects():
        for version in client.paginate_describe_project_versions(project.project_arn):
            if version.status == "RUNNING":
                client.stop_project_version(version.project_version_arn)


def describe_faces(client: RekognitionClient, wanted: AttributeValue, also: Attribute) -> Iterator[str]:
    for face in client.detect_faces("photo.jpg", attributes=[wanted, also, "SMILE", Attribute.ALL]).face_details:
        assert_type(face, FaceDetail)
        assert_type(face.bounding_box, BoundingBox)
        assert_type(face.bounding_box.width, float)
        assert_type(face.age_range, models.AgeRange | None)
        if face.smile and not face.sunglasses:
            yield f"a smile, {face.smile.confidence:.0f} %"
        for emotion in face.emotions:
            assert_type(emotion.type, models.EmotionName | str)
            if emotion.type is models.EmotionName.HAPPY or emotion.type == "BORED":  # the enum is open
                yield emotion.type.lower()


def compare(client: RekognitionClient, one: bytes, other: Path) -> float:
    response = client.compare_faces(one, other, similarity_threshold=90.0, quality_filter="AUTO")
    return max((match.similarity for match in response.face_matches), default=0.0)


def page(client: RekognitionClient) -> None:
    pager = client.paginate_list_faces("people", max_items=100, page_size=10, starting_token=None)
    assert_type(pager, Pager[Face, models.ListFacesResponse])
    for face in pager:
        assert_type(face, Face)
        assert_type(face.face_id, str)
    assert_type(pager.resume_token, str | None)
    for whole in client.paginate_list_faces("people", user_id="ann", face_ids=["1"]).pages():
        assert_type(whole, models.ListFacesResponse)
        assert_type(whole.face_model_version, str | None)
    for row in client.paginate_list_collections():
        assert_type(row, models.ListedCollection)
        assert_type(row.face_model_version, str | None)
    assert_type(list(client.paginate_list_dataset_entries("arn")), list[str])
    assert_type(client.paginate_get_segment_detection("job").collect(), list[models.SegmentDetection])
    by_name = client.get_paginator("list_faces")
    assert_type(by_name, Paginator[Face, models.ListFacesResponse])
    assert_type(next(iter(by_name.paginate(collection_id="people", page_size=5))), Face)
    assert_type(client.can_paginate("list_faces"), bool)


def wait(client: RekognitionClient, polls: list[Poll[models.GetFaceSearchResponse]]) -> None:
    on_poll: OnPoll[models.GetFaceSearchResponse] = polls.append
    running = client.wait_until_project_version_running("arn", version_names=["v1"], delay=1.5, max_attempts=3)
    assert_type(running, models.DescribeProjectVersionsResponse)
    done = client.wait_until_face_search_completed("job", on_poll=on_poll, options=CallOptions(timeout=Timeout()))
    assert_type(done.persons, list[models.PersonMatch])
    deleted = client.wait_until_dataset_deleted("arn")
    assert_type(deleted, models.DescribeDatasetResponse | None)
    client.wait_until_user_active("people", "ann", on_poll=lambda poll: print(poll.attempt, poll.state))
    by_name = client.get_waiter("project_version_running").wait(project_arn="arn", delay=0)
    assert_type(by_name, models.DescribeProjectVersionsResponse)
    assert_type(client.waiter_names, list[str])


def call_by_name(client: RekognitionClient) -> object:
    response = client.call("DetectLabels", {"Image": {"Bytes": b"..."}, "MaxLabels": 3}, options=CallOptions(timeout=5))
    assert_type(response, rekog.WireResponse)
    assert_type(client.generate_presigned_url("detect_faces", {"Image": {}}, expires_in=60), str)
    return response["Labels"]


def search(client: RekognitionClient, data: bytes) -> models.FaceMatch | None:
    try:
        response = client.search_faces_by_image("people", data, face_match_threshold=95)
    except errors.NoFacesInImageError:
        return None
    except errors.ResourceNotFoundException as error:
        assert_type(error.operation, str)
        raise LookupError(error.message) from error
    except (errors.ThrottlingException, errors.ProvisionedThroughputExceededException) as error:
        print(
            error.code, error.status_code, error.request_id, error.attempts, error.throttling, error.headers.get("date")
        )
        raise
    except errors.HumanLoopQuotaExceededException as error:
        assert_type(error.quota_code, str | None)
        raise
    except ServiceError as error:
        assert_type(error.body, dict[str, object])
        raise
    except errors.ParamValidationError as error:
        assert_type(error.problems, tuple[str, ...])
        raise
    except errors.JobFailedError as error:
        assert_type(error.status_message, str | None)
        raise
    except (errors.TransportError, rekog.RekogError):
        raise
    return response.face_matches[0] if response.face_matches else None


def is_ours(error: BaseException) -> bool:
    classes: list[type[RekogError]] = [errors.ConfigError, errors.CredentialsError, errors.DecodeError]
    return isinstance(error, (*classes, errors.PaginationError, errors.WaiterTimeoutError, errors.ReadTimeoutError))


@attrs.frozen
class Sighting:
    """A class of the user that contains a model of ours."""

    location: str
    face: Face


def convert(response: models.DetectFacesResponse, text: str) -> Sighting:
    wire = to_wire(response)
    assert_type(wire, dict[str, object])
    assert_type(from_wire(models.DetectFacesResponse, wire), models.DetectFacesResponse)
    assert_type(from_wire(Label, {"Name": "Cat", "Confidence": 99.1}), Label)
    request = from_wire(models.DetectLabelsRequest, json.loads(text))
    assert_type(request.image, Image)
    python: cattrs.Converter = converter("python")
    assert_type(converter().structure(wire, models.DetectFacesResponse), models.DetectFacesResponse)
    return python.structure(json.loads(text), Sighting)


def make_models() -> list[models.Face]:
    box = BoundingBox(width=0.5, height=0.25, left=0, top=0)
    box.left += 0.1
    face = Face(face_id="1", confidence=99.0, bounding_box=box, image_id="2")
    same: bool = face == Face(face_id="1", confidence=99.0, bounding_box=box, image_id="3")
    label = Label(name="Cat", confidence=99, parents=[models.Parent(name="Pet")], instances=None)
    label.instances.append(models.Instance(bounding_box=box, confidence=99))
    fields: tuple[attrs.Attribute[Any], ...] = attrs.fields(Face)
    assert_type(attrs.asdict(face), dict[str, Any])
    return [face] if same and fields else []


def train(client: RekognitionClient, manifest: S3Object, tags: Mapping[str, str]) -> str:
    truth = models.DatasetSource(ground_truth_manifest=models.GroundTruthManifest(s3_object=manifest))
    client.create_dataset("arn", dataset_type=models.DatasetType.TRAIN, dataset_source=truth, tags=tags)
    client.create_dataset("arn", dataset_type="TEST")
    output = models.OutputConfig(s3_bucket="bucket", s3_key_prefix="out")
    version = client.create_project_version("arn", version_name="v1", output_config=output)
    return version.project_version_arn


async def call_many(images: list[bytes]) -> list[str]:
    options = CallOptions(timeout=3)
    async with AsyncRekognitionClient("eu-west-1") as client:
        assert_type(client, AsyncRekognitionClient)
        responses = [await client.detect_labels(image, max_labels=1, options=options) for image in images]
        assert_type(responses, list[models.DetectLabelsResponse])
        assert_type(await client.call("ListCollections"), rekog.WireResponse)
        assert_type(await client.generate_presigned_url("detect_faces"), str)
    return [label.name for response in responses for label in response.labels]


async def page_and_wait() -> AsyncIterator[str]:
    client = AsyncRekognitionClient.local(strict=True)
    pager = client.paginate_list_users("people", page_size=10)
    assert_type(pager, AsyncPager[models.User, models.ListUsersResponse])
    async for user in pager:
        assert_type(user, models.User)
        yield user.user_id
    async for whole in client.paginate_list_faces("people").pages():
        assert_type(whole, models.ListFacesResponse)
    assert_type(await client.paginate_list_collections().collect(), list[models.ListedCollection])
    async for label in client.get_paginator("get_label_detection").paginate(job_id="job"):
        assert_type(label, models.LabelDetection)
    dataset = await client.wait_until_dataset_ready("arn", delay=1)
    assert_type(dataset, models.DescribeDatasetResponse)
    await client.get_waiter("dataset_ready").wait(dataset_arn="arn")
    await client.close()


def pass_methods_on(client: RekognitionClient) -> Callable[[str], models.DescribeCollectionResponse]:
    return client.describe_collection
