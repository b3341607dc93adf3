"""Answers in programs that use FastAPI, pandas, polars and Jupyter, as docs/answers.md shows them."""

from __future__ import annotations

from importlib import import_module
from typing import Annotated, Any

import fastapi
import nbformat
import polars as pl
import pytest
from fastapi.testclient import TestClient
from nbclient import NotebookClient

from rekog import RekognitionClient
from rekog.models import BoundingBox, DetectFacesResponse, DetectLabelsResponse, Face, Instance, Label
from tests.kit.wire import ASTRONAUT, IMAGE_FOLDER

BOX = BoundingBox(left=0.1, top=0.2, width=0.3, height=0.4)
CAR = Label(name="Car", confidence=98.0, instances=[Instance(bounding_box=BOX, confidence=97.0)])
ROAD = Label(name="Road", confidence=90.0)


def web_application() -> fastapi.FastAPI:
    app = fastapi.FastAPI()

    @app.post("/faces")
    def faces(photograph: Annotated[bytes, fastapi.Body(media_type="image/jpeg")]) -> DetectFacesResponse:
        with RekognitionClient.local() as client:
            return client.detect_faces(photograph)

    @app.post("/known", response_model=list[Face])
    def known(face: Annotated[Face, fastapi.Body()]) -> list[Face]:
        return [face]

    _ = faces, known  # the decorators have registered them
    return app


def test_a_route_of_fastapi_returns_an_answer_as_it_is() -> None:
    with RekognitionClient.local() as client:
        answer = client.detect_faces(ASTRONAUT)
    response = TestClient(web_application()).post("/faces", content=ASTRONAUT.read_bytes())
    assert response.status_code == 200
    assert DetectFacesResponse.from_json(response.content) == answer


def test_the_openapi_schema_names_each_model() -> None:
    schema = web_application().openapi()
    shown = schema["paths"]["/faces"]["post"]["responses"]["200"]["content"]["application/json"]["schema"]
    assert shown == {"$ref": "#/components/schemas/DetectFacesResponse"}
    details = schema["components"]["schemas"]["DetectFacesResponse"]["properties"]["face_details"]
    assert details["items"] == {"$ref": "#/components/schemas/FaceDetail"}
    assert {"FaceDetail", "Landmark", "Emotion", "Face-Input", "Face-Output"} <= schema["components"]["schemas"].keys()


def test_a_route_of_fastapi_takes_a_model_and_names_a_missing_member() -> None:
    client = TestClient(web_application())
    face = Face(face_id="f", image_id="i", confidence=99.0, bounding_box=BOX).to_dict()
    assert client.post("/known", json=face).json() == [face]
    response = client.post("/known", json={**face, "image_id": None})
    assert response.status_code == 422
    assert [error["loc"] for error in response.json()["detail"]] == [["body", "image_id"]]


def test_rows_are_a_data_frame_of_pandas() -> None:
    pandas: Any = import_module("pandas")  # it has no types of its own
    frame = pandas.DataFrame(DetectLabelsResponse(labels=[CAR, ROAD]).to_rows(image="a.jpg"))
    assert list(frame["image"]) == ["a.jpg", "a.jpg"]
    assert str(frame["left"].dtype) == "float64"
    assert list(frame["left"].isna()) == [False, True]
    assert list(frame.groupby("name")["confidence"].max()) == [98.0, 90.0]


def test_rows_are_a_data_frame_of_polars_even_if_the_first_hundred_have_no_box() -> None:
    rows = DetectLabelsResponse(labels=[*[ROAD] * 150, CAR]).to_rows()
    frame = pl.DataFrame(rows, infer_schema_length=None)  # None: from all rows, not the first hundred
    assert frame.schema["left"] == pl.Float64
    assert frame["left"].drop_nulls().to_list() == [0.1]


@pytest.mark.slow
def test_a_notebook_shows_an_answer_as_a_table_and_a_drawing_as_an_image() -> None:
    cells = [
        (
            f"import os; os.chdir({str(IMAGE_FOLDER)!r})\n"
            "from rekog import RekognitionClient, images\n"
            "client = RekognitionClient.local()\n"
            "answer = client.detect_faces('astronaut.jpg')"
        ),
        "answer",
        "answer.face_details[0].landmarks[:2]",
        "images.draw('astronaut.jpg', answer)",
    ]
    module: Any = import_module("nbformat.v4")
    book: Any = module.new_notebook(cells=[module.new_code_cell(cell) for cell in cells])
    NotebookClient(book, kernel_name="python3", timeout=120).execute()
    nbformat.validate(book)
    _, answer, landmarks, image = ([output["data"] for output in cell["outputs"]] for cell in book["cells"])
    assert answer[0]["text/html"].startswith("<p>DetectFacesResponse: 1 row</p><table>")
    assert answer[0]["text/plain"].splitlines()[:2] == ["DetectFacesResponse(", "    face_details=["]
    assert landmarks[0]["text/plain"].splitlines()[0].startswith("[Landmark(type='eyeLeft', x=0.39")
    assert len(image[0]["image/png"]) > 100_000
