"""Images with declared faces of people, and calls on one collection."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

from PIL import Image

from tests.kit.wire import WireClient, image_file

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rekog.emulator import Emulator

COLLECTION = "people"


class People:
    """Creates images with declared faces of people, and calls operations on one collection."""

    def __init__(self, emulator: Emulator, collection: str = COLLECTION, region: str | None = None) -> None:
        self.emulator = emulator
        self.wire = WireClient(emulator, region)
        self.collection = collection
        self._numbers = count(1)
        created = self.wire("CreateCollection", CollectionId=collection)
        assert created.status == 200, created.body

    def image(self, *faces: str | Mapping[str, object], number: int | None = None) -> bytes:
        """Return a new image with declared faces side by side; the first face is the largest."""
        shade = next(self._numbers) if number is None else number
        image = Image.new("RGB", (200, 100), (shade % 256, shade // 256, 90))
        data = image_file(image)
        self.emulator.declare(data, faces=[face_declaration(face, position) for position, face in enumerate(faces)])
        return data

    def __call__(self, operation: str, **members: Any) -> dict[str, Any]:
        """Call an operation on the collection; it must succeed."""
        response = self.wire(operation, CollectionId=self.collection, **members)
        assert response.status == 200, response.body
        return response.body

    def refusal(self, operation: str, **members: Any) -> tuple[str, str]:
        """Call an operation on the collection; it must fail. Return the code and text of the error."""
        return self.wire(operation, CollectionId=self.collection, **members).refusal

    def index(self, *faces: str | Mapping[str, object], **members: Any) -> list[str]:
        """Index a new image of people, and return the face ids."""
        response = self("IndexFaces", Image={"Bytes": self.image(*faces)}, **members)
        return [record["Face"]["FaceId"] for record in response["FaceRecords"]]

    def matches(self, face_id: str, **members: Any) -> list[str]:
        """Return the face ids of the matches of a face."""
        return [match["Face"]["FaceId"] for match in self("SearchFaces", FaceId=face_id, **members)["FaceMatches"]]

    def listed(self, **members: Any) -> list[str]:
        """Return the face ids of the collection, from one page."""
        return [face["FaceId"] for face in self("ListFaces", **members).get("Faces", [])]


def face_declaration(face: str | Mapping[str, object], position: int = 0) -> dict[str, object]:
    """Return the declaration of a face at a position in the row; each further face is smaller."""
    side = 0.3 * 0.8**position
    box = {"Left": 0.01 * position, "Top": 0.1, "Width": side, "Height": side}
    return {"BoundingBox": box, "Confidence": 99.0, **({"Identity": face} if isinstance(face, str) else face)}
