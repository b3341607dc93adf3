"""Expected pages of listings, while other calls create and delete items between the pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from tests.emulator.reference.state import VERSION, ExpectedError, face_wire

if TYPE_CHECKING:
    from tests.emulator.reference.model import Reference
    from tests.emulator.reference.state import Collection, Json, User


@attrs.frozen
class PagePosition:
    """The position after which a page token continues, and the only listing for which it is valid."""

    listing: object
    position: object


@attrs.frozen
class ListedUsers:
    """Users on the pages so far, and users that existed at the first page."""

    listed: frozenset[int] = frozenset()
    present_from_start: frozenset[int] = frozenset()


@attrs.define
class Pages:
    """Computes expected pages. Page tokens are taken from the actual responses."""

    reference: Reference
    positions: dict[str, PagePosition] = attrs.field(factory=dict[str, PagePosition])
    order: set[tuple[int, int]] = attrs.field(factory=set[tuple[int, int]])
    """Pairs of users in the order in which pages list them."""

    def expected_response(self, operation: str, wire: Json, given: Json) -> Json:
        """Return the expected page of a call, or raise the expected error."""
        if operation == "ListCollections":
            return self._collections(wire, given)
        return self._faces(wire, given) if operation == "ListFaces" else self._users(wire, given)

    def _collections(self, wire: Json, given: Json) -> Json:
        position = self._resumed(wire, "collections", "")
        left = sorted(name for name in self.reference.collections if name > str(position))
        page = left[: wire.get("MaxResults") or 1000]
        token = self._token(given, "collections", page[-1] if len(page) < len(left) else None)
        return {"CollectionIds": page, "FaceModelVersions": [VERSION] * len(page), **token}

    def _faces(self, wire: Json, given: Json) -> Json:
        collection = self.reference.collection(wire)
        user, ids = wire.get("UserId"), wire.get("FaceIds")
        listing = ("faces", collection.key, user, None if ids is None else frozenset(ids))
        position = self._resumed(wire, listing, 0)
        left = [
            face
            for face in collection.faces.values()
            if isinstance(position, int) and face.number > position
            if (user is None or face.user == user) and (ids is None or face.face_id in ids)
        ]
        page = left[: wire.get("MaxResults") or 1000]
        token = self._token(given, listing, page[-1].number if len(page) < len(left) else None)
        return {"Faces": [face_wire(face) for face in page], "FaceModelVersion": VERSION, **token}

    def _users(self, wire: Json, given: Json) -> Json:
        """Check a page in any order: no user is listed twice, and users that are not deleted are listed once."""
        collection = self.reference.collection(wire)
        listing = ("users", collection.key)
        existing = frozenset(user.key for user in collection.users.values())
        listed_users = self._resumed(wire, listing, ListedUsers(present_from_start=existing))
        assert isinstance(listed_users, ListedUsers)
        page = [self._known(collection, user["UserId"]) for user in given["Users"]]
        keys = [user.key for user in page]
        assert len({*keys, *listed_users.listed}) == len(keys) + len(listed_users.listed)
        pairs = {(one, other) for location, one in enumerate(keys) for other in keys[location + 1 :]}
        pairs |= {(one, other) for one in listed_users.listed for other in keys}
        assert not {(other, one) for one, other in pairs} & self.order
        self.order |= pairs
        so_far = listed_users.listed.union(keys)
        limit = wire.get("MaxResults", 500)
        if "NextToken" in given:
            assert len(keys) == limit
            assert existing - so_far
        else:
            assert len(keys) <= limit
            assert listed_users.present_from_start & existing <= so_far
        token = self._token(
            given, listing, ListedUsers(so_far, listed_users.present_from_start) if "NextToken" in given else None
        )
        users = [{"UserId": user.user_id, "UserStatus": self.reference.status(user)} for user in page]
        return {"Users": users, **token}

    def _known(self, collection: Collection, user_id: str) -> User:
        assert user_id in collection.users
        return collection.users[user_id]

    def _resumed(self, wire: Json, listing: object, start: object) -> object:
        if "NextToken" not in wire:
            return start
        page_position = self.positions.get(wire["NextToken"])
        if page_position is None or page_position.listing != listing:
            raise ExpectedError("InvalidPaginationTokenException")
        return page_position.position

    def _token(self, given: Json, listing: object, position: object) -> Json:
        if position is None:
            return {}
        token = given.get("NextToken", "")
        assert 0 < len(token) <= 255
        self.positions[token] = PagePosition(listing, position)
        return {"NextToken": token}
