"""Answers as HTML tables in notebooks."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree as ET

from rekog.models import AuditImage as Audit
from rekog.models import (
    BoundingBox,
    CreateCollectionResponse,
    CustomLabel,
    DetectCustomLabelsResponse,
    DetectFacesResponse,
    FaceDetail,
    Geometry,
    GetFaceLivenessSessionResultsResponse,
    LivenessSessionStatus,
)


def shown(answer: Any) -> tuple[str, list[list[str]]]:
    """Return the title and the cells of the table that a notebook shows."""
    tree = ET.fromstring(f"<div>{answer._repr_html_()}</div>")
    cells = [["".join(cell.itertext()) for cell in row] for row in tree.iter("tr")]
    return "".join(tree.findtext("p") or ""), cells


def test_an_answer_is_a_table_of_its_rows_without_empty_columns() -> None:
    labels = [CustomLabel(name="Lid <b>", confidence=97.123456), CustomLabel(name="Cup", confidence=50.0)]
    assert shown(DetectCustomLabelsResponse(custom_labels=labels)) == (
        "DetectCustomLabelsResponse: 2 rows",
        [["name", "confidence"], ["Lid <b>", "97.12"], ["Cup", "50"]],
    )


def test_the_text_of_a_table_has_nothing_between_its_cells() -> None:
    labels: Any = DetectCustomLabelsResponse(custom_labels=[CustomLabel(name="Lid <b>", confidence=97.123456)])
    assert labels._repr_html_() == (
        "<p>DetectCustomLabelsResponse: 1 row</p><table><thead><tr><th>name</th><th>confidence</th></tr></thead>"
        "<tbody><tr><td>Lid &lt;b&gt;</td><td>97.12</td></tr></tbody></table>"
    )


def test_a_cell_without_a_value_is_empty() -> None:
    box = BoundingBox(left=0.1, top=0.2, width=0.3, height=0.4)
    labels = [
        CustomLabel(name="Lid", confidence=90.0, geometry=Geometry(bounding_box=box)),
        CustomLabel(name="Cup", confidence=50.0),
    ]
    _, rows = shown(DetectCustomLabelsResponse(custom_labels=labels))
    assert rows[1:] == [["Lid", "90", "0.1", "0.2", "0.3", "0.4"], ["Cup", "50", "", "", "", ""]]


def test_a_long_answer_shows_its_first_rows() -> None:
    box = BoundingBox(left=0.1, top=0.2, width=0.3, height=0.4)
    title, rows = shown(DetectFacesResponse(face_details=[FaceDetail(bounding_box=box, confidence=9.0)] * 51))
    assert title == "DetectFacesResponse: 51 rows, the first 50 shown"
    assert len(rows) == 51  # with the head


def test_one_result_is_one_row() -> None:
    answer = DetectCustomLabelsResponse(custom_labels=[CustomLabel(name="Lid", confidence=90.0)])
    assert shown(answer)[0] == "DetectCustomLabelsResponse: 1 row"


def test_an_answer_without_results_shows_its_fields() -> None:
    answer = DetectFacesResponse()
    assert shown(answer) == ("DetectFacesResponse: 0 rows", [["field", "value"], ["face_details", "[]"]])


def test_an_answer_without_a_list_shows_its_fields() -> None:
    answer = CreateCollectionResponse(status_code=200, collection_arn="arn:aws:x", face_model_version="7.0")
    assert shown(answer) == (
        "CreateCollectionResponse",
        [["field", "value"], ["status_code", "200"], ["collection_arn", "arn:aws:x"], ["face_model_version", "7.0"]],
    )


def test_bytes_are_not_shown() -> None:
    answer = GetFaceLivenessSessionResultsResponse(
        session_id="a", status=LivenessSessionStatus.SUCCEEDED, reference_image=Audit(bytes=b"secret")
    )
    assert "<6 bytes>" in str(shown(answer))
    assert "secret" not in str(shown(answer))
