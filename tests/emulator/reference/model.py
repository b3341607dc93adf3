"""Collections, faces and users as the service's documentation has them, in plain Python: what answers are held to.

It is written from that, not from the emulator. What a service may choose freely (ids, page tokens, the order of
users) is taken from the answer itself, as `given`, and held to the laws that there are for it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import deepcopy
from typing import TYPE_CHECKING

import attrs

from tests.emulator.reference.state import (
    VERSION,
    Collection,
    Face,
    Json,
    RefusedError,
    Used,
    User,
    alike,
    best,
    check,
    detail,
    face_matches,
    face_wire,
    in_image,
    largest,
    sure,
)
from tests.kit.drawn_faces import IDENTITIES
from tests.kit.similarity import Vector, mean_direction, similarity

if TYPE_CHECKING:
    from rekog.emulator import Limits

ACCOUNT, REGION = "123456789012", "us-east-1"
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


@attrs.define
class Reference:
    """Says what the answer to a call should be, and is the service's state afterwards."""

    limits: Limits
    updating: float
    clock: Callable[[], float]
    collections: dict[str, Collection] = attrs.field(factory=dict[str, Collection])
    used: dict[tuple[str, str], Used] = attrs.field(factory=dict[tuple[str, str], Used])
    """By operation and ClientRequestToken."""
    keys: int = 0

    def answer(self, operation: str, wire: Json, given: Json) -> Json:
        """Return the answer to a call, or raise the error that it should be answered with."""
        return _ANSWERS[operation](self, wire, given)

    # Collections

    def create_collection(self, wire: Json, given: Json) -> Json:
        name = wire["CollectionId"]
        check(name not in self.collections, "ResourceAlreadyExistsException")
        check(len(self.collections) < self.limits.collections, "ServiceQuotaExceededException")
        self.collections[name] = Collection(self._key(), self.clock())
        arn = f"aws:rekognition:{REGION}:{ACCOUNT}:collection/{name}"
        return {"StatusCode": 200, "CollectionArn": arn, "FaceModelVersion": VERSION}

    def describe_collection(self, wire: Json, given: Json) -> Json:
        result = self.collection(wire)
        return {
            "FaceCount": len(result.faces),
            "UserCount": len(result.users),
            "FaceModelVersion": VERSION,
            "CollectionARN": f"arn:aws:rekognition:{REGION}:{ACCOUNT}:collection/{wire['CollectionId']}",
            "CreationTimestamp": result.created,
        }

    def delete_collection(self, wire: Json, given: Json) -> Json:
        result = self.collection(wire)
        for gone in (result.key, *(user.key for user in result.users.values())):
            self._forget(gone)
        del self.collections[wire["CollectionId"]]
        return {"StatusCode": 200}

    def collection(self, wire: Json) -> Collection:
        """Return the collection that a call names, or refuse."""
        result = self.collections.get(wire["CollectionId"])
        if result is None:
            raise RefusedError("ResourceNotFoundException")
        return result

    # Faces

    def index_faces(self, wire: Json, given: Json) -> Json:
        collection, external = self.collection(wire), wire.get("ExternalImageId")
        data = wire["Image"]["Bytes"]
        faces = in_image(data)
        barred = [] if wire.get("QualityFilter", "AUTO") == "NONE" else [face for face in faces if not sure(face)]
        left = [face for face in faces if face not in barred]
        best = sorted(left, key=lambda face: (not sure(face), -face.side))[: wire.get("MaxFaces", 100)]
        chosen = [face for face in left if face in best]
        known = {face.seen: face for face in self._of_image(collection, data) if face.external == external}
        new = [seen for seen in chosen if seen not in known]
        check(
            not new or len(collection.faces) + len(new) <= self.limits.faces_per_collection,
            "ServiceQuotaExceededException",
        )
        ids = [record["Face"]["FaceId"] for record in given["FaceRecords"]]
        images = {record["Face"]["ImageId"] for record in given["FaceRecords"]}
        for seen, face_id in zip(chosen, ids, strict=True):
            if seen in new:
                assert UUID.fullmatch(face_id)
                assert face_id not in collection.faces
                (image_id,) = images
                collection.came += 1
                known[seen] = Face(face_id, image_id, external, seen, collection.came)
                collection.faces[face_id] = known[seen]
                assert UUID.fullmatch(image_id)
                assert collection.images.setdefault(data, image_id) == image_id
        return {
            "FaceRecords": [{"Face": face_wire(known[seen]), "FaceDetail": detail(seen)} for seen in chosen],
            "FaceModelVersion": VERSION,
            "UnindexedFaces": [
                {"FaceDetail": detail(face), "Reasons": ["LOW_CONFIDENCE" if face in barred else "EXCEEDS_MAX_FACES"]}
                for face in faces
                if face not in chosen
            ],
        }

    def delete_faces(self, wire: Json, given: Json) -> Json:
        faces, deleted = self.collection(wire).faces, set[str]()
        failed: list[Json] = []
        for face_id in dict.fromkeys(wire["FaceIds"]):
            face = faces.get(face_id)
            if face is None:
                failed.append({"FaceId": face_id, "Reasons": ["FACE_NOT_FOUND"]})
            elif face.user is not None:
                reasons = ["ASSOCIATED_TO_AN_EXISTING_USER"]
                failed.append({"FaceId": face_id, "UserId": face.user, "Reasons": reasons})
            else:
                deleted.add(face_id)
                del faces[face_id]
        return {"DeletedFaces": sorted(deleted), "UnsuccessfulFaceDeletions": failed}

    def search_faces(self, wire: Json, given: Json) -> Json:
        collection = self.collection(wire)
        face = collection.faces.get(wire["FaceId"])
        if face is None:
            raise RefusedError("InvalidParameterException")
        others = [other for other in collection.faces.values() if other is not face]
        matches = face_matches(face.vector, others, wire, given)
        return {"SearchedFaceId": face.face_id, "FaceMatches": matches, "FaceModelVersion": VERSION}

    def search_faces_by_image(self, wire: Json, given: Json) -> Json:
        collection = self.collection(wire)
        face = largest(wire)
        if face is None:
            raise RefusedError("InvalidParameterException")
        return {
            "SearchedFaceBoundingBox": detail(face)["BoundingBox"],
            "SearchedFaceConfidence": detail(face)["Confidence"],
            "FaceMatches": face_matches(IDENTITIES[face.identity], collection.faces.values(), wire, given),
            "FaceModelVersion": VERSION,
        }

    def _of_image(self, collection: Collection, data: bytes) -> list[Face]:
        return [face for face in collection.faces.values() if face.image_id == collection.images.get(data)]

    # Users

    def create_user(self, wire: Json, given: Json) -> Json:
        if (earlier := self._replayed("CreateUser", wire)) is not None:
            return earlier
        collection = self.collection(wire)
        check(wire["UserId"] not in collection.users, "ConflictException")
        check(len(collection.users) < self.limits.users_per_collection, "ServiceQuotaExceededException")
        user = User(wire["UserId"], self._key())
        collection.users[user.user_id] = user
        return self._remembered("CreateUser", wire, {}, user.key)

    def delete_user(self, wire: Json, given: Json) -> Json:
        if (earlier := self._replayed("DeleteUser", wire)) is not None:
            return earlier
        collection = self.collection(wire)
        user = self.user(collection, wire)
        for face in collection.faces.values():
            face.user = None if face.user == user.user_id else face.user
        self._forget(user.key)
        del collection.users[user.user_id]
        return self._remembered("DeleteUser", wire, {}, collection.key)

    def associate_faces(self, wire: Json, given: Json) -> Json:
        if (earlier := self._replayed("AssociateFaces", wire)) is not None:
            return earlier
        collection = self.collection(wire)
        user = self._changeable(collection, wire)
        vectors = [face.vector for face in self._of_user(collection, user)]
        check(len(vectors) < self.limits.faces_per_user, "ServiceQuotaExceededException")
        taken: list[Face] = []
        failed: list[Json] = []
        for face_id in dict.fromkeys(wire["FaceIds"]):
            face = collection.faces.get(face_id)
            if face is None:
                failed.append({"FaceId": face_id, "Reasons": ["FACE_NOT_FOUND"]})
            elif face.user not in (None, user.user_id):
                reasons = ["ASSOCIATED_TO_A_DIFFERENT_USER"]
                failed.append({"FaceId": face_id, "UserId": face.user, "Reasons": reasons})
            elif face.user is None and len(vectors) >= self.limits.faces_per_user:
                failed.append({"FaceId": face_id, "Reasons": []})
            elif face.user is None and not alike(face.vector, vectors, wire.get("UserMatchThreshold", 75)):
                confidence = similarity(face.vector, mean_direction(vectors))
                failed.append({"FaceId": face_id, "Confidence": confidence, "Reasons": ["LOW_MATCH_CONFIDENCE"]})
            elif face.user is None:
                taken.append(face)
                vectors.append(face.vector)
        for face in taken:
            face.user = user.user_id
        response = {
            "AssociatedFaces": [{"FaceId": face.face_id} for face in taken],
            "UnsuccessfulFaceAssociations": failed,
            "UserStatus": self._changed(user, vectors) if taken else self.status(user),
        }
        return self._remembered("AssociateFaces", wire, response, user.key)

    def disassociate_faces(self, wire: Json, given: Json) -> Json:
        if (earlier := self._replayed("DisassociateFaces", wire)) is not None:
            return earlier
        collection = self.collection(wire)
        user = self._changeable(collection, wire)
        freed: list[Face] = []
        failed: list[Json] = []
        for face_id in dict.fromkeys(wire["FaceIds"]):
            face = collection.faces.get(face_id)
            if face is None:
                failed.append({"FaceId": face_id, "Reasons": ["FACE_NOT_FOUND"]})
            elif face.user == user.user_id:
                freed.append(face)
            elif face.user is not None:
                reasons = ["ASSOCIATED_TO_A_DIFFERENT_USER"]
                failed.append({"FaceId": face_id, "UserId": face.user, "Reasons": reasons})
        for face in freed:
            face.user = None
        left = [face.vector for face in self._of_user(collection, user)]
        response = {
            "DisassociatedFaces": [{"FaceId": face.face_id} for face in freed],
            "UnsuccessfulFaceDisassociations": failed,
            "UserStatus": self._changed(user, left) if freed else self.status(user),
        }
        return self._remembered("DisassociateFaces", wire, response, user.key)

    def search_users(self, wire: Json, given: Json) -> Json:
        check(("FaceId" in wire) != ("UserId" in wire), "InvalidParameterException")
        collection = self.collection(wire)
        if "UserId" in wire:
            user = self.user(collection, wire)
            others = [other for other in collection.users.values() if other is not user]
            matches = self._user_matches(self.standing(user), others, wire, given)
            return {"SearchedUser": {"UserId": user.user_id}, "UserMatches": matches, "FaceModelVersion": VERSION}
        face = collection.faces.get(wire["FaceId"])
        if face is None:
            raise RefusedError("InvalidParameterException")
        matches = self._user_matches(face.vector, collection.users.values(), wire, given)
        return {"SearchedFace": {"FaceId": face.face_id}, "UserMatches": matches, "FaceModelVersion": VERSION}

    def search_users_by_image(self, wire: Json, given: Json) -> Json:
        collection = self.collection(wire)
        faces, searched = in_image(wire["Image"]["Bytes"]), largest(wire)
        filtered = wire.get("QualityFilter", "NONE") != "NONE"
        left: list[Json] = []
        for face in faces:
            low = ["LOW_CONFIDENCE"] if filtered and not sure(face) else []
            small = ["FACE_NOT_LARGEST"] if searched and face.side < searched.side else []
            if face is not searched:
                left.append({"FaceDetails": detail(face), "Reasons": sorted([*low, *small])})
        vector = IDENTITIES[searched.identity] if searched else None
        return {
            "UserMatches": self._user_matches(vector, collection.users.values(), wire, given),
            "FaceModelVersion": VERSION,
            **({"SearchedFace": {"FaceDetail": detail(searched)}} if searched else {}),
            "UnsearchedFaces": left,
        }

    def user(self, collection: Collection, wire: Json) -> User:
        """Return the user that a call names, or refuse."""
        result = collection.users.get(wire["UserId"])
        if result is None:
            raise RefusedError("ResourceNotFoundException")
        return result

    def status(self, user: User) -> str:
        """Return how a user is now."""
        if user.due > self.clock():
            return "UPDATING"
        return "ACTIVE" if user.vector else "CREATED"

    def standing(self, user: User) -> Vector | None:
        """Return what a user stands for now."""
        return user.former if user.due > self.clock() else user.vector

    def _changeable(self, collection: Collection, wire: Json) -> User:
        user = self.user(collection, wire)
        check(self.status(user) != "UPDATING", "ConflictException")
        return user

    def _changed(self, user: User, vectors: Sequence[Vector]) -> str:
        user.former, user.vector = user.vector, mean_direction(vectors) if vectors else None
        user.due = self.clock() + self.updating
        return "UPDATING"

    def _of_user(self, collection: Collection, user: User) -> list[Face]:
        return [face for face in collection.faces.values() if face.user == user.user_id]

    def _user_matches(self, vector: Vector | None, among: Iterable[User], wire: Json, given: Json) -> list[Json]:
        standing = [(user, self.standing(user)) for user in among]
        result = [
            (similarity(vector, other), {"User": {"UserId": user.user_id, "UserStatus": self.status(user)}})
            for user, other in standing
            if vector and other
        ]
        first = [match["User"]["UserId"] for match in given.get("UserMatches", ())]
        threshold, maximum = wire.get("UserMatchThreshold", 80), wire.get("MaxUsers", 500)
        return best(result, threshold, maximum, lambda match: str(match["User"]["UserId"]), first)

    # ClientRequestToken

    def _replayed(self, operation: str, wire: Json) -> Json | None:
        used = self.used.get((operation, wire.get("ClientRequestToken", "")))
        check(used is None or used.request == wire, "IdempotentParameterMismatchException")
        return used and deepcopy(used.answer)

    def _remembered(self, operation: str, wire: Json, response: Json, key: int) -> Json:
        if "ClientRequestToken" in wire:
            self.used[operation, wire["ClientRequestToken"]] = Used(deepcopy(wire), deepcopy(response), key)
        return response

    def _forget(self, key: int) -> None:
        self.used = {name: kept for name, kept in self.used.items() if kept.key != key}

    def _key(self) -> int:
        self.keys += 1
        return self.keys


_ANSWERS: Mapping[str, Callable[[Reference, Json, Json], Json]] = {
    "CreateCollection": Reference.create_collection,
    "DescribeCollection": Reference.describe_collection,
    "DeleteCollection": Reference.delete_collection,
    "IndexFaces": Reference.index_faces,
    "DeleteFaces": Reference.delete_faces,
    "SearchFaces": Reference.search_faces,
    "SearchFacesByImage": Reference.search_faces_by_image,
    "CreateUser": Reference.create_user,
    "DeleteUser": Reference.delete_user,
    "AssociateFaces": Reference.associate_faces,
    "DisassociateFaces": Reference.disassociate_faces,
    "SearchUsers": Reference.search_users,
    "SearchUsersByImage": Reference.search_users_by_image,
}
