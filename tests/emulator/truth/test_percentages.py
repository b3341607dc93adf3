"""Warnings about declared confidences that look like ratios."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING

import httpx
import pytest

from rekog.emulator import StateError, TruthError
from rekog.emulator.serving.routes import PREFIX
from rekog.emulator.truth.declaring import checked
from rekog.emulator.truth.percentages import ratio_warning
from rekog.errors import RekogError, RekogWarning
from tests.emulator.serving.control_client import ControlTransport, error_of
from tests.emulator.truth.declarations import BOX, IMAGE, VERSION, label_names

if TYPE_CHECKING:
    from pathlib import Path

    from rekog import RekognitionClient
    from rekog.emulator import Emulator

NINETY = "0.9 is 0.9 percent; for 90 percent write 90"


WARNINGS: list[tuple[dict[str, object], str]] = [
    ({"labels": [("Cat", 0.9)]}, f"labels[0].Confidence: {NINETY}"),
    (
        {"labels": ["Cat", {"Name": "Dog", "Confidence": 1}]},
        "labels[1].Confidence: 1 is 1 percent; for 100 percent write 100",
    ),
    ({"faces": [{"BoundingBox": BOX, "Smile": (True, 0.9)}]}, f"faces[0].Smile.Confidence: {NINETY}"),
    ({"labels": [{"Timestamp": 0, "Name": "Cat", "Confidence": 0.9}]}, f"labels[0].Label.Confidence: {NINETY}"),
    ({"custom_labels": {VERSION: [("cat", 0.9)]}}, f"custom_labels.{VERSION}[0].Confidence: {NINETY}"),
    (
        {"custom_labels": [{"Name": "cat", "AssumedThreshold": 0.9}]},
        f"custom_labels.[0].AssumedThreshold: {NINETY}",
    ),
    (
        {"celebrities": [{"Name": "Ann", "Face": BOX, "MatchConfidence": 0.975}]},
        "celebrities[0].MatchConfidence: 0.975 is 0.975 percent; for 97.5 percent write 97.5",
    ),
]


def test_a_confidence_up_to_one_gets_a_warning_with_its_path_and_the_remedy() -> None:
    for declaration, text in WARNINGS:
        assert ratio_warning(checked(declaration)) == text


@pytest.mark.parametrize("confidence", [0, 1.01, 50, 100])
def test_another_confidence_gets_no_warning(confidence: float) -> None:
    declaration: dict[str, object] = {"labels": [("Cat", confidence)], "faces": [{"BoundingBox": BOX}]}
    assert ratio_warning(checked(declaration)) is None


def test_one_warning_names_the_other_entries() -> None:
    two: dict[str, object] = {"labels": [("a", 0.9), ("b", 0.8)]}
    assert ratio_warning(checked(two)) == f"labels[0].Confidence: {NINETY} (likewise labels[1].Confidence)"


@pytest.mark.parametrize(("number", "more"), [(4, ""), (5, ", 1 more"), (6, ", 2 more")])
def test_one_warning_names_four_entries_and_counts_the_others(number: int, more: str) -> None:
    named = ", ".join(f"labels[{index}].Confidence" for index in (1, 2, 3))
    declaration: dict[str, object] = {"labels": [(name, 0.9) for name in "abcdef"[:number]]}
    assert ratio_warning(checked(declaration)) == f"labels[0].Confidence: {NINETY} (likewise {named}{more})"


def test_a_warning_shows_the_line_of_the_call_and_the_content_is_stored(
    emulator: Emulator, client: RekognitionClient
) -> None:
    with pytest.warns(RekogWarning, match=NINETY) as caught:
        emulator.declare(IMAGE, labels=[("Cat", 0.9)])
    assert (len(caught), caught[0].filename) == (1, __file__)
    assert [label.confidence for label in client.detect_labels(IMAGE, min_confidence=0).labels] == [0.9]


def test_a_warning_that_is_an_error_stores_nothing(emulator: Emulator, client: RekognitionClient) -> None:
    emulator.declare(IMAGE, labels=["Dog"])
    with pytest.raises(RekogWarning):  # the tests run with warnings as errors
        emulator.declare(IMAGE, labels=[("Cat", 0.9)])
    assert label_names(client) == ["Dog"]


def test_warnings_for_documents_and_files_have_the_position_of_the_entry(emulator: Emulator, tmp_path: Path) -> None:
    entries: list[dict[str, object]] = [
        {"of": "s3://b/one", "labels": []},
        {"of": "s3://b/two", "labels": [["Cat", 0.9]]},
    ]
    with pytest.warns(RekogWarning, match=rf"^declare\[1\]\.labels\[0\]\.Confidence: {NINETY}") as caught:
        emulator.declare_document({"declare": entries})
    assert caught[0].filename == __file__
    file = tmp_path / "truth.toml"
    file.write_text('[[declare]]\nof = "s3://b/one"\nlabels = [["Cat", 0.9]]\n')
    with pytest.warns(RekogWarning, match=r"truth\.toml: declare\[0\]\.labels\[0\]\.Confidence") as caught:
        emulator.declare_file(file)
    assert caught[0].filename == __file__


def test_the_confidence_of_a_liveness_session_gets_a_warning(emulator: Emulator, client: RekognitionClient) -> None:
    session = client.create_face_liveness_session().session_id
    with pytest.warns(RekogWarning, match=f"^confidence: {NINETY}") as caught:
        emulator.declare_liveness(session, confidence=0.9)
    assert caught[0].filename == __file__


def test_the_control_api_refuses_a_ratio_when_warnings_are_errors(emulator: Emulator) -> None:
    body = {"of": "s3://b/one", "labels": [["Cat", 0.9]]}
    with httpx.Client(base_url=f"http://rekog{PREFIX}", transport=ControlTransport(emulator)) as control:
        assert error_of(control.post("declare", json=body)) == (400, f"declare[0].labels[0].Confidence: {NINETY}")
        with pytest.warns(RekogWarning, match=NINETY):
            assert control.post("declare", json=body).status_code == 200


# The errors of the emulator


@pytest.mark.parametrize(("error", "base"), [(TruthError, ValueError), (StateError, Exception)])
def test_the_errors_of_the_emulator_are_errors_of_the_package(error: type[Exception], base: type[Exception]) -> None:
    assert issubclass(error, RekogError)
    assert issubclass(error, base)
    assert error.__module__ == "rekog.emulator"


def test_an_error_of_a_declaration_pickles() -> None:
    error = TruthError(["a: wrong", "b: wrong"], "truth.toml: ")
    copy = pickle.loads(pickle.dumps(error))
    assert (copy.problems, str(copy)) == (error.problems, str(error))
    assert str(pickle.loads(pickle.dumps(StateError("full")))) == "full"
