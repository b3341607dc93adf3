"""Which recorded faces are of one person, by what the service has answered.

A search or a comparison that matches a face, and an association of a face with a user, say that two faces are of one
person. Their declared faces get one `Identity`, so that they match in the emulator's collections too. A face of which
the service has said nothing gets none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from ..._values.boxes import Sides, overlap
from ..._values.narrow import is_mapping, is_sequence
from .answers import name_of, searched_face

MATCH = 80.0
"""The least similarity of a match that counts, the default of the service's searches."""
_NUMBERED = "person-"
_SAME = 0.5
"""Part of the union of two boxes that is in both if they are of one face."""


class Node(NamedTuple):
    """A face of a collection, or a user, by its id. Face ids are unique; user ids are, in their collection.

    The face of an image that was compared with others has the name of the image and its box in place of an id.
    """

    node_id: object
    collection: object = None
    is_user: bool = False


class Link(NamedTuple):
    """The place of a face in an image, and a node: a face id or a user."""

    box: Sides
    node: Node


class Identities:
    """Groups of nodes that are one person, and the places of faces in images."""

    def __init__(self) -> None:
        self._parents: dict[Node, Node] = {}
        self._links: dict[str, list[Link]] = {}

    def learn(
        self, operation: str, name: str | None, request: Mapping[str, object], response: Mapping[str, object]
    ) -> None:
        """Learn from a response; `name` is that of the image of the request."""
        collection = request.get("CollectionId")
        if operation == "IndexFaces" and name is not None:
            for record in _rows(response, "FaceRecords"):
                detail, face = record.get("FaceDetail"), record.get("Face")
                self._link(name, detail, [Node(each) for each in _ids(face, "FaceId")])
        elif operation == "AssociateFaces":
            faces = [Node(each) for row in _rows(response, "AssociatedFaces") for each in _ids(row, "FaceId")]
            self._join([Node(request.get("UserId"), collection, is_user=True), *faces])
        elif operation == "SearchFaces":
            self._join([Node(request.get("FaceId")), *_matches(collection, response)])
        elif operation in ("SearchFacesByImage", "SearchUsersByImage") and name is not None:
            for face in searched_face(response):
                self._link(name, face, list(_matches(collection, response)))
        elif operation == "CompareFaces":
            self._compare(request, response)

    def _compare(self, request: Mapping[str, object], response: Mapping[str, object]) -> None:
        source, target = name_of(request.get("SourceImage")), name_of(request.get("TargetImage"))
        face = response.get("SourceImageFace")
        matches = [row.get("Face") for row in _rows(response, "FaceMatches") if _is_match(row)]
        if source is not None and target is not None and matches:
            node = Node((source, _sides(face)))
            for name, each in ((source, face), *((target, match) for match in matches)):
                self._link(name, each, [node])

    def _link(self, name: str, face: object, nodes: list[Node]) -> None:
        box = _sides(face)
        if box is not None and nodes:
            links = self._links.setdefault(name, [])
            self._join([*nodes, *(link.node for link in links if overlap(box, link.box) >= _SAME)])
            links.append(Link(box, nodes[0]))

    def _join(self, nodes: list[Node]) -> None:
        first = self._root(nodes[0])
        for node in nodes[1:]:
            self._parents[self._root(node)] = first

    def _root(self, node: Node) -> Node:
        while (parent := self._parents.setdefault(node, node)) != node:
            node = parent
        return node

    def identified(self, name: str, faces: Iterable[object], people: Mapping[Node, str]) -> Iterator[object]:
        """Yield the faces of an image, with the identities of those that the service has matched."""
        links = self._links.get(name, [])
        for face in faces:
            box = _sides(face)
            same = [link for link in links if box is not None and overlap(box, link.box) >= _SAME]
            yield {**face, "Identity": people[self._root(same[0].node)]} if same and is_mapping(face) else face

    def people(self, *, redact: bool, first: int) -> dict[Node, str]:
        """Return a name for each person: the id of its only user; else, or to redact, a number, from `first` on."""
        groups: dict[Node, list[str]] = {}
        for node in self._parents:
            users = groups.setdefault(self._root(node), [])
            if node.is_user:
                users.append(str(node.node_id))
        return {
            root: users[0] if len(users) == 1 and not redact else f"{_NUMBERED}{number}"
            for number, (root, users) in enumerate(groups.items(), start=first)
        }


def number_of(face: object) -> int:
    """Return the number in the identity of a declared face; 0 without one."""
    identity = face.get("Identity") if is_mapping(face) else None
    number = identity.removeprefix(_NUMBERED) if isinstance(identity, str) else ""
    return int(number) if number.isdecimal() and len(number) < 10 else 0


def _matches(collection: object, response: Mapping[str, object]) -> Iterator[Node]:
    for row in _rows(response, "FaceMatches"):
        if _is_match(row):
            yield from (Node(each) for each in _ids(row.get("Face"), "FaceId"))
    for row in _rows(response, "UserMatches")[:1]:  # further users are other people
        if _is_match(row):
            yield from (Node(each, collection, is_user=True) for each in _ids(row.get("User"), "UserId"))


def _is_match(row: Mapping[str, object]) -> bool:
    similarity = row.get("Similarity")
    return isinstance(similarity, int | float) and similarity >= MATCH


def _rows(response: Mapping[str, object], member: str) -> list[Mapping[str, object]]:
    found = response.get(member)
    return [row for row in found if is_mapping(row)] if is_sequence(found) else []


def _ids(row: object, member: str) -> list[str]:
    found = row.get(member) if is_mapping(row) else None
    return [found] if isinstance(found, str) else []


def _sides(face: object) -> Sides | None:
    box = face.get("BoundingBox") if is_mapping(face) else None
    sides = [box.get(name) for name in ("Left", "Top", "Width", "Height")] if is_mapping(box) else []
    numbers = [float(side) for side in sides if isinstance(side, int | float)]
    if len(numbers) != 4:
        return None
    left, top, width, height = numbers
    return left, top, width, height
