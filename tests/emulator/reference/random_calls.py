"""Random calls on collections, faces and users, each compared with the expected response of the reference model."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from random import Random
from typing import TYPE_CHECKING, Any, TypeVar, cast

from rekog.emulator import Durations, Emulator, Limits, ManualClock
from tests.emulator.reference.model import Reference
from tests.emulator.reference.pages import Pages
from tests.emulator.reference.state import NOT_AN_IMAGE, ExpectedError
from tests.kit.drawn_faces import SCENE_IMAGES, DrawnFaceDetector
from tests.kit.wire import WireClient

if TYPE_CHECKING:
    from typing import Self

    from tests.emulator.reference.state import Json

T = TypeVar("T")

START = 1_700_000_000
UNKNOWN_FACE_ID = "00000000-0000-4000-8000-000000000000"
COLLECTIONS = ("people", "Z_1", "a.b", "b-2")
USERS = ("ann", "bob", "cid", "d:1", "e")
LIMITS = Limits(collections=3, faces_per_collection=12, users_per_collection=3, faces_per_user=3)
FREELY_ORDERED = {"DeletedFaces", "AssociatedFaces", "DisassociatedFaces", "Reasons"}
SHOWN_CALLS = 12
"""Number of calls that the message of a wrong response shows."""


class RandomCalls:
    """Makes random calls, the same for a seed. A change of a user's faces takes `update_seconds` seconds."""

    def __init__(self, seed: object, update_seconds: float) -> None:
        self.random = Random(repr(seed))
        self.clock = ManualClock(START)
        self.emulator = Emulator(
            face_detector=DrawnFaceDetector(),
            face_embedder=DrawnFaceDetector(),
            clock=self.clock,
            limits=LIMITS,
            durations=Durations(user=update_seconds),
        )
        self.wire = WireClient(self.emulator)
        self.reference = Reference(LIMITS, update_seconds, self.clock)
        self.pages = Pages(self.reference)
        self.unknown_face_ids: list[str] = [UNKNOWN_FACE_ID]
        self.page_requests: list[tuple[str, Json]] = []
        self.requests_with_token: list[tuple[str, Json]] = []
        self.history: list[str] = []
        self.outcomes = Counter[tuple[str, str]]()
        """Counts of outcomes by operation: error codes, `success`, and interesting members of responses."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.emulator.close()

    def run(self, steps: int) -> None:
        """Make a number of steps; most of them are one call."""
        self.call("CreateCollection", CollectionId=COLLECTIONS[0])
        chosen = self.random.choices(list(_STEPS), list(_STEPS.values()), k=steps)
        for step in chosen:
            step(self)

    def call(self, operation: str, **members: object) -> Json:
        """Call an operation with the members that are not None. Return its response, empty for an error."""
        wire = {name: value for name, value in members.items() if value is not None}
        self.history.append(f"{self.clock() - START:g} s: {operation} {_without_bytes(wire)}")
        response = self.wire(operation, **wire)
        try:
            expected = self._expected(operation, wire, response.body)
        except ExpectedError as refusal:
            self._compare((response.status, response.body.get("__type")), (400, str(refusal)))
            self.outcomes[operation, str(refusal)] += 1
            return {}
        self._compare((response.status, response.body if response.status >= 400 else {}), (200, {}))
        if "ClientRequestToken" in wire:
            self.requests_with_token.append((operation, wire))
        self._compare(self._normal(response.body), self._normal(expected))
        self._record(operation, response.body)
        return response.body

    def _expected(self, operation: str, wire: Json, given: Json) -> Json:
        model = self.pages if operation.startswith("List") else self.reference
        try:
            return model.expected_response(operation, wire, given)
        except (AssertionError, KeyError, ValueError) as error:
            raise AssertionError(f"{error!r} of {given} after {self._recent_calls()}") from error

    def _record(self, operation: str, response: Json) -> None:
        self.outcomes[operation, "success"] += 1
        for name, value in response.items():
            if value and isinstance(value, list):
                self.outcomes[operation, name] += 1
            if name.startswith("Un"):  # faces for which the operation failed
                failed = cast("list[Json]", value)  # cast: of a JSON value
                self.outcomes.update((operation, reason) for item in failed for reason in item.get("Reasons") or ["-"])
        if "UserStatus" in response:
            self.outcomes[operation, response["UserStatus"]] += 1
        self.outcomes.update((operation, user["UserStatus"]) for user in response.get("Users", ()))

    # Random arguments

    def one_of(self, *choices: T) -> T:
        """Choose one with equal probability."""
        return self.random.choice(choices)

    def collection_id(self) -> str:
        """Choose a collection id: usually the first collection, or another existing one."""
        first = [COLLECTIONS[0]] * 3 if COLLECTIONS[0] in self.reference.collections else []
        return self._usually([*first, *self.reference.collections], COLLECTIONS)

    def user(self, collection_id: str) -> str:
        """Choose a user id: usually one of a collection."""
        collection = self.reference.collections.get(collection_id)
        return self._usually(collection.users if collection else (), USERS)

    def face(self, collection_id: str) -> str:
        """Choose a face id: usually one of a collection, or of another one, a deleted or an unknown one."""
        result = self.reference.collections
        others = [face_id for collection in result.values() for face_id in collection.faces]
        return self._usually(
            result[collection_id].faces if collection_id in result else (), [*others, *self.unknown_face_ids]
        )

    def faces(self, collection_id: str) -> list[str]:
        """Choose several face ids, perhaps with a repetition."""
        return [self.face(collection_id) for _ in range(self.random.randint(1, 5))]

    def image(self) -> Json:
        """Choose an image, or rarely bytes that are not an image."""
        return {"Bytes": self.random.choice([*SCENE_IMAGES * 4, NOT_AN_IMAGE])}

    def _usually(self, likely: Iterable[str], otherwise: Sequence[str]) -> str:
        choices = list(likely)
        return self.random.choice(choices if choices and self.random.random() < 0.85 else otherwise)

    def token(self) -> str | None:
        """Choose a ClientRequestToken, usually none."""
        return self.one_of(None, None, None, "t1", "t2", "t3")

    def threshold(self) -> float | None:
        """Choose a threshold, or the default."""
        return self.one_of(None, 0, 0, 30, 60.5, 90, 100)

    def quality(self) -> str | None:
        """Choose a QualityFilter, or the default."""
        return self.one_of(None, "NONE", "NONE", "AUTO", "LOW", "MEDIUM", "HIGH")

    # Steps

    def create_collection(self) -> None:
        self.call("CreateCollection", CollectionId=self.one_of(*COLLECTIONS))

    def delete_collection(self) -> None:
        self.call("DeleteCollection", CollectionId=self.one_of(*COLLECTIONS))

    def describe_collection(self) -> None:
        self.call("DescribeCollection", CollectionId=self.collection_id())

    def index_faces(self) -> None:
        members = {"QualityFilter": self.quality(), "ExternalImageId": self.one_of(None, None, "x", "y:1")}
        maximum = self.one_of(None, None, None, 1, 2, 3)
        self.call("IndexFaces", CollectionId=self.collection_id(), Image=self.image(), MaxFaces=maximum, **members)

    def delete_faces(self) -> None:
        collection_id = self.collection_id()
        self.unknown_face_ids += self.call(
            "DeleteFaces", CollectionId=collection_id, FaceIds=self.faces(collection_id)
        ).get("DeletedFaces", ())

    def search_faces(self) -> None:
        collection_id = self.collection_id()
        members = {
            "FaceId": self.face(collection_id),
            "FaceMatchThreshold": self.threshold(),
            "MaxFaces": self.one_of(None, 2),
        }
        self.call("SearchFaces", CollectionId=collection_id, **members)

    def search_faces_by_image(self) -> None:
        members = {"FaceMatchThreshold": self.threshold(), "MaxFaces": self.one_of(None, 2)}
        image, quality = self.image(), self.quality()
        self.call(
            "SearchFacesByImage", CollectionId=self.collection_id(), Image=image, QualityFilter=quality, **members
        )

    def create_user(self) -> None:
        user = self.one_of(*USERS)
        self.call("CreateUser", CollectionId=self.collection_id(), UserId=user, ClientRequestToken=self.token())

    def delete_user(self) -> None:
        collection_id = self.collection_id()
        self.call(
            "DeleteUser", CollectionId=collection_id, UserId=self.user(collection_id), ClientRequestToken=self.token()
        )

    def associate_faces(self) -> None:
        collection_id = self.collection_id()
        members = {"UserMatchThreshold": self.threshold(), "ClientRequestToken": self.token()}
        self.call(
            "AssociateFaces",
            CollectionId=collection_id,
            UserId=self.user(collection_id),
            FaceIds=self.faces(collection_id),
            **members,
        )

    def disassociate_faces(self) -> None:
        collection_id = self.collection_id()
        members = {"FaceIds": self.faces(collection_id), "ClientRequestToken": self.token()}
        self.call("DisassociateFaces", CollectionId=collection_id, UserId=self.user(collection_id), **members)

    def repeat_request(self) -> None:
        """Repeat a request with a ClientRequestToken, unchanged or with another collection or user."""
        if self.requests_with_token:
            operation, wire = self.random.choice(self.requests_with_token[-8:])
            changes = self.one_of({}, {}, {"UserId": self.one_of(*USERS)}, {"CollectionId": self.one_of(*COLLECTIONS)})
            before = self.outcomes[operation, "success"]
            self.call(operation, **{**wire, **changes})
            self.outcomes[operation, "repeated"] += self.outcomes[operation, "success"] - before

    def search_users(self) -> None:
        collection_id = self.collection_id()
        by = self.one_of(("FaceId",), ("FaceId",), ("UserId",), ("UserId",), ("FaceId", "UserId"), ())
        requested = {name: self.face(collection_id) if name == "FaceId" else self.user(collection_id) for name in by}
        members = {"UserMatchThreshold": self.threshold(), "MaxUsers": self.one_of(None, 1)}
        self.call("SearchUsers", CollectionId=collection_id, **requested, **members)

    def search_users_by_image(self) -> None:
        members = {"UserMatchThreshold": self.threshold(), "MaxUsers": self.one_of(None, 1)}
        image, quality = self.image(), self.quality()
        self.call(
            "SearchUsersByImage", CollectionId=self.collection_id(), Image=image, QualityFilter=quality, **members
        )

    def list_collections(self) -> None:
        self._list_page("ListCollections", {"MaxResults": self.one_of(None, 0, 1, 2)})

    def list_faces(self) -> None:
        collection_id = self.collection_id()
        ids, user = (
            self.one_of(None, None, self.faces(collection_id)),
            self.one_of(None, None, self.user(collection_id)),
        )
        size = self.one_of(None, 0, 1, 2, 3)
        self._list_page(
            "ListFaces", {"CollectionId": collection_id, "MaxResults": size, "UserId": user, "FaceIds": ids}
        )

    def list_users(self) -> None:
        self._list_page("ListUsers", {"CollectionId": self.collection_id(), "MaxResults": self.one_of(None, 1, 2)})

    def next_page(self) -> None:
        """Request the next page of one of the last listings."""
        if self.page_requests:
            operation, members = self.random.choice(self.page_requests[-5:])
            self._list_page(operation, members)
            self.outcomes[operation, "next page"] += 1

    def page_with_other_token(self) -> None:
        """Send a page token, perhaps altered, for another listing."""
        if self.page_requests:
            operation, members = self.one_of(*self.page_requests[-5:])[0], self.one_of(*self.page_requests[-5:])[1]
            token = members["NextToken"]
            position = self.random.randrange(len(token))
            letter = self.one_of(token[position], self.one_of(*"aZ9-_"))
            collection_id = {} if operation == "ListCollections" else {"CollectionId": self.collection_id()}
            self._list_page(
                operation, {**collection_id, "NextToken": token[:position] + letter + token[position + 1 :]}
            )

    def wait(self) -> None:
        self.clock.advance(self.one_of(4, 4, 20))

    def _list_page(self, operation: str, members: Json) -> None:
        response = self.call(operation, **members)
        if "NextToken" in response:
            self.page_requests.append((operation, {**members, "NextToken": response["NextToken"]}))

    # Comparing

    def _compare(self, response: Any, expected: Any) -> None:
        different = _difference(response, expected)
        assert different is None, f"{different} after {self._recent_calls()}"

    def _normal(self, value: Any, name: str = "") -> Any:
        """Return a response without unpredictable members, and with lists of undefined order sorted."""
        if isinstance(value, dict):
            members = cast("Json", value)  # cast: of a JSON value
            known = ("BoundingBox", "Confidence") if name in ("FaceDetail", "FaceDetails") else members
            return {member: self._normal(members[member], member) for member in sorted(known)}
        if isinstance(value, list):
            items = [self._normal(item) for item in cast("Sequence[Any]", value)]  # cast: of a JSON value
            if name in ("FaceMatches", "UserMatches"):
                similarities = [item["Similarity"] for item in items]
                self._compare(all(one >= other - 0.01 for one, other in pairwise(similarities)), expected=True)
            return sorted(items, key=str) if name in FREELY_ORDERED or name.startswith("Unsuccessful") else items
        return value

    def _recent_calls(self) -> str:
        return "\n".join([f"{len(self.history)} calls, the last ones:", *self.history[-SHOWN_CALLS:]])


def _difference(response: Any, expected: Any, location: str = "the response") -> str | None:
    """Return where two JSON values differ, if they do. Numbers may differ by the precision of a float32."""
    if isinstance(expected, dict) and isinstance(response, dict):
        ours, theirs = cast("Json", expected), cast("Json", response)  # cast: of JSON values
        if ours.keys() == theirs.keys():
            result = (_difference(theirs[name], item, f"{location}.{name}") for name, item in ours.items())
            return next(filter(None, result), None)
    elif isinstance(expected, list | tuple) and isinstance(response, list | tuple):
        given, due = cast("list[Any]", response), cast("list[Any]", expected)  # cast: of JSON values
        if len(given) == len(due):
            pairs = enumerate(zip(given, due, strict=True))
            result = (_difference(*pair, f"{location}[{number}]") for number, pair in pairs)
            return next(filter(None, result), None)
    elif isinstance(expected, float) and isinstance(response, float | int):
        return (
            None if math.isclose(response, expected, abs_tol=2e-3) else f"{location} is {response} and not {expected}"
        )
    return None if response == expected else f"{location} is {response!r} and not {expected!r}"


def _without_bytes(wire: Json) -> Json:
    image = wire.get("Image", {}).get("Bytes")
    scene = {} if image is None else {"Image": SCENE_IMAGES.index(image) if image in SCENE_IMAGES else "none"}
    return {**wire, **scene}


_STEPS: dict[Callable[[RandomCalls], None], int] = {
    RandomCalls.create_collection: 3,
    RandomCalls.delete_collection: 1,
    RandomCalls.describe_collection: 3,
    RandomCalls.index_faces: 10,
    RandomCalls.delete_faces: 3,
    RandomCalls.search_faces: 5,
    RandomCalls.search_faces_by_image: 5,
    RandomCalls.create_user: 7,
    RandomCalls.delete_user: 2,
    RandomCalls.associate_faces: 14,
    RandomCalls.disassociate_faces: 6,
    RandomCalls.repeat_request: 6,
    RandomCalls.search_users: 7,
    RandomCalls.search_users_by_image: 5,
    RandomCalls.list_collections: 3,
    RandomCalls.list_faces: 6,
    RandomCalls.list_users: 5,
    RandomCalls.next_page: 6,
    RandomCalls.page_with_other_token: 3,
    RandomCalls.wait: 10,
}
"""Weights of the random choice of steps."""
