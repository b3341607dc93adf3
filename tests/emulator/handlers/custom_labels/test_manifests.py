"""Lines of manifests: the errors in them with their places and texts, the bounds of each rule, and the split."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rekog._values.narrow import is_mapping, is_sequence
from rekog.emulator.handlers.custom_labels.manifests import Manifest, chosen_for_test, parse, parse_line, with_error
from rekog.emulator.state.rows.datasets import Entry
from tests.kit.custom_labels import box_line, label_line, unlabelled_line

CLASSIFICATION, DETECTION = "groundtruth/image-classification", "groundtruth/object-detection"
SOURCE = "s3://photos/a.jpg"
NO_MEMBERS: dict[str, object] = {}
SIZE = {"width": 100, "height": 50, "depth": 3}
BOX = {"class_id": 0, "left": 10, "top": 20, "width": 30, "height": 15}
TEXTS = {
    "ERROR_INVALID_LABEL_ATTRIBUTE_FORMAT": "The label attribute does not have the form that its type requires.",
    "ERROR_INVALID_LABEL_ATTRIBUTE_METADATA_FORMAT": "The metadata does not have the form that its type requires.",
    "ERROR_UNSUPPORTED_USE_CASE_TYPE": (
        "The type of the metadata must be groundtruth/image-classification or groundtruth/object-detection."
    ),
    "ERROR_INVALID_LABEL_NAME_LENGTH": "A label has 1 to 255 characters.",
    "ERROR_MISSING_BOUNDING_BOX_CONFIDENCE": "Each bounding box needs a confidence in the metadata.",
    "ERROR_MISSING_CLASS_MAP_ID": "The class id of the bounding box is not in the class map.",
    "ERROR_BOUNDING_BOX_TOO_SMALL": "The bounding box must be more than a pixel wide and high.",
    "ERROR_INVALID_BOUNDING_BOX": "The bounding box extends beyond the image.",
}
METADATA, FORM = "ERROR_INVALID_LABEL_ATTRIBUTE_METADATA_FORMAT", "ERROR_INVALID_LABEL_ATTRIBUTE_FORMAT"
LENGTH, KIND = "ERROR_INVALID_LABEL_NAME_LENGTH", "ERROR_UNSUPPORTED_USE_CASE_TYPE"
CONFIDENCE, CLASS = "ERROR_MISSING_BOUNDING_BOX_CONFIDENCE", "ERROR_MISSING_CLASS_MAP_ID"
SMALL, OUTSIDE = "ERROR_BOUNDING_BOX_TOO_SMALL", "ERROR_INVALID_BOUNDING_BOX"


def labelled(name: object = "dog", value: object = 1, **metadata: object) -> dict[str, Any]:
    """Return a line with a label of the whole image."""
    return {"source-ref": SOURCE, "x": value, "x-metadata": {"type": CLASSIFICATION, "class-name": name, **metadata}}


def boxed(*boxes: object, value: object = None, **metadata: object) -> dict[str, Any]:
    """Return a line with boxes; those that are no dict are put into it as they are."""
    own = {"type": DETECTION, "class-map": {"0": "nose"}, "objects": [{"confidence": 1} for _ in boxes], **metadata}
    content = {"image_size": [SIZE], "annotations": [*boxes]} if value is None else value
    return {"source-ref": SOURCE, "x": content, "x-metadata": own}


def box(**changes: object) -> dict[str, object]:
    return {**BOX, **changes}


def parsed(value: dict[str, Any]) -> Entry:
    entry = parse_line(json.dumps(value), adapter=False)
    assert entry is not None
    return entry


def places(value: object, path: str = "") -> dict[str, Any]:
    """Return the `errors` in a JSON value by the paths of the parts that have them."""
    found: dict[str, Any] = {}
    if is_mapping(value):
        for name, item in value.items():
            found |= {path: item} if name == "errors" else places(item, f"{path}/{name}")
    if is_sequence(value):
        for index, item in enumerate(value):
            found |= places(item, f"{path}/{index}")
    return found


def without_errors(value: object) -> Any:
    if is_mapping(value):
        return {name: without_errors(item) for name, item in value.items() if name != "errors"}
    return [without_errors(item) for item in value] if is_sequence(value) else value


LONG = "x" * 255
META, VALUE, FIRST = "/x-metadata", "/x", "/x/annotations/0"
WRONG: list[tuple[dict[str, Any], str, str]] = [
    *((labelled(type=kind), META, KIND) for kind in ("", None, "groundtruth/other", CLASSIFICATION.upper())),
    *((labelled(name), META, METADATA) for name in (None, 1, ["dog"])),
    *((labelled(name), META, LENGTH) for name in ("", LONG + "x", "a\ud800", "\udfff")),
    *((labelled(value=value), META, FORM) for value in ("1", None, True, [1])),
    *((boxed(BOX, **{"class-map": names}), META, METADATA) for names in (None, ["nose"], {"0": 1}, {"0": "a", "1": 2})),
    *((boxed(BOX, objects=objects), META, METADATA) for objects in (None, NO_MEMBERS, [1], [{"confidence": 1}, "x"])),
    *(
        (boxed(BOX, **{"class-map": names}), META, LENGTH)
        for names in ({"0": ""}, {"0": "a", "1": LONG + "x"}, {"0": "a", "1": "\udc00"})
    ),
    *((boxed(BOX, value=value), META, FORM) for value in (1, "x", [BOX])),
    *(
        (boxed(BOX, value={"image_size": [SIZE], "annotations": boxes}), VALUE, FORM)
        for boxes in (None, NO_MEMBERS, [BOX, 1], "x")
    ),
    *(
        (boxed(BOX, value={"image_size": sizes, "annotations": [BOX]}), VALUE, FORM)
        for sizes in (
            *(None, SIZE, [], [SIZE, SIZE], ["x"], [{"width": 100}], [{"height": 50}]),
            *([{**SIZE, "width": "100"}], [{**SIZE, "height": None}]),
        )
    ),
    *((boxed(BOX, objects=objects), META, CONFIDENCE) for objects in ([], [{"confidence": 1}] * 2)),
    *((boxed(BOX, objects=[{"confidence": value}]), META, CONFIDENCE) for value in (None, "1", True)),
    (boxed(BOX, BOX, objects=[{"confidence": 1}, {}]), META, CONFIDENCE),
    *((boxed(box(class_id=name)), FIRST, CLASS) for name in (1, "1", None)),
    *(
        (boxed(box(**{side: value})), FIRST, FORM)
        for side in ("left", "top", "width", "height")
        for value in ("1", None)
    ),
    *((boxed(box(**{side: size})), FIRST, SMALL) for side in ("width", "height") for size in (1, 0, -5)),
    *((boxed(box(**{side: -0.5})), FIRST, OUTSIDE) for side in ("left", "top")),
    *((boxed(box(left=left, width=width)), FIRST, OUTSIDE) for left, width in ((70.5, 30), (0, 100.5))),
    *((boxed(box(top=top, height=height)), FIRST, OUTSIDE) for top, height in ((35.5, 15), (0, 50.5))),
]
RIGHT: list[tuple[dict[str, Any], dict[str, int]]] = [
    *((labelled(name), {name: 0}) for name in ("a", LONG, "\ud7ff", "\ue000", "\U0001f600")),
    *((labelled(value=value), {"dog": 0}) for value in (0, 1, 0.5, -1)),
    (boxed(), {}),
    (boxed(BOX), {"nose": 1}),
    (boxed(BOX, BOX), {"nose": 2}),
    (boxed(BOX, **{"class-map": {"0": LONG}}), {LONG: 1}),
    *((boxed(box(class_id=name)), {"nose": 1}) for name in (0, "0")),
    *((boxed(box(**{side: 1.5})), {"nose": 1}) for side in ("width", "height")),
    *((boxed(box(**{side: 0})), {"nose": 1}) for side in ("left", "top")),
    (boxed(box(left=0, top=0, width=100, height=50)), {"nose": 1}),
    (boxed(box(left=70, top=35)), {"nose": 1}),
    (boxed(BOX, box(class_id=1), **{"class-map": {"0": "nose", "1": "ear"}}), {"nose": 1, "ear": 1}),
    ({**labelled(), "y": 1, "y-metadata": labelled("cat")["x-metadata"]}, {"dog": 0, "cat": 0}),
    ({**labelled("nose"), "y": boxed(BOX)["x"], "y-metadata": boxed(BOX)["x-metadata"]}, {"nose": 1}),
    ({**boxed(BOX), "y": 1, "y-metadata": labelled("nose")["x-metadata"]}, {"nose": 1}),
]


def test_each_error_has_its_place_code_and_text_and_changes_nothing_else() -> None:
    for line, place, code in WRONG:
        entry = parsed(line)
        written = json.loads(entry.line)
        assert places(written) == {place: [{"code": code, "message": TEXTS[code]}]}, line
        assert without_errors(written) == line
        assert entry == Entry(SOURCE, entry.line, {}, labeled=False, faulty=True)


def test_a_line_at_the_bounds_of_each_rule_has_its_labels_and_stays_as_it_is() -> None:
    for line, labels in RIGHT:
        assert parsed(line) == Entry(SOURCE, json.dumps(line), labels, labeled=bool(labels), faulty=False)


def test_each_wrong_box_and_attribute_has_an_error_of_its_own_beside_the_labels_of_the_others() -> None:
    line = {
        **boxed(box(left=-1), BOX, box(width=1), box(class_id=7)),
        "y": 1,
        "y-metadata": {"type": "other"},
        "z": "x",
        "z-metadata": labelled()["x-metadata"],
    }
    entry = parsed(line)
    found = {place: errors[0]["code"] for place, errors in places(json.loads(entry.line)).items()}
    annotations = "/x/annotations"
    assert found == {
        f"{annotations}/0": OUTSIDE,
        f"{annotations}/2": SMALL,
        f"{annotations}/3": CLASS,
        "/y-metadata": KIND,
        "/z-metadata": FORM,
    }
    assert (entry.labels, entry.labeled, entry.faulty) == ({"nose": 1}, True, True)


def test_errors_of_an_earlier_check_are_removed_wherever_they_are() -> None:
    old = [{"code": "OLD", "message": "old"}]
    line = boxed(box(errors=old), errors=old)
    line |= {"errors": old, "note": [[{"errors": old, "a": 1}]]}
    entry = parsed(line)
    assert json.loads(entry.line) == without_errors(line)
    assert (entry.labels, entry.faulty) == ({"nose": 1}, False)


@pytest.mark.parametrize("adapter", [True, False])
def test_a_line_without_an_image_is_left_out(adapter: bool) -> None:
    sources: list[object] = [
        *(
            None,
            1,
            "",
            "photos/a.jpg",
            "http://photos/a.jpg",
            "s3://ab/a.jpg",
            "s3://photos/",
            "s3://photos",
            "s3:///a",
        ),
        *("s3://pho tos/a.jpg", f"s3://{'b' * 256}/a.jpg", "s3://photos/" + "k" * 1025, "s3://photos/\ud800"),
        *(f"x{SOURCE}", "S3://photos/a.jpg"),
    ]
    assert [parse_line(json.dumps({"source-ref": source}), adapter=adapter) for source in sources] == [None] * len(
        sources
    )
    whole = [SOURCE, "s3://abc/k", f"s3://{'b' * 255}/k", "s3://photos/" + "k" * 1024, "s3://photos/a b/\u0436"]
    for source in whole:
        line = json.dumps({"source-ref": source})
        assert parse_line(line, adapter=adapter) == Entry(source, line, {}, labeled=False, faulty=False)
    others = ["", "[]", "{", "1", "null", '"x"', f"[{unlabelled_line('a.jpg')}]", unlabelled_line("a.jpg") + "x"]
    assert [parse_line(line, adapter=adapter) for line in others] == [None] * len(others)


def test_a_line_of_an_adapter_is_kept_as_it_is_and_labeled_by_its_truth_or_any_metadata() -> None:
    truth = "content-moderation-groundtruth"
    members: list[tuple[dict[str, object], bool]] = [
        ({}, False),
        ({truth: {"ModerationLabels": []}}, True),
        ({truth: {"ModerationLabels": [{"Name": "Weapons"}]}}, True),
        ({truth: {"ModerationLabels": {}}}, False),
        ({truth: {}}, False),
        ({truth: []}, False),
        ({"x": 1, "x-metadata": {}}, True),
        ({"x": 1, "x-metadata": []}, False),
        ({"x-metadata": {}}, False),
        ({"x": 1, "x-metadata": {"type": "other", "errors": []}}, True),
    ]
    for more, labeled in members:
        line = json.dumps({"source-ref": SOURCE, **more})
        assert parse_line(line, adapter=True) == Entry(SOURCE, line, {}, labeled, faulty=False), more


def sized(length: int, **members: object) -> str:
    """Return a line of this length."""
    line = {"source-ref": SOURCE, **members, "note": ""}
    return json.dumps({**line, "note": "n" * (length - len(json.dumps(line)))})


def nested(depth: int, *, objects: bool) -> str:
    """Return a line with this number of nested values: the line itself, and arrays or objects in it."""
    inner = '{"a": ' * (depth - 1) + "1" + "}" * (depth - 1) if objects else "[" * (depth - 1) + "]" * (depth - 1)
    return f'{{"source-ref": "{SOURCE}", "x": {inner}}}'


def test_the_longest_and_the_deepest_line_are_accepted() -> None:
    for line in (sized(100_000), nested(100, objects=True), nested(100, objects=False)):
        assert parse_line(line, adapter=False) == Entry(SOURCE, line, {}, labeled=False, faulty=False)
    for line in (sized(100_001), nested(101, objects=True), nested(101, objects=False)):
        assert parse_line(line, adapter=False) is None


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999"])
def test_a_number_that_json_cannot_express_leaves_the_line_out(number: str) -> None:
    line = f'{{"source-ref": "{SOURCE}", "x": %s}}'
    assert parse_line(line % number, adapter=False) is None
    assert parse_line(line % "1e308", adapter=False) is not None


def test_an_error_that_makes_a_line_too_long_saves_its_spaces_and_then_is_left_out() -> None:
    def with_errors(line: str, separators: tuple[str, str]) -> str:
        errors = [{"code": "CODE", "message": "text"}]
        return json.dumps({**json.loads(line), "errors": errors}, separators=separators)

    spaced, tight = (", ", ": "), (",", ":")
    added = [len(with_errors(sized(100), separators)) - 100 for separators in (spaced, tight)]
    for length, separators in ((-added[0], spaced), (1 - added[0], tight), (-added[1], tight)):
        line = sized(100_000 + length)
        assert with_error(line, "CODE", "text") == with_errors(line, separators)
    full = sized(100_001 - added[1])
    assert with_error(full, "CODE", "text") == full


def test_an_error_keeps_the_characters_of_a_line_and_replaces_an_earlier_error() -> None:
    line = json.dumps({"source-ref": SOURCE, "note": "\u0436 \ud800", "errors": []}, ensure_ascii=False)
    expected = (
        '{"source-ref": "s3://photos/a.jpg", "note": "\u0436 \\ud800", "errors": [{"code": "C", "message": "m"}]}'
    )
    assert with_error(line, "C", "m") == expected


def read(*lines: str, adapter: bool = False) -> Manifest:
    data = "\n".join(lines).encode()
    return parse(data, adapter=adapter, limit=len(data))


TOO_MANY = "The manifest file has too many terminal errors."


@pytest.mark.parametrize(("good", "bad", "failure"), [(4, 1, None), (3, 1, TOO_MANY), (8, 2, None), (8, 3, TOO_MANY)])
def test_a_fifth_of_the_lines_may_be_left_out(good: int, bad: int, failure: str | None) -> None:
    lines = [unlabelled_line(f"{number}.jpg") for number in range(good)]
    for others in (["no json"] * bad, lines[:1] * bad):  # a repeated image is left out too
        manifest = read(*lines, *others)
        assert ([entry.line for entry in manifest.entries], manifest.left_out) == (lines, bad)
        assert manifest.failure == failure


def test_the_first_line_of_an_image_counts_and_all_lines_are_read_for_the_project() -> None:
    lines = [label_line(f"{number}.jpg") for number in range(4)]
    manifest = read(*lines, label_line("0.jpg", "cat"))
    assert [entry.line for entry in manifest.entries] == lines
    assert [entry.labels for entry in manifest.entries] == [{"dog": 0}] * 4
    assert [entry.labels for entry in read(*lines, adapter=True).entries] == [{}] * 4


def test_a_manifest_of_too_many_bytes_or_without_text_has_no_entries() -> None:
    line = unlabelled_line("a.jpg").encode()
    assert parse(line, adapter=False, limit=len(line)).failure is None
    large = Manifest([], 0, "The manifest file size exceeds the maximum supported size.")
    assert parse(line, adapter=False, limit=len(line) - 1) == large
    invalid = Manifest([], 0, "The manifest file extension or contents are invalid.")
    for data in (b"", b" \n\t\r\n", b"\xff", b"\xef\xbb\xbf"):
        assert parse(data, adapter=False, limit=100) == invalid


@settings(derandomize=True, max_examples=50, deadline=None)
@given(st.integers(0, 60))
def test_the_last_of_every_five_entries_is_split_off(count: int) -> None:
    chosen = [position for position in range(count) if position % 5 == 4] if count >= 5 else [count - 1][: count - 1]
    assert list(chosen_for_test(count)) == chosen


def test_the_lines_of_the_kit_are_valid() -> None:
    assert [entry.labels for entry in read(label_line("a.jpg"), box_line("b.jpg", (0, 0, 9, 9))).entries] == [
        {"dog": 0},
        {"nose": 1},
    ]
