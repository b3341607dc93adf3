"""The listings of the reference model, a page at a time, while things come and go between the pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from tests.emulator.reference.state import VERSION, RefusedError, face_wire

if TYPE_CHECKING:
    from tests.emulator.reference.model import Reference
    from tests.emulator.reference.state import Collection, Json, User


@attrs.frozen
class Place:
    """Where a page token goes on: behind a position, in the listing that it was given for and in no other."""

    listing: object
    position: object


@attrs.frozen
class Walk:
    """A walk through users so far: which were given, which were there from the beginning, and after which change."""

    given: frozenset[int] = frozenset()
    lasting: frozenset[int] = frozenset()


@attrs.define
class Pages:
    """Says what pages should hold; page tokens are taken from the answers."""

    reference: Reference
    places: dict[str, Place] = attrs.field(factory=dict[str, Place])
    before: set[tuple[int, int]] = attrs.field(factory=set[tuple[int, int]])
    """Pairs of users of which one was listed before the other."""

    def answer(self, operation: str, wire: Json, given: Json) -> Json:
        """Return the page that a call should be answered with, or raise its error."""
        if operation == "ListCollections":
            return self._collections(wire, given)
        return self._faces(wire, given) if operation == "ListFaces" else self._users(wire, given)

    def _collections(self, wire: Json, given: Json) -> Json:
        last = self._resumed(wire, "collections", "")
        left = sorted(name for name in self.reference.collections if name > str(last))
        page = left[: wire.get("MaxResults") or 1000]
        token = self._token(given, "collections", page[-1] if len(page) < len(left) else None)
        return {"CollectionIds": page, "FaceModelVersions": [VERSION] * len(page), **token}

    def _faces(self, wire: Json, given: Json) -> Json:
        collection = self.reference.collection(wire)
        user, ids = wire.get("UserId"), wire.get("FaceIds")
        listing = ("faces", collection.key, user, None if ids is None else frozenset(ids))
        last = self._resumed(wire, listing, 0)
        left = [
            face
            for face in collection.faces.values()
            if isinstance(last, int) and face.number > last
            if (user is None or face.user == user) and (ids is None or face.face_id in ids)
        ]
        page = left[: wire.get("MaxResults") or 1000]
        token = self._token(given, listing, page[-1].number if len(page) < len(left) else None)
        return {"Faces": [face_wire(face) for face in page], "FaceModelVersion": VERSION, **token}

    def _users(self, wire: Json, given: Json) -> Json:
        """Hold a page to what must be so in any order: nobody comes twice, and who stays comes once."""
        collection = self.reference.collection(wire)
        listing = ("users", collection.key)
        there = frozenset(user.key for user in collection.users.values())
        walk = self._resumed(wire, listing, Walk(lasting=there))
        assert isinstance(walk, Walk)
        page = [self._known(collection, user["UserId"]) for user in given["Users"]]
        keys = [user.key for user in page]
        assert len({*keys, *walk.given}) == len(keys) + len(walk.given)
        pairs = {(one, other) for location, one in enumerate(keys) for other in keys[location + 1 :]}
        pairs |= {(one, other) for one in walk.given for other in keys}
        assert not {(other, one) for one, other in pairs} & self.before
        self.before |= pairs
        so_far = walk.given.union(keys)
        limit = wire.get("MaxResults", 500)
        if "NextToken" in given:
            assert len(keys) == limit
            assert there - so_far
        else:
            assert len(keys) <= limit
            assert walk.lasting & there <= so_far
        token = self._token(given, listing, Walk(so_far, walk.lasting) if "NextToken" in given else None)
        users = [{"UserId": user.user_id, "UserStatus": self.reference.status(user)} for user in page]
        return {"Users": users, **token}

    def _known(self, collection: Collection, user_id: str) -> User:
        assert user_id in collection.users
        return collection.users[user_id]

    def _resumed(self, wire: Json, listing: object, start: object) -> object:
        if "NextToken" not in wire:
            return start
        location = self.places.get(wire["NextToken"])
        if location is None or location.listing != listing:
            raise RefusedError("InvalidPaginationTokenException")
        return location.position

    def _token(self, given: Json, listing: object, position: object) -> Json:
        if position is None:
            return {}
        token = given.get("NextToken", "")
        assert 0 < len(token) <= 255
        self.places[token] = Place(listing, position)
        return {"NextToken": token}
