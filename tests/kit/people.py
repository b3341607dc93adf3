"""Pictures of people who don't exist: what they show is declared, so every test knows who is who."""

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
    """Takes pictures of people by their names, and calls operations on one collection of them."""

    def __init__(self, emulator: Emulator, collection: str = COLLECTION, region: str | None = None) -> None:
        self.emulator = emulator
        self.wire = WireClient(emulator, region)
        self.collection = collection
        self._numbers = count(1)
        created = self.wire("CreateCollection", CollectionId=collection)
        assert created.status == 200, created.body

    def image(self, *who: str | Mapping[str, object], number: int | None = None) -> bytes:
        """Return a picture, like no other, of people side by side, the first the largest."""
        shade = next(self._numbers) if number is None else number
        image = Image.new("RGB", (200, 100), (shade % 256, shade // 256, 90))
        data = image_file(image)
        self.emulator.declare(data, faces=[face_declaration(each, location) for location, each in enumerate(who)])
        return data

    def __call__(self, operation: str, **members: Any) -> dict[str, Any]:
        """Call an operation on the collection, which must succeed."""
        response = self.wire(operation, CollectionId=self.collection, **members)
        assert response.status == 200, response.body
        return response.body

    def refusal(self, operation: str, **members: Any) -> tuple[str, str]:
        """Call an operation on the collection, which must fail."""
        return self.wire(operation, CollectionId=self.collection, **members).refusal

    def index(self, *who: str | Mapping[str, object], **members: Any) -> list[str]:
        """Index a new picture of people, and return their face ids."""
        response = self("IndexFaces", Image={"Bytes": self.image(*who)}, **members)
        return [record["Face"]["FaceId"] for record in response["FaceRecords"]]

    def matches(self, face_id: str, **members: Any) -> list[str]:
        """Return the face ids that a face is found to look like."""
        return [match["Face"]["FaceId"] for match in self("SearchFaces", FaceId=face_id, **members)["FaceMatches"]]

    def listed(self, **members: Any) -> list[str]:
        """Return the face ids of the collection, on one page."""
        return [face["FaceId"] for face in self("ListFaces", **members).get("Faces", [])]


def face_declaration(who: str | Mapping[str, object], location: int = 0) -> dict[str, object]:
    """Return the declaration of a face: the further to the right the smaller."""
    side = 0.3 * 0.8**location
    box = {"Left": 0.01 * location, "Top": 0.1, "Width": side, "Height": side}
    return {"BoundingBox": box, "Confidence": 99.0, **({"Identity": who} if isinstance(who, str) else who)}
