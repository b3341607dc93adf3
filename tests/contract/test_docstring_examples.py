"""The examples in the docstrings of all methods run, in an order in which each finds the resources that it needs."""

from __future__ import annotations

import ast
import asyncio
import inspect
import json
import textwrap
import time
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest

from rekog import AsyncRekognitionClient, RekognitionClient, models
from rekog._generated.operations import METHODS
from rekog._generated.paging import PAGED
from rekog._generated.waiting import WAITERS
from rekog.emulator import Emulator
from tests.kit.request_members import CAMERA, ROLE, STREET_CONTENT, TOPIC, copy_policy, put_training_images
from tests.kit.wire import ASTRONAUT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

Namespace: TypeAlias = dict[str, Any]  # the names that the examples use, and their values

IMAGES = ("ann.jpg", "group.jpg", "upload.jpg", "site.jpg", "page.png", "premiere.jpg", "dog.jpg")
DECLARED_CONTENT: Mapping[str, Any] = {
    "labels": ["Cat"],
    "moderation": ["Smoking"],
    "text": ["EXIT"],
    "ppe": [{"BoundingBox": [0, 0, 1, 1], "BodyParts": ["FACE"]}],
    "celebrities": [],
    "custom_labels": ["dog"],
}
JOBS = (
    "celebrity_recognition",
    "content_moderation",
    "face_detection",
    "face_search",
    "label_detection",
    "person_tracking",
    "segment_detection",
    "text_detection",
)
ORDER = (
    *("create_collection", "describe_collection", "index_faces", "search_faces", "search_faces_by_image"),
    *("create_user", "associate_faces", "wait_until_user_active", "search_users", "search_users_by_image"),
    *("list_users", "paginate_list_users", "list_faces", "paginate_list_faces", "list_collections"),
    *("paginate_list_collections", "tag_resource", "list_tags_for_resource", "untag_resource"),
    *("detect_faces", "detect_labels", "detect_moderation_labels", "detect_text", "detect_protective_equipment"),
    *("recognize_celebrities", "get_celebrity_info", "compare_faces"),
    *(
        step.format(job)
        for job in JOBS
        for step in ("start_{}", "wait_until_{}_completed", "get_{}", "paginate_get_{}")
    ),
    *("disassociate_faces", "delete_user", "delete_faces", "delete_collection"),
    *("create_project", "create_dataset", "wait_until_dataset_ready", "update_dataset_entries"),
    *("distribute_dataset_entries", "describe_dataset", "list_dataset_entries", "paginate_list_dataset_entries"),
    *("list_dataset_labels", "paginate_list_dataset_labels", "create_project_version"),
    *("wait_until_project_version_training_completed", "describe_project_versions"),
    *("paginate_describe_project_versions", "start_project_version", "wait_until_project_version_running"),
    *("detect_custom_labels", "put_project_policy", "list_project_policies", "paginate_list_project_policies"),
    *("copy_project_version", "wait_until_project_version_copied", "delete_project_policy", "stop_project_version"),
    *("wait_until_project_version_stopped", "delete_project_version", "delete_dataset", "wait_until_dataset_deleted"),
    *("describe_projects", "paginate_describe_projects", "delete_project", "wait_until_project_deleted"),
    *("create_stream_processor", "update_stream_processor", "start_stream_processor"),
    *("wait_until_stream_processor_running", "describe_stream_processor", "stop_stream_processor"),
    *("wait_until_stream_processor_stopped", "list_stream_processors", "paginate_list_stream_processors"),
    *("delete_stream_processor", "create_face_liveness_session", "wait_until_face_liveness_session_completed"),
    *("get_face_liveness_session_results", "start_media_analysis_job", "wait_until_media_analysis_job_completed"),
    *("get_media_analysis_job", "list_media_analysis_jobs", "paginate_list_media_analysis_jobs"),
)


def after_create_dataset(namespace: Namespace) -> None:
    namespace["train_arn"] = namespace["dataset_arn"] = namespace["response"].dataset_arn
    namespace["test_arn"] = namespace["sync"].create_dataset(namespace["project_arn"], dataset_type="TEST").dataset_arn


def after_create_face_liveness_session(namespace: Namespace) -> None:
    namespace["session_id"] = namespace["response"].session_id
    namespace["emulator"].declare_liveness(namespace["session_id"], confidence=98)


def after_create_project(namespace: Namespace) -> None:
    namespace["project_arn"] = namespace["response"].project_arn
    namespace["other_project_arn"] = namespace["sync"].create_project("copies").project_arn


def exchange_projects(namespace: Namespace) -> None:
    """Exchange the projects: the waiter of a copy needs the destination project."""
    namespace["project_arn"], namespace["other_project_arn"] = namespace["other_project_arn"], namespace["project_arn"]


AFTER: Mapping[str, Callable[[Namespace], object]] = {
    "copy_project_version": exchange_projects,
    "create_dataset": after_create_dataset,
    "create_face_liveness_session": after_create_face_liveness_session,
    "create_project": after_create_project,
    "create_project_version": lambda namespace: namespace.update(version_arn=namespace["response"].project_version_arn),
    "describe_collection": lambda namespace: namespace.update(collection_arn=namespace["response"].collection_arn),
    "index_faces": lambda namespace: namespace.update(face_id=namespace["response"].face_records[0].face.face_id),
    "wait_until_project_version_copied": exchange_projects,
    "start_media_analysis_job": lambda namespace: namespace.update(job_id=namespace["response"].job_id),
    **{f"start_{job}": lambda namespace: namespace.update(job_id=namespace["response"].job_id) for job in JOBS},
}
"""Functions that store values of a response for later examples, by method."""


def example(client: type, method: str) -> str:
    """Return the example of a method's docstring."""
    _, heading, code = (inspect.getdoc(getattr(client, method)) or "").partition("\nExample:\n")
    assert heading, f"{method} has no example"
    return textwrap.dedent(code)


def program(code: str) -> ast.Module:
    """Compile code that stores the value of its last line, if it is an expression, as `response`."""
    tree = ast.parse(code)
    if isinstance(last := tree.body[-1], ast.Expr):
        tree.body[-1] = ast.copy_location(ast.Assign([ast.Name("response", ast.Store())], last.value), last)
    return ast.fix_missing_locations(tree)


@pytest.fixture
def namespace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Namespace]:
    monkeypatch.chdir(tmp_path)
    image = ASTRONAUT.read_bytes()
    for name in IMAGES:
        (tmp_path / name).write_bytes(image)
    with Emulator(durations=0) as emulator, RekognitionClient.local(emulator) as sync:
        emulator.declare(image, **DECLARED_CONTENT)
        emulator.put_object("photos", "cat.jpg", image)
        emulator.put_object("photos", "manifest.jsonl", json.dumps({"source-ref": "s3://photos/cat.jpg"}).encode())
        emulator.put_object("films", "street.mp4", b"its content is declared")
        emulator.declare("s3://films/street.mp4", **STREET_CONTENT)
        yield {
            "camera_arn": f"{CAMERA}door",
            "celebrity_id": emulator.add_celebrity("Ann", ASTRONAUT),
            "collection_id": "people",
            "emulator": emulator,
            "json": json,
            "json_lines": put_training_images(emulator).encode(),
            "models": models,
            "name": "door",
            "policy": json.loads(copy_policy()),
            "project_names": ["dogs"],
            "role_arn": ROLE,
            "sync": sync,
            "time": time,
            "topic_arn": TOPIC,
            "user_id": "ann",
        }


def test_the_order_has_each_operation_pager_and_waiter_once() -> None:
    methods = [*METHODS, *(f"paginate_{name}" for name in PAGED), *(f"wait_until_{name}" for name in WAITERS)]
    assert sorted(ORDER) == sorted(methods)


@pytest.mark.filterwarnings("ignore:the service has announced:DeprecationWarning")
def test_the_examples_run(namespace: Namespace, capsys: pytest.CaptureFixture[str]) -> None:
    namespace["client"] = namespace["sync"]
    for method in ORDER:
        exec(compile(program(example(RekognitionClient, method)), method, "exec"), namespace)
        AFTER.get(method, len)(namespace)


@pytest.mark.filterwarnings("ignore:the service has announced:DeprecationWarning")
def test_the_examples_of_the_async_client_run(namespace: Namespace, capsys: pytest.CaptureFixture[str]) -> None:
    async def run() -> None:
        async with AsyncRekognitionClient.local(namespace["emulator"]) as client:
            namespace["client"] = client
            for method in ORDER:
                tree = program(example(AsyncRekognitionClient, method))
                code = compile(tree, method, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
                await eval(code, namespace)
                AFTER.get(method, len)(namespace)

    asyncio.run(run())
