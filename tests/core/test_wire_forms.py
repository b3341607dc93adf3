"""Wire dicts, bodies and models, one made from the other: blobs, nulls, unknown names, and values of the wrong kind."""

from __future__ import annotations

import base64
import json
import logging
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pytest

from rekog import models
from rekog._core.codecs import FAILURES, find_codec
from rekog._core.json_body import beginning, blobs_from_text, parse, serialise
from rekog._core.rejected import incomplete
from rekog._core.rejected.incomplete import decode_incomplete
from rekog._core.rejected.mismatch import loose_wire
from rekog._core.scalars import blob
from rekog._core.wire import check_input, checked_wire, decode_output, encode_input, from_wire, to_wire, wire_output
from rekog._generated.operations import METHODS
from rekog._generated.shapes import SHAPES
from rekog.errors import DecodeError, ParamValidationError, RekogWarning
from tests.kit.samples import sample

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rekog._core.operation import Operation

Json = Any
LABELS = METHODS["detect_labels"]
STRUCTURES = [name for name, shape in SHAPES.items() if shape.kind == "structure" and hasattr(models, name)]


# --- Bodies ---------------------------------------------------------------------------------------------------------


def test_a_body_has_a_part_for_each_blob() -> None:
    raw, other = b"\x00\x01image", bytearray(b"\xff" * 100)
    wire = {"A": raw, "B": {"C": [other, "text", memoryview(raw)]}, "D": 1.5, "É": "ж"}
    parts = serialise(wire)
    assert parts[1::2] == tuple(base64.b64encode(each) for each in (raw, other, raw))
    assert all(type(part) is bytes for part in parts)
    texts: Json = {"A": base64.b64encode(raw).decode(), "D": 1.5, "É": "ж"}
    texts["B"] = {"C": [base64.b64encode(other).decode(), "text", base64.b64encode(raw).decode()]}
    assert json.loads(b"".join(parts)) == texts
    assert serialise({"A": 1, "B": [True, None]}) == (b'{"A":1,"B":[true,null]}',)
    assert serialise({"Tags": own_mapping()}) == (b'{"Tags":{"a":"b"}}',)
    assert b"".join(serialise({"A": b""})) == b'{"A":""}'


def own_mapping() -> Any:
    """Return a mapping that is no dict."""
    return MappingProxyType({"a": "b"})


def test_an_empty_body_is_an_empty_object() -> None:
    assert [parse(content) for content in (b"", b" \r\n\t", b"{}")] == [{}, {}, {}]
    for content, value in ((b" [1] ", [1]), (b"null", None), (b'"a"', "a")):
        assert parse(content) == value


def test_the_beginning_of_a_page_is_one_line_of_300_bytes() -> None:
    assert beginning(b"  <html>\n\t a  b\r\n") == "<html> a b"
    assert beginning(b"a" * 299 + b"bc") == "a" * 299 + "b"
    assert beginning(b"\xffa\xc3") == "\ufffda\ufffd"
    assert beginning("é".encode()) == "é"


def with_bytes(value: Json) -> Json:
    """Return a sample with its base64 text as bytes."""
    if isinstance(value, dict):
        return {key: with_bytes(item) for key, item in value.items()}  # pyright: ignore[reportUnknownVariableType]  # JSON
    if isinstance(value, list):
        return [with_bytes(item) for item in value]  # pyright: ignore[reportUnknownVariableType]  # JSON
    return b"\x00\x01\x02" if value == "AAEC" else value


def test_the_blobs_of_every_shape_become_bytes() -> None:
    for name in SHAPES:
        value = sample(name)
        wanted = with_bytes(value)
        found = blobs_from_text(name, value)
        assert found == wanted, name
        if wanted == value:
            assert found is value, name  # not even a copy
    whole = {"AuditImages": [{"Bytes": "AAEC", "Later": "AAEC"}], "Later": {"Bytes": "AAEC"}, "SessionId": "AAEC"}
    read = {**whole, "AuditImages": [{"Bytes": b"\0\1\2", "Later": "AAEC"}]}
    assert blobs_from_text("GetFaceLivenessSessionResultsResponse", whole) == read
    for odd in (7, [7], [None], {"Bytes": "AAEC"}, [["AAEC"]], [{"Bytes": 7}], "AAEC"):
        value = {"AuditImages": odd}
        assert blobs_from_text("GetFaceLivenessSessionResultsResponse", value) == value
    assert blobs_from_text("AuditImage", [1]) == [1]
    assert blobs_from_text("ImageBlob", "a", read=str.upper) == "A"


def test_a_blob_is_strict_base64_or_any_bytes() -> None:
    for given in ("AAEC", b"\0\1\2", bytearray(b"\0\1\2"), memoryview(b"\0\1\2")):
        assert blob(given) == b"\0\1\2"
        assert type(blob(given)) is bytes
    for text in ("AAE", "AA EC", "Aé"):
        with pytest.raises(ValueError, match=r"."):
            blob(text)


# --- Requests -------------------------------------------------------------------------------------------------------


def test_the_wire_dict_of_a_caller_is_sent_without_nulls_at_any_depth() -> None:
    inner = {
        "GeneralLabels": {"LabelInclusionFilters": ("Cat",), "LabelExclusionFilters": None},
        "ImageProperties": None,
    }
    wire = {"Image": {"Bytes": b"ab"}, "MaxLabels": None, "Settings": inner}
    sent = checked_wire(LABELS, wire, full=False)
    assert sent == {"Image": {"Bytes": b"ab"}, "Settings": {"GeneralLabels": {"LabelInclusionFilters": ["Cat"]}}}
    with pytest.raises(ParamValidationError) as caught:
        checked_wire(LABELS, {"image": 1}, full=False)
    assert caught.value.operation == "DetectLabels"
    assert str(caught.value).startswith(
        "DetectLabels: 2 problems:\n  Image: required, and must be a mapping\n  image: no "
    )


def test_problems_of_both_kinds_are_listed_with_the_names_of_their_side() -> None:
    request: Any = {"image": models.Image(bytes=b"ab"), "max_labels": "a", "min_confidence": -1, "settings": {"x": 1}}
    with pytest.raises(ParamValidationError) as caught:
        encode_input(LABELS, LABELS.input_type(**request), full=True)
    assert (caught.value.operation, [*caught.value.problems]) == ("DetectLabels", [
        "settings.x: no such member; there are general_labels, image_properties",
        "max_labels: must be a whole number, not str",
        "min_confidence: must be at least 0, not -1",
    ])  # fmt: skip
    assert str(caught.value) == "detect_labels: 3 problems:\n  " + "\n  ".join(caught.value.problems)


@pytest.mark.parametrize(("full", "python_names"), [(False, True), (True, False)])
def test_a_share_in_place_of_a_percentage_is_a_warning_or_with_full_checks_a_problem(
    full: bool, python_names: bool
) -> None:
    wire = {"Image": {"Bytes": b"ab"}, "MinConfidence": 0.8}
    name, member = ("detect_labels", "min_confidence") if python_names else ("DetectLabels", "MinConfidence")
    rule = "0.8 is 0.8 percent; for 80 percent write 80"
    if full:
        with pytest.raises(ParamValidationError) as caught:
            check_input(LABELS, wire, [], full=True, python_names=python_names)
        assert str(caught.value) == f"{name}: {member}: {rule}"
    else:
        with pytest.warns(RekogWarning) as warned:
            check_input(LABELS, wire, [], full=False, python_names=python_names)
        assert [str(each.message) for each in warned] == [f"{name}: {member}={rule}"]
        with pytest.raises(ParamValidationError) as caught:
            check_input(LABELS, {**wire, "MaxLabels": "a"}, [], full=False, python_names=python_names)
        assert len(caught.value.problems) == 1


def test_a_model_with_wrong_values_is_a_wire_dict_that_has_them() -> None:
    other: Any = models.S3Object(bucket="b")
    instances: Any = [{"bounding_box": {"width": "w", "odd": 1}}]
    wrong: Any = models.Label(name="Cat", confidence=1.0, instances=instances)
    wrong.parents = other
    wire, unknown = loose_wire(wrong)
    assert wire["Instances"] == [{"BoundingBox": {"Width": "w"}}]
    assert wire["Parents"] is other
    (problem,) = unknown
    assert (problem.path, problem.rule, problem.name) == (
        ("Instances", 0, "BoundingBox", "odd"),
        "unknown",
        "BoundingBox",
    )
    mixed: Any = models.Image(s3_object=models.S3Object(bucket="b", name="n"))
    assert loose_wire(mixed) == ({"S3Object": {"Bucket": "b", "Name": "n"}}, [])
    box: Any = models.BoundingBox(width=1, height=1, left=0, top=0)
    strange: Any = models.Image(s3_object=box)
    assert loose_wire(strange)[0]["S3Object"] is strange.s3_object
    with pytest.raises(ParamValidationError) as caught:
        to_wire(wrong)
    assert [*caught.value.problems] == [
        "instances[0].bounding_box.odd: no such member; there are height, left, top, width",
        "instances[0].bounding_box.width: must be a finite number, not str",
        "parents: must be a list, not S3Object",
    ]


# --- Responses ------------------------------------------------------------------------------------------------------


def outcome(decode: Any, wire: Json) -> Any:
    try:
        return decode(wire)
    except (*FAILURES, DecodeError):
        return "refused"


def wrong_values() -> Iterator[tuple[str, Json]]:
    """Yield each structure with one member of another kind, but no text or dict in place of a list."""
    for name in STRUCTURES:
        whole = sample(name)
        for member, target in SHAPES[name].members.items():
            others: list[Json] = [7, [7]] if SHAPES[target].kind == "list" else [7, [7], "text", {"a": 1}]
            for value in others:
                yield name, {**whole, member: value}


def test_a_value_of_the_wrong_kind_has_the_same_outcome_with_and_without_missing_members() -> None:
    for name, wire in wrong_values():
        found = outcome(partial(decode_incomplete, name, strict=True), wire)
        assert found == outcome(find_codec("decode", getattr(models, name)), wire), (name, wire)


def decoded(body: Json, *, strict: bool = False) -> Any:
    return decode_output(LABELS, json.dumps(body).encode(), "r-1", strict=strict)


def test_a_null_counts_as_missing_and_its_neighbours_stay() -> None:
    label = {"Name": None, "Confidence": None, "Instances": [None, {"Confidence": 7}], "Parents": None, "Later": None}
    (found,) = decoded({"Labels": [label], "Later": 1}).labels
    assert (found.name, found.confidence, found.parents) == (None, None, [])
    assert [instance.confidence for instance in found.instances] == [7]
    with pytest.raises(DecodeError) as caught:
        decoded({"Labels": [label]}, strict=True)
    assert caught.value.path == "Labels[0].Name"
    assert decoded({"Labels": [{"Name": "a", "Confidence": 1}]}, strict=True).labels[0].name == "a"


def test_each_gap_has_one_log_line(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(incomplete, "_logged", set[tuple[str, str]]())
    caplog.set_level(logging.WARNING, "rekog")
    for _ in range(2):
        decoded({"Labels": [{"Name": "a"}, {"Confidence": 1, "Instances": [None]}]})
        from_wire(models.Label, {"Name": "a"})
    decode_incomplete("FaceDetail", {"BoundingBox": {}}, quiet=True)
    end = "The client's strict=['answers'] makes this an error; no later line names it"
    assert [record.getMessage() for record in caplog.records] == [
        f"DetectLabels: Labels[0].Confidence is missing: it is None. {end}",
        f"DetectLabels: Labels[1].Name is missing: it is None. {end}",
        f"DetectLabels: Labels[1].Instances[0] is missing: it is left out. {end}",
    ]
    caplog.clear()
    from_wire(models.ConnectedHomeSettings, {})
    assert [record.getMessage() for record in caplog.records] == [
        f"ConnectedHomeSettings: Labels is missing: the list is empty. {end}"
    ]


def test_a_subclass_is_made_of_the_fields_of_its_model() -> None:
    class Own(models.Label):
        """A label of a program."""

    own = from_wire(Own, {"Name": "a", "Confidence": 1, "Later": 2})
    assert (type(own), own.name, own.confidence) == (Own, "a", 1)
    assert type(from_wire(models.Label, {"Name": "a", "Confidence": 1})) is models.Label
    with pytest.raises(DecodeError) as caught:
        from_wire(models.Label, {"Name": "a"}, strict=True)
    assert str(caught.value) == "Label: Confidence is missing"
    assert from_wire(models.Label, {"Name": "a"}).confidence is None


def test_a_raw_response_has_bytes_and_names_a_blob_that_is_none() -> None:
    results: Operation[Any, Any] = METHODS["get_face_liveness_session_results"]
    content = b'{"ReferenceImage": {"Bytes": "AAEC"}}'
    assert wire_output(results, content, "r-1") == {"ReferenceImage": {"Bytes": b"\0\1\2"}}
    with pytest.raises(DecodeError) as caught:
        wire_output(results, b'{"ReferenceImage": {"Bytes": "#"}}', "r-1")
    error = caught.value
    text = "GetFaceLivenessSessionResults: a blob is not base64 text (Only base64 data is allowed)"
    assert (str(error), error.operation, error.request_id) == (text, "GetFaceLivenessSessionResults", "r-1")
