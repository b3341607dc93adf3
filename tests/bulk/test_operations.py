"""The methods of `client.bulk`: each operation on images, arguments that differ by source, and `fit`."""

from __future__ import annotations

import base64
import io
import sys
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image as Pillow

from rekog import Attempt, RekognitionClient
from rekog._core.wire import encode_input
from rekog._generated.operations import METHODS
from rekog._values.model import field_names
from rekog.bulk import _calls, folder
from rekog.cost import Budget
from rekog.errors import BudgetExceededError, ConfigError, ParamValidationError
from rekog.models import Image, S3Object
from tests.bulk.runs import SYNC, image, outcomes, walk
from tests.kit.backends import KEYS, Backend, Scripted, Unused, json_reply
from tests.kit.samples import arguments, sample

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

OPERATIONS = {
    name: operation
    for name, operation in METHODS.items()
    if operation.media and operation.media[-1] in ("image", "target_image")
}


def test_there_is_a_method_for_each_operation_on_images() -> None:
    assert len(OPERATIONS) == 11
    client = RekognitionClient("eu-west-1", credentials=KEYS, transport=Unused())
    assert {name for name in dir(client.bulk) if not name.startswith("_")} == {*OPERATIONS, "map"}


def test_the_arguments_that_all_calls_share_are_encoded_before_the_first_one(
    backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    called = 0

    def counted(*arguments: Any, **named: Any) -> Any:
        nonlocal called
        called += bool(transport.sent)
        return encode_input(*arguments, **named)

    monkeypatch.setattr(_calls, "encode_input", counted)
    transport = Scripted(json_reply({"Labels": []}))
    client = backend.client(transport)
    sources: list[Any] = ["s3://bucket/a", image("b"), S3Object(bucket="bucket", name="c")]
    assert all(outcome.ok for outcome in outcomes(backend, lambda: client.bulk.detect_labels(sources, concurrency=1)))
    assert called == 0


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_method_sends_the_arguments_of_the_operation_for_each_source(backend: Backend, name: str) -> None:
    from rekog import from_wire, models

    operation = OPERATIONS[name]
    transport = Scripted(json_reply(sample(f"{operation.name}Response")))
    wire = arguments(operation.name)
    model: Any = getattr(models, f"{operation.name}Request")
    request: Any = from_wire(model, wire)
    given: dict[str, Any] = {field: getattr(request, field) for field in field_names(model)}
    source = given.pop(operation.media[-1])
    if "external_image_id" in given:
        value = given["external_image_id"]

        def same(_source: object) -> Any:
            return value

        given["external_image_id"] = same
    method: Any = getattr(backend.client(transport).bulk, name)
    found = outcomes(backend, lambda: method([source, source], **given))
    assert [type(outcome.answer).__name__ for outcome in found] == [f"{operation.name}Response"] * 2
    direct = Scripted(json_reply(sample(f"{operation.name}Response")))
    backend.run(lambda: backend.client(direct).call(operation.name, wire))
    assert [sent.wire for sent in transport.sent] == [direct.sent[0].wire] * 2


def test_an_argument_of_each_source_is_the_value_of_a_function(backend: Backend) -> None:
    transport = Scripted(json_reply({"FaceRecords": []}))
    client = backend.client(transport)
    names = {image("a"): "ann", image("b"): "bob"}
    walk(
        backend,
        lambda: client.bulk.index_faces(list(names), collection_id="staff", external_image_id=names.__getitem__),
    )
    assert sorted(sent.wire["ExternalImageId"] for sent in transport.sent) == ["ann", "bob"]


@SYNC
def test_an_argument_of_each_source_must_be_a_function(backend: Backend) -> None:
    name: Any = "ann"
    client = backend.client(Unused())
    with pytest.raises(ParamValidationError, match="external_image_id: must be a function of a source, not 'ann'"):
        client.bulk.index_faces([image("a")], collection_id="staff", external_image_id=name)


def test_options_apply_to_each_call(backend: Backend) -> None:
    transport = Scripted(json_reply({"Labels": []}))
    client = backend.client(transport)
    walk(backend, lambda: client.bulk.detect_labels([image("a")] * 2, options={"headers": {"x-batch": "7"}}))
    assert [sent.headers["x-batch"] for sent in transport.sent] == ["7", "7"]


@SYNC
def test_invalid_options_are_refused_at_once(backend: Backend) -> None:
    options: Any = {"retries": 5}
    client = backend.client(Unused())
    with pytest.raises((ConfigError, TypeError)):
        client.bulk.detect_labels([image("a")], options=options)


def test_the_source_image_of_a_comparison_is_read_once(backend: Backend) -> None:
    transport = Scripted(json_reply({"FaceMatches": []}))
    client = backend.client(transport)
    source = io.BytesIO(image("source"))
    walk(backend, lambda: client.bulk.compare_faces([image("a"), image("b")], source_image=source))
    assert [base64.b64decode(sent.wire["SourceImage"]["Bytes"]) for sent in transport.sent] == [image("source")] * 2


def test_a_source_image_that_cannot_be_read_sends_nothing(backend: Backend) -> None:
    client = backend.client(Unused())
    with pytest.raises(ParamValidationError, match=r"source_image: 'none.jpg' cannot be read"):
        walk(backend, lambda: client.bulk.compare_faces([image("a")], source_image="none.jpg"))


# --- fit ---------------------------------------------------------------------------------------------------------


def webp() -> bytes:
    file = io.BytesIO()
    Pillow.new("RGB", (100, 80), (9, 99, 200)).save(file, "WEBP")
    return file.getvalue()


@SYNC
@pytest.mark.parametrize("form", ["bytes", "path", "text", "file", "Pillow", "Image", "dict"])
def test_fit_converts_each_local_image(backend: Backend, tmp_path: Path, form: str) -> None:
    path = tmp_path / "a.webp"
    path.write_bytes(webp())
    forms: dict[str, Callable[[], Any]] = {
        "bytes": webp,
        "path": lambda: path,
        "text": lambda: str(path),
        "file": lambda: io.BytesIO(webp()),
        "Pillow": lambda: Pillow.open(io.BytesIO(webp())),
        "Image": lambda: Image(bytes=webp()),
        "dict": lambda: {"bytes": webp()},
    }
    transport = Scripted(json_reply({"Labels": []}))
    client = backend.client(transport)
    (outcome,) = outcomes(backend, lambda: client.bulk.detect_labels([forms[form]()], fit=True))
    assert outcome.error is None
    assert base64.b64decode(transport.sent[0].wire["Image"]["Bytes"]).startswith(b"\xff\xd8\xff")


S3_FORMS: list[Any] = [
    "s3://bucket/n", S3Object(bucket="bucket", name="n"), Image(s3_object=S3Object(bucket="bucket", name="n")),
    {"bucket": "bucket", "name": "n"},
]  # fmt: skip


@SYNC
@pytest.mark.parametrize("form", range(len(S3_FORMS)))
def test_fit_leaves_an_image_in_s3_as_it_is(backend: Backend, form: int) -> None:
    transport = Scripted(json_reply({"Labels": []}))
    client = backend.client(transport)
    walk(backend, lambda: client.bulk.detect_labels([S3_FORMS[form]], fit=True))
    assert transport.sent[0].wire["Image"] == {"S3Object": {"Bucket": "bucket", "Name": "n"}}


def test_a_file_that_is_no_image_is_the_error_of_its_source(backend: Backend, tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_text("no image")
    client = backend.client(Unused())
    (outcome,) = outcomes(backend, lambda: client.bulk.detect_labels(folder(tmp_path), fit=True))
    assert isinstance(outcome.error, ParamValidationError)


def test_fit_without_pillow_ends_the_run(backend: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    source = webp()
    monkeypatch.setitem(sys.modules, "PIL", None)
    monkeypatch.setitem(sys.modules, "PIL.Image", None)
    client = backend.client(Unused())
    with pytest.raises(ConfigError, match="images"):
        walk(backend, lambda: client.bulk.detect_labels([source], fit=True))


def test_a_budget_ends_a_run_before_it_is_passed(backend: Backend) -> None:
    transport = Scripted(json_reply({"Labels": []}))
    attempts: list[Attempt] = []
    budget = Budget("0.003")  # three images
    client = backend.client(transport, meter=budget, on_attempt=attempts.append)
    found: list[object] = []
    with pytest.raises(BudgetExceededError):
        walk(
            backend,
            lambda: client.bulk.detect_labels([image(name) for name in "abcdefghijklmnopqrst"], concurrency=1),
            found.append,
        )
    assert (len(transport.sent), len(found)) == (3, 3)
    assert [attempt.operation for attempt in attempts] == ["DetectLabels"] * 3
    assert budget.left == 0


def test_an_image_that_breaks_a_rule_has_the_error_of_the_method(backend: Backend) -> None:
    client: Any = backend.client(Unused())
    with pytest.raises(ParamValidationError) as direct:
        backend.run(lambda: client.detect_labels("s3://b/cat.jpg"))
    (outcome,) = outcomes(backend, lambda: client.bulk.detect_labels(["s3://b/cat.jpg"]))
    assert str(outcome.error) == str(direct.value)
