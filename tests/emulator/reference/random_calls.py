"""Random calls of collections, faces and users, each compared with what the reference model says."""

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
from tests.emulator.reference.state import NO_IMAGE, RefusedError
from tests.kit.drawn_faces import SCENE_IMAGES, DrawnFaceDetector
from tests.kit.wire import WireClient

if TYPE_CHECKING:
    from typing import Self

    from tests.emulator.reference.state import Json

T = TypeVar("T")

START = 1_700_000_000
NOBODY = "00000000-0000-4000-8000-000000000000"
COLLECTIONS = ("people", "Z_1", "a.b", "b-2")
USERS = ("ann", "bob", "cid", "d:1", "e")
LIMITS = Limits(collections=3, faces_per_collection=12, users_per_collection=3, faces_per_user=3)
FREELY_ORDERED = {"DeletedFaces", "AssociatedFaces", "DisassociatedFaces", "Reasons"}
SHOWN = 12
"""Calls before the one that was answered wrongly that are told with it."""


class Calls:
    """Makes random calls, the same for a seed. A change of a user's faces takes `updating` seconds."""

    def __init__(self, seed: object, updating: float) -> None:
        self.random = Random(repr(seed))
        self.clock = ManualClock(START)
        self.emulator = Emulator(
            face_detector=DrawnFaceDetector(),
            face_embedder=DrawnFaceDetector(),
            clock=self.clock,
            limits=LIMITS,
            durations=Durations(user=updating),
        )
        self.wire = WireClient(self.emulator)
        self.reference = Reference(LIMITS, updating, self.clock)
        self.pages = Pages(self.reference)
        self.gone: list[str] = [NOBODY]
        self.walks: list[tuple[str, Json]] = []
        self.with_token: list[tuple[str, Json]] = []
        self.history: list[str] = []
        self.seen = Counter[tuple[str, str]]()
        """How often each operation was answered with an error's name, with `fine`, or with something of note."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.emulator.close()

    def run(self, steps: int) -> None:
        """Make so many steps, most of which are one call."""
        self.call("CreateCollection", CollectionId=COLLECTIONS[0])
        chosen = self.random.choices(list(_STEPS), list(_STEPS.values()), k=steps)
        for step in chosen:
            step(self)

    def call(self, operation: str, **members: object) -> Json:
        """Call an operation with the members that are not None, and return its answer, empty if it is an error."""
        wire = {name: value for name, value in members.items() if value is not None}
        self.history.append(f"{self.clock() - START:g} s: {operation} {_shown(wire)}")
        response = self.wire(operation, **wire)
        try:
            expected = self._expected(operation, wire, response.body)
        except RefusedError as refusal:
            self._same((response.status, response.body.get("__type")), (400, str(refusal)))
            self.seen[operation, str(refusal)] += 1
            return {}
        self._same((response.status, response.body if response.status >= 400 else {}), (200, {}))
        if "ClientRequestToken" in wire:
            self.with_token.append((operation, wire))
        self._same(self._normal(response.body), self._normal(expected))
        self._note(operation, response.body)
        return response.body

    def _expected(self, operation: str, wire: Json, given: Json) -> Json:
        model = self.pages if operation.startswith("List") else self.reference
        try:
            return model.answer(operation, wire, given)
        except (AssertionError, KeyError, ValueError) as error:
            raise AssertionError(f"{error!r} of {given} after {self._story()}") from error

    def _note(self, operation: str, response: Json) -> None:
        self.seen[operation, "fine"] += 1
        for name, value in response.items():
            if value and isinstance(value, list):
                self.seen[operation, name] += 1
            if name.startswith("Un"):  # the faces with which it did not work
                failed = cast("list[Json]", value)  # cast: of a JSON value
                self.seen.update((operation, reason) for item in failed for reason in item.get("Reasons") or ["-"])
        if "UserStatus" in response:
            self.seen[operation, response["UserStatus"]] += 1
        self.seen.update((operation, user["UserStatus"]) for user in response.get("Users", ()))

    # Things to call with

    def one_of(self, *choices: T) -> T:
        """Choose one, all as likely."""
        return self.random.choice(choices)

    def home(self) -> str:
        """Choose a collection's id, mostly the first one, or another that is there."""
        first = [COLLECTIONS[0]] * 3 if COLLECTIONS[0] in self.reference.collections else []
        return self._mostly([*first, *self.reference.collections], COLLECTIONS)

    def user(self, home: str) -> str:
        """Choose a user's id, mostly one that is in a collection."""
        collection = self.reference.collections.get(home)
        return self._mostly(collection.users if collection else (), USERS)

    def face(self, home: str) -> str:
        """Choose a face, mostly one of a collection, but perhaps of another, or deleted, or none at all."""
        result = self.reference.collections
        others = [face_id for collection in result.values() for face_id in collection.faces]
        return self._mostly(result[home].faces if home in result else (), [*others, *self.gone])

    def faces(self, home: str) -> list[str]:
        """Choose some faces, perhaps one of them twice."""
        return [self.face(home) for _ in range(self.random.randint(1, 5))]

    def image(self) -> Json:
        """Choose a picture, or seldom what is none."""
        return {"Bytes": self.random.choice([*SCENE_IMAGES * 4, NO_IMAGE])}

    def _mostly(self, likely: Iterable[str], any_at_all: Sequence[str]) -> str:
        choices = list(likely)
        return self.random.choice(choices if choices and self.random.random() < 0.85 else any_at_all)

    def token(self) -> str | None:
        """Choose a ClientRequestToken, mostly none."""
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
        self.call("DescribeCollection", CollectionId=self.home())

    def index_faces(self) -> None:
        members = {"QualityFilter": self.quality(), "ExternalImageId": self.one_of(None, None, "x", "y:1")}
        maximum = self.one_of(None, None, None, 1, 2, 3)
        self.call("IndexFaces", CollectionId=self.home(), Image=self.image(), MaxFaces=maximum, **members)

    def delete_faces(self) -> None:
        home = self.home()
        self.gone += self.call("DeleteFaces", CollectionId=home, FaceIds=self.faces(home)).get("DeletedFaces", ())

    def search_faces(self) -> None:
        home = self.home()
        members = {"FaceId": self.face(home), "FaceMatchThreshold": self.threshold(), "MaxFaces": self.one_of(None, 2)}
        self.call("SearchFaces", CollectionId=home, **members)

    def search_faces_by_image(self) -> None:
        members = {"FaceMatchThreshold": self.threshold(), "MaxFaces": self.one_of(None, 2)}
        image, bar = self.image(), self.quality()
        self.call("SearchFacesByImage", CollectionId=self.home(), Image=image, QualityFilter=bar, **members)

    def create_user(self) -> None:
        user = self.one_of(*USERS)
        self.call("CreateUser", CollectionId=self.home(), UserId=user, ClientRequestToken=self.token())

    def delete_user(self) -> None:
        home = self.home()
        self.call("DeleteUser", CollectionId=home, UserId=self.user(home), ClientRequestToken=self.token())

    def associate_faces(self) -> None:
        home = self.home()
        members = {"UserMatchThreshold": self.threshold(), "ClientRequestToken": self.token()}
        self.call("AssociateFaces", CollectionId=home, UserId=self.user(home), FaceIds=self.faces(home), **members)

    def disassociate_faces(self) -> None:
        home = self.home()
        members = {"FaceIds": self.faces(home), "ClientRequestToken": self.token()}
        self.call("DisassociateFaces", CollectionId=home, UserId=self.user(home), **members)

    def repeat(self) -> None:
        """Send a request with a ClientRequestToken again, as it was or with another collection or user."""
        if self.with_token:
            operation, wire = self.random.choice(self.with_token[-8:])
            changes = self.one_of({}, {}, {"UserId": self.one_of(*USERS)}, {"CollectionId": self.one_of(*COLLECTIONS)})
            before = self.seen[operation, "fine"]
            self.call(operation, **{**wire, **changes})
            self.seen[operation, "repeated"] += self.seen[operation, "fine"] - before

    def search_users(self) -> None:
        home = self.home()
        by = self.one_of(("FaceId",), ("FaceId",), ("UserId",), ("UserId",), ("FaceId", "UserId"), ())
        requested = {name: self.face(home) if name == "FaceId" else self.user(home) for name in by}
        members = {"UserMatchThreshold": self.threshold(), "MaxUsers": self.one_of(None, 1)}
        self.call("SearchUsers", CollectionId=home, **requested, **members)

    def search_users_by_image(self) -> None:
        members = {"UserMatchThreshold": self.threshold(), "MaxUsers": self.one_of(None, 1)}
        image, bar = self.image(), self.quality()
        self.call("SearchUsersByImage", CollectionId=self.home(), Image=image, QualityFilter=bar, **members)

    def list_collections(self) -> None:
        self._page("ListCollections", {"MaxResults": self.one_of(None, 0, 1, 2)})

    def list_faces(self) -> None:
        home = self.home()
        ids, user = self.one_of(None, None, self.faces(home)), self.one_of(None, None, self.user(home))
        size = self.one_of(None, 0, 1, 2, 3)
        self._page("ListFaces", {"CollectionId": home, "MaxResults": size, "UserId": user, "FaceIds": ids})

    def list_users(self) -> None:
        self._page("ListUsers", {"CollectionId": self.home(), "MaxResults": self.one_of(None, 1, 2)})

    def go_on(self) -> None:
        """Ask for the page behind one of the last ones that had a page token."""
        if self.walks:
            operation, members = self.random.choice(self.walks[-5:])
            self._page(operation, members)
            self.seen[operation, "gone on"] += 1

    def go_on_elsewhere(self) -> None:
        """Use a page token for a listing that it may not be from."""
        if self.walks:
            operation, members = self.one_of(*self.walks[-5:])[0], self.one_of(*self.walks[-5:])[1]
            token = members["NextToken"]
            location = self.random.randrange(len(token))
            letter = self.one_of(token[location], self.one_of(*"aZ9-_"))
            home = {} if operation == "ListCollections" else {"CollectionId": self.home()}
            self._page(operation, {**home, "NextToken": token[:location] + letter + token[location + 1 :]})

    def wait(self) -> None:
        self.clock.advance(self.one_of(4, 4, 20))

    def _page(self, operation: str, members: Json) -> None:
        response = self.call(operation, **members)
        if "NextToken" in response:
            self.walks.append((operation, {**members, "NextToken": response["NextToken"]}))

    # Comparing

    def _same(self, response: Any, expected: Any) -> None:
        different = _difference(response, expected)
        assert different is None, f"{different} after {self._story()}"

    def _normal(self, value: Any, name: str = "") -> Any:
        """Return an answer without what nobody knows beforehand, and with lists in one order whose order is free."""
        if isinstance(value, dict):
            members = cast("Json", value)  # cast: of a JSON value
            known = ("BoundingBox", "Confidence") if name in ("FaceDetail", "FaceDetails") else members
            return {member: self._normal(members[member], member) for member in sorted(known)}
        if isinstance(value, list):
            items = [self._normal(item) for item in cast("Sequence[Any]", value)]  # cast: of a JSON value
            if name in ("FaceMatches", "UserMatches"):
                likes = [item["Similarity"] for item in items]
                self._same(all(one >= other - 0.01 for one, other in pairwise(likes)), expected=True)
            return sorted(items, key=str) if name in FREELY_ORDERED or name.startswith("Unsuccessful") else items
        return value

    def _story(self) -> str:
        return "\n".join([f"{len(self.history)} calls, the last of them:", *self.history[-SHOWN:]])


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


def _shown(wire: Json) -> Json:
    image = wire.get("Image", {}).get("Bytes")
    scene = {} if image is None else {"Image": SCENE_IMAGES.index(image) if image in SCENE_IMAGES else "none"}
    return {**wire, **scene}


_STEPS: dict[Callable[[Calls], None], int] = {
    Calls.create_collection: 3,
    Calls.delete_collection: 1,
    Calls.describe_collection: 3,
    Calls.index_faces: 10,
    Calls.delete_faces: 3,
    Calls.search_faces: 5,
    Calls.search_faces_by_image: 5,
    Calls.create_user: 7,
    Calls.delete_user: 2,
    Calls.associate_faces: 14,
    Calls.disassociate_faces: 6,
    Calls.repeat: 6,
    Calls.search_users: 7,
    Calls.search_users_by_image: 5,
    Calls.list_collections: 3,
    Calls.list_faces: 6,
    Calls.list_users: 5,
    Calls.go_on: 6,
    Calls.go_on_elsewhere: 3,
    Calls.wait: 10,
}
"""How likely each step is."""
