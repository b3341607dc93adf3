"""The faces of users: AssociateFaces and DisassociateFaces."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rekog.emulator import Durations, Emulator, Limits, ManualClock
from tests.kit.people import People
from tests.kit.users import (
    associate_faces,
    create_user_with_faces,
    create_users,
    disassociated_face_ids,
    matched_user_ids,
    user_statuses,
)

UNKNOWN = "00000000-0000-0000-0000-000000000000"


def accepted(response: dict[str, Any]) -> list[str]:
    return [face["FaceId"] for face in response.get("AssociatedFaces", [])]


# Faces of users


def test_a_user_is_updating_and_then_active(people: People) -> None:
    create_users(people, "ann")
    (face_id,) = people.index("Ann")
    response = associate_faces(people, "ann", face_id)
    assert accepted(response) == [face_id]
    assert response["UserStatus"] == "UPDATING"
    assert user_statuses(people) == {"ann": "ACTIVE"}
    assert people("ListFaces")["Faces"][0]["UserId"] == "ann"


def test_an_update_has_a_duration_in_which_others_are_refused() -> None:
    clock = ManualClock(1000)
    with Emulator(clock=clock, durations=Durations(user=5)) as emulator:
        people = People(emulator)
        create_users(people, "ann")
        first, second = people.index("Ann")[0], people.index("Ann")[0]
        associate_faces(people, "ann", first)
        assert user_statuses(people) == {"ann": "UPDATING"}
        assert matched_user_ids(people("SearchUsers", FaceId=second)) == []
        for operation in ("AssociateFaces", "DisassociateFaces"):
            assert people.refusal(operation, UserId="ann", FaceIds=[second])[0] == "ConflictException"
        clock.advance(5)
        assert user_statuses(people) == {"ann": "ACTIVE"}
        (match,) = people("SearchUsers", FaceId=second)["UserMatches"]
        assert match["User"] == {"UserId": "ann", "UserStatus": "ACTIVE"}


def test_an_updating_user_is_found_by_its_former_faces() -> None:
    clock = ManualClock(1000)
    with Emulator(clock=clock, durations=Durations(user=5)) as emulator:
        people = People(emulator)
        create_user_with_faces(people, "ann", "Ann")
        ann, bob = people.index("Ann")[0], people.index("Bob")[0]
        clock.advance(5)
        associate_faces(people, "ann", *[people.index("Bob")[0] for _ in range(9)], UserMatchThreshold=0)
        assert (
            matched_user_ids(people("SearchUsers", FaceId=ann)),
            matched_user_ids(people("SearchUsers", FaceId=bob)),
        ) == (["ann"], [])
        assert people("SearchUsers", FaceId=ann)["UserMatches"][0]["User"]["UserStatus"] == "UPDATING"
        clock.advance(5)
        assert (
            matched_user_ids(people("SearchUsers", FaceId=ann)),
            matched_user_ids(people("SearchUsers", FaceId=bob)),
        ) == ([], ["ann"])


def test_a_search_for_an_updating_user_is_one_for_its_former_faces() -> None:
    clock = ManualClock(1000)
    with Emulator(clock=clock, durations=Durations(user=5)) as emulator:
        people = People(emulator)
        for user, person in (("ann", "Ann"), ("like ann", "Ann"), ("like bob", "Bob")):
            create_user_with_faces(people, user.replace(" ", "_"), person)
        clock.advance(5)
        bobs = [people.index("Bob")[0] for _ in range(9)]
        associate_faces(people, "ann", *bobs, UserMatchThreshold=0)
        assert matched_user_ids(people("SearchUsers", UserId="ann")) == ["like_ann"]
        clock.advance(5)
        assert matched_user_ids(people("SearchUsers", UserId="ann")) == ["like_bob"]


def test_a_user_may_be_deleted_while_it_is_updated() -> None:
    with Emulator(clock=ManualClock(0), durations=Durations(user=5)) as emulator:
        people = People(emulator)
        create_user_with_faces(people, "ann", "Ann")
        people("DeleteUser", UserId="ann")
        assert user_statuses(people) == {}


def test_a_face_that_the_user_has_already_is_in_neither_list(people: People) -> None:
    (face_id,) = create_user_with_faces(people, "ann", "Ann")
    response = associate_faces(people, "ann", face_id)
    assert (accepted(response), response.get("UnsuccessfulFaceAssociations", [])) == ([], [])
    assert response["UserStatus"] == "ACTIVE"


def test_a_face_id_given_twice_is_associated_once(people: People) -> None:
    create_users(people, "ann")
    (face_id,) = people.index("Ann")
    assert accepted(associate_faces(people, "ann", face_id, face_id)) == [face_id]


def test_each_face_id_given_twice_has_one_result_in_each_operation(people: People) -> None:
    (own,), (others,) = create_user_with_faces(people, "ann", "Ann"), create_user_with_faces(people, "bob", "Bob")
    (free,), (unlike,) = people.index("Ann"), people.index("Cid")
    repeated = [own, others, free, unlike, UNKNOWN, UNKNOWN, unlike, free, others, own]

    def ids(response: dict[str, Any], *members: str) -> list[list[str]]:
        return [[each["FaceId"] for each in response[member]] for member in members]

    associated = people("AssociateFaces", UserId="ann", FaceIds=repeated)
    failed = ids(associated, "AssociatedFaces", "UnsuccessfulFaceAssociations")
    assert failed == [[free], [others, UNKNOWN, unlike]]
    removed = people("DisassociateFaces", UserId="ann", FaceIds=repeated)
    failed = ids(removed, "DisassociatedFaces", "UnsuccessfulFaceDisassociations")
    assert failed == [[own, free], [others, UNKNOWN]]
    deleted = people("DeleteFaces", FaceIds=repeated)
    assert deleted["DeletedFaces"] == [own, free, unlike]
    assert ids(deleted, "UnsuccessfulFaceDeletions") == [[others, UNKNOWN]]


def test_faces_of_another_user_and_unknown_faces_are_reported(people: People) -> None:
    (taken,) = create_user_with_faces(people, "ann", "Ann")
    create_users(people, "bob")
    assert associate_faces(people, "bob", taken, UNKNOWN) == {
        "AssociatedFaces": [],
        "UnsuccessfulFaceAssociations": [
            {"FaceId": taken, "UserId": "ann", "Reasons": ["ASSOCIATED_TO_A_DIFFERENT_USER"]},
            {"FaceId": UNKNOWN, "Reasons": ["FACE_NOT_FOUND"]},
        ],
        "UserStatus": "CREATED",
    }
    assert user_statuses(people)["bob"] == "CREATED"


def test_a_face_dissimilar_to_the_user_is_reported_with_its_similarity(people: People) -> None:
    create_user_with_faces(people, "ann", "Ann")
    ann, bob = people.index("Ann")[0], people.index("Bob")[0]
    response = associate_faces(people, "ann", ann, bob)
    assert accepted(response) == [ann]
    (failed,) = response["UnsuccessfulFaceAssociations"]
    assert failed.pop("Confidence") < 20
    assert failed == {"FaceId": bob, "Reasons": ["LOW_MATCH_CONFIDENCE"]}


def test_the_first_face_always_passes_and_the_next_must_be_similar(people: People) -> None:
    create_users(people, "ann")
    bob, ann = people.index("Bob")[0], people.index("Ann")[0]
    response = associate_faces(people, "ann", bob, ann, UserMatchThreshold=100)
    assert accepted(response) == [bob]


def test_the_match_threshold_is_75_by_default_and_inclusive(people: People) -> None:
    create_user_with_faces(people, "ann", "Ann")
    face_id = people.index("Ann")[0]
    (failed,) = associate_faces(people, "ann", face_id, UserMatchThreshold=100)["UnsuccessfulFaceAssociations"]
    assert 98 < failed["Confidence"] < 100
    assert accepted(associate_faces(people, "ann", face_id, UserMatchThreshold=failed["Confidence"])) == [face_id]


def test_a_user_is_filled_up_and_then_full() -> None:
    with Emulator(limits=Limits(faces_per_user=3)) as emulator:
        people = People(emulator)
        create_users(people, "ann")
        ids = [people.index("Ann")[0] for _ in range(5)]
        response = associate_faces(people, "ann", *ids[:4])
        assert accepted(response) == ids[:3]
        assert [(face["FaceId"], face.get("Reasons", [])) for face in response["UnsuccessfulFaceAssociations"]] == [
            (ids[3], [])
        ]
        refusal = people.refusal("AssociateFaces", UserId="ann", FaceIds=[ids[4]])
        assert refusal[0] == "ServiceQuotaExceededException"


def test_disassociated_faces_are_free_again(people: People) -> None:
    first, second = create_user_with_faces(people, "ann", "Ann", "Ann")
    response = people("DisassociateFaces", UserId="ann", FaceIds=[first, first])
    assert disassociated_face_ids(response) == [first]
    assert response["UserStatus"] == "UPDATING"
    assert user_statuses(people) == {"ann": "ACTIVE"}
    assert people.listed(UserId="ann") == [second]
    assert people("DeleteFaces", FaceIds=[first])["DeletedFaces"] == [first]


def test_a_user_without_a_face_left_is_created_and_not_found(people: People) -> None:
    (face_id,) = create_user_with_faces(people, "ann", "Ann")
    people("DisassociateFaces", UserId="ann", FaceIds=[face_id])
    assert user_statuses(people) == {"ann": "CREATED"}
    assert matched_user_ids(people("SearchUsers", FaceId=face_id)) == []


def test_disassociating_reports_other_users_and_unknown_faces_and_ignores_free_ones(people: People) -> None:
    (other,) = create_user_with_faces(people, "bob", "Bob")
    (free,) = people.index("Ann")
    create_users(people, "ann")
    assert people("DisassociateFaces", UserId="ann", FaceIds=[other, free, UNKNOWN]) == {
        "DisassociatedFaces": [],
        "UnsuccessfulFaceDisassociations": [
            {"FaceId": other, "UserId": "bob", "Reasons": ["ASSOCIATED_TO_A_DIFFERENT_USER"]},
            {"FaceId": UNKNOWN, "Reasons": ["FACE_NOT_FOUND"]},
        ],
        "UserStatus": "CREATED",
    }


# Sequences of calls

CALLS = st.lists(
    st.tuples(
        st.sampled_from(["CreateUser", "DeleteUser", "AssociateFaces", "DisassociateFaces", "DeleteFaces"]),
        st.sampled_from(["u", "v"]),
        st.sets(st.integers(0, 3), min_size=1),
    ),
    max_size=14,
)


@pytest.mark.slow
@settings(derandomize=True, max_examples=40, deadline=None)
@given(CALLS)
def test_any_sequence_of_calls_has_the_result_of_a_plain_dictionary(calls: list[tuple[str, str, set[int]]]) -> None:
    with Emulator() as emulator:
        people = People(emulator)
        ids = [people.index("Ann")[0] for _ in range(4)]
        owner: dict[str, str | None] = dict.fromkeys(ids)
        users: set[str] = set()
        for operation, user, places in calls:
            chosen = [ids[place] for place in sorted(places)]
            named = {} if operation == "DeleteFaces" else {"UserId": user}
            faces = {} if operation in ("CreateUser", "DeleteUser") else {"FaceIds": chosen}
            response = people.wire(operation, CollectionId="people", **named, **faces)
            known = operation == "DeleteFaces" or (user in users) is (operation != "CreateUser")
            refused = "ConflictException" if operation == "CreateUser" else "ResourceNotFoundException"
            assert response.body.get("__type") == (None if known else refused)
            if known:
                _mirror(operation, user, chosen, owner, users)
        listed = {face["FaceId"]: face.get("UserId") for face in people("ListFaces")["Faces"]}
        assert listed == owner
        having = {user for user in owner.values() if user}
        assert user_statuses(people) == {user: "ACTIVE" if user in having else "CREATED" for user in users}


def _mirror(operation: str, user: str, chosen: list[str], owner: dict[str, str | None], users: set[str]) -> None:
    """Apply an operation to a plain dictionary of owners."""
    if operation == "CreateUser":
        users.add(user)
    if operation == "DeleteUser":
        users.remove(user)
        owner.update({face_id: None for face_id, holder in owner.items() if holder == user})
    for face_id in chosen:
        holder = owner.get(face_id, "gone")
        if operation == "AssociateFaces" and holder is None:
            owner[face_id] = user
        if operation == "DisassociateFaces" and holder == user:
            owner[face_id] = None
        if operation == "DeleteFaces" and holder is None:
            del owner[face_id]
