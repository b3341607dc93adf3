"""A model of collections, faces and users in plain Python, which computes expected responses.

It follows the documentation of the service, not the code of the emulator. Values that the service chooses freely (ids,
page tokens, the order of users) are taken from the actual response, the argument `given`, and checked by rules.
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
    ExpectedError,
    Face,
    Json,
    UsedToken,
    User,
    best_matches,
    check,
    face_detail,
    face_matches,
    faces_in_image,
    indexed_wire,
    is_similar,
    passes_filters,
    searched_face,
)
from tests.kit.drawn_faces import IDENTITIES
from tests.kit.similarity import Vector, mean_direction, similarity

if TYPE_CHECKING:
    from rekog.emulator import Limits

ACCOUNT, REGION = "123456789012", "us-east-1"
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


@attrs.define
class Reference:
    """Computes the expected response of each call, and keeps the expected state of the service."""

    limits: Limits
    update_seconds: float
    clock: Callable[[], float]
    collections: dict[str, Collection] = attrs.field(factory=dict[str, Collection])
    used_tokens: dict[tuple[str, str], UsedToken] = attrs.field(factory=dict[tuple[str, str], UsedToken])
    """Used request tokens by operation and ClientRequestToken."""
    keys: int = 0

    def expected_response(self, operation: str, wire: Json, given: Json) -> Json:
        """Return the expected response of a call, or raise the expected error."""
        return _OPERATIONS[operation](self, wire, given)

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
        for key in (result.key, *(user.key for user in result.users.values())):
            self._forget(key)
        del self.collections[wire["CollectionId"]]
        return {"StatusCode": 200}

    def collection(self, wire: Json) -> Collection:
        """Return the collection of a request, or raise the expected error."""
        result = self.collections.get(wire["CollectionId"])
        if result is None:
            raise ExpectedError("ResourceNotFoundException")
        return result

    # Faces

    def index_faces(self, wire: Json, given: Json) -> Json:
        collection, external = self.collection(wire), wire.get("ExternalImageId")
        data = wire["Image"]["Bytes"]
        faces = faces_in_image(data)
        low_quality = (
            [] if wire.get("QualityFilter", "AUTO") == "NONE" else [face for face in faces if not passes_filters(face)]
        )
        left = [face for face in faces if face not in low_quality]
        kept = sorted(left, key=lambda face: (not passes_filters(face), -face.side))[: wire.get("MaxFaces", 100)]
        chosen = [face for face in left if face in kept]
        known = {face.drawn: face for face in self._faces_of_image(collection, data) if face.external == external}
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
                collection.indexed += 1
                known[seen] = Face(face_id, image_id, external, seen, collection.indexed)
                collection.faces[face_id] = known[seen]
                assert UUID.fullmatch(image_id)
                assert collection.images.setdefault(data, image_id) == image_id
        return {
            "FaceRecords": [{"Face": indexed_wire(known[seen]), "FaceDetail": face_detail(seen)} for seen in chosen],
            "FaceModelVersion": VERSION,
            "UnindexedFaces": [
                {
                    "FaceDetail": face_detail(face),
                    "Reasons": ["LOW_CONFIDENCE" if face in low_quality else "EXCEEDS_MAX_FACES"],
                }
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
            raise ExpectedError("InvalidParameterException")
        others = [other for other in collection.faces.values() if other is not face]
        matches = face_matches(face.vector, others, wire, given)
        return {"SearchedFaceId": face.face_id, "FaceMatches": matches, "FaceModelVersion": VERSION}

    def search_faces_by_image(self, wire: Json, given: Json) -> Json:
        collection = self.collection(wire)
        face = searched_face(wire)
        if face is None:
            raise ExpectedError("InvalidParameterException")
        return {
            "SearchedFaceBoundingBox": face_detail(face)["BoundingBox"],
            "SearchedFaceConfidence": face_detail(face)["Confidence"],
            "FaceMatches": face_matches(IDENTITIES[face.identity], collection.faces.values(), wire, given),
            "FaceModelVersion": VERSION,
        }

    def _faces_of_image(self, collection: Collection, data: bytes) -> list[Face]:
        return [face for face in collection.faces.values() if face.image_id == collection.images.get(data)]

    # Users

    def create_user(self, wire: Json, given: Json) -> Json:
        if (earlier := self._earlier_response("CreateUser", wire)) is not None:
            return earlier
        collection = self.collection(wire)
        check(wire["UserId"] not in collection.users, "ConflictException")
        check(len(collection.users) < self.limits.users_per_collection, "ServiceQuotaExceededException")
        user = User(wire["UserId"], self._key())
        collection.users[user.user_id] = user
        return self._remember("CreateUser", wire, {}, user.key)

    def delete_user(self, wire: Json, given: Json) -> Json:
        if (earlier := self._earlier_response("DeleteUser", wire)) is not None:
            return earlier
        collection = self.collection(wire)
        user = self.user(collection, wire)
        for face in collection.faces.values():
            face.user = None if face.user == user.user_id else face.user
        self._forget(user.key)
        del collection.users[user.user_id]
        return self._remember("DeleteUser", wire, {}, collection.key)

    def associate_faces(self, wire: Json, given: Json) -> Json:
        if (earlier := self._earlier_response("AssociateFaces", wire)) is not None:
            return earlier
        collection = self.collection(wire)
        user = self._user_to_change(collection, wire)
        vectors = [face.vector for face in self._faces_of_user(collection, user)]
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
            elif face.user is None and not is_similar(face.vector, vectors, wire.get("UserMatchThreshold", 75)):
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
            "UserStatus": self._update_user(user, vectors) if taken else self.status(user),
        }
        return self._remember("AssociateFaces", wire, response, user.key)

    def disassociate_faces(self, wire: Json, given: Json) -> Json:
        if (earlier := self._earlier_response("DisassociateFaces", wire)) is not None:
            return earlier
        collection = self.collection(wire)
        user = self._user_to_change(collection, wire)
        disassociated: list[Face] = []
        failed: list[Json] = []
        for face_id in dict.fromkeys(wire["FaceIds"]):
            face = collection.faces.get(face_id)
            if face is None:
                failed.append({"FaceId": face_id, "Reasons": ["FACE_NOT_FOUND"]})
            elif face.user == user.user_id:
                disassociated.append(face)
            elif face.user is not None:
                reasons = ["ASSOCIATED_TO_A_DIFFERENT_USER"]
                failed.append({"FaceId": face_id, "UserId": face.user, "Reasons": reasons})
        for face in disassociated:
            face.user = None
        left = [face.vector for face in self._faces_of_user(collection, user)]
        response = {
            "DisassociatedFaces": [{"FaceId": face.face_id} for face in disassociated],
            "UnsuccessfulFaceDisassociations": failed,
            "UserStatus": self._update_user(user, left) if disassociated else self.status(user),
        }
        return self._remember("DisassociateFaces", wire, response, user.key)

    def search_users(self, wire: Json, given: Json) -> Json:
        check(("FaceId" in wire) != ("UserId" in wire), "InvalidParameterException")
        collection = self.collection(wire)
        if "UserId" in wire:
            user = self.user(collection, wire)
            others = [other for other in collection.users.values() if other is not user]
            matches = self._user_matches(self.current_vector(user), others, wire, given)
            return {"SearchedUser": {"UserId": user.user_id}, "UserMatches": matches, "FaceModelVersion": VERSION}
        face = collection.faces.get(wire["FaceId"])
        if face is None:
            raise ExpectedError("InvalidParameterException")
        matches = self._user_matches(face.vector, collection.users.values(), wire, given)
        return {"SearchedFace": {"FaceId": face.face_id}, "UserMatches": matches, "FaceModelVersion": VERSION}

    def search_users_by_image(self, wire: Json, given: Json) -> Json:
        collection = self.collection(wire)
        faces, searched = faces_in_image(wire["Image"]["Bytes"]), searched_face(wire)
        filtered = wire.get("QualityFilter", "NONE") != "NONE"
        left: list[Json] = []
        for face in faces:
            low = ["LOW_CONFIDENCE"] if filtered and not passes_filters(face) else []
            small = ["FACE_NOT_LARGEST"] if searched and face.side < searched.side else []
            if face is not searched:
                left.append({"FaceDetails": face_detail(face), "Reasons": sorted([*low, *small])})
        vector = IDENTITIES[searched.identity] if searched else None
        return {
            "UserMatches": self._user_matches(vector, collection.users.values(), wire, given),
            "FaceModelVersion": VERSION,
            **({"SearchedFace": {"FaceDetail": face_detail(searched)}} if searched else {}),
            "UnsearchedFaces": left,
        }

    def user(self, collection: Collection, wire: Json) -> User:
        """Return the user of a request, or raise the expected error."""
        result = collection.users.get(wire["UserId"])
        if result is None:
            raise ExpectedError("ResourceNotFoundException")
        return result

    def status(self, user: User) -> str:
        """Return the present status of a user."""
        if user.due > self.clock():
            return "UPDATING"
        return "ACTIVE" if user.vector else "CREATED"

    def current_vector(self, user: User) -> Vector | None:
        """Return the vector with which searches compare a user at present."""
        return user.former if user.due > self.clock() else user.vector

    def _user_to_change(self, collection: Collection, wire: Json) -> User:
        user = self.user(collection, wire)
        check(self.status(user) != "UPDATING", "ConflictException")
        return user

    def _update_user(self, user: User, vectors: Sequence[Vector]) -> str:
        user.former, user.vector = user.vector, mean_direction(vectors) if vectors else None
        user.due = self.clock() + self.update_seconds
        return "UPDATING"

    def _faces_of_user(self, collection: Collection, user: User) -> list[Face]:
        return [face for face in collection.faces.values() if face.user == user.user_id]

    def _user_matches(self, vector: Vector | None, among: Iterable[User], wire: Json, given: Json) -> list[Json]:
        current = [(user, self.current_vector(user)) for user in among]
        result = [
            (similarity(vector, other), {"User": {"UserId": user.user_id, "UserStatus": self.status(user)}})
            for user, other in current
            if vector and other
        ]
        first = [match["User"]["UserId"] for match in given.get("UserMatches", ())]
        threshold, maximum = wire.get("UserMatchThreshold", 80), wire.get("MaxUsers", 500)
        return best_matches(result, threshold, maximum, lambda match: str(match["User"]["UserId"]), first)

    # ClientRequestToken

    def _earlier_response(self, operation: str, wire: Json) -> Json | None:
        used = self.used_tokens.get((operation, wire.get("ClientRequestToken", "")))
        check(used is None or used.request == wire, "IdempotentParameterMismatchException")
        return used and deepcopy(used.response)

    def _remember(self, operation: str, wire: Json, response: Json, key: int) -> Json:
        if "ClientRequestToken" in wire:
            self.used_tokens[operation, wire["ClientRequestToken"]] = UsedToken(deepcopy(wire), deepcopy(response), key)
        return response

    def _forget(self, key: int) -> None:
        self.used_tokens = {name: kept for name, kept in self.used_tokens.items() if kept.key != key}

    def _key(self) -> int:
        self.keys += 1
        return self.keys


_OPERATIONS: Mapping[str, Callable[[Reference, Json, Json], Json]] = {
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
