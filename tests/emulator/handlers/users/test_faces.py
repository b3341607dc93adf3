"""The faces of users: AssociateFaces and DisassociateFaces."""

from __future__ import annotations

from typing import Any

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


def accepted(answer: dict[str, Any]) -> list[str]:
    return [face["FaceId"] for face in answer.get("AssociatedFaces", [])]


# Faces of users


def test_a_user_is_updating_and_then_active(people: People) -> None:
    create_users(people, "ann")
    (face_id,) = people.index("Ann")
    answer = associate_faces(people, "ann", face_id)
    assert accepted(answer) == [face_id]
    assert answer["UserStatus"] == "UPDATING"
    assert user_statuses(people) == {"ann": "ACTIVE"}
    assert people("ListFaces")["Faces"][0]["UserId"] == "ann"


def test_an_update_takes_its_time_in_which_no_other_begins() -> None:
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


def test_while_it_is_updated_a_user_is_found_by_the_faces_it_had() -> None:
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


def test_a_user_may_be_deleted_while_it_is_updated() -> None:
    with Emulator(clock=ManualClock(0), durations=Durations(user=5)) as emulator:
        people = People(emulator)
        create_user_with_faces(people, "ann", "Ann")
        people("DeleteUser", UserId="ann")
        assert user_statuses(people) == {}


def test_a_face_that_the_user_has_already_is_in_neither_list(people: People) -> None:
    (face_id,) = create_user_with_faces(people, "ann", "Ann")
    answer = associate_faces(people, "ann", face_id)
    assert (accepted(answer), answer.get("UnsuccessfulFaceAssociations", [])) == ([], [])
    assert answer["UserStatus"] == "ACTIVE"


def test_a_face_named_twice_is_taken_once(people: People) -> None:
    create_users(people, "ann")
    (face_id,) = people.index("Ann")
    assert accepted(associate_faces(people, "ann", face_id, face_id)) == [face_id]


def test_faces_of_another_user_and_unknown_ones_are_told(people: People) -> None:
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


def test_a_face_unlike_the_user_is_told_with_how_alike_it_is(people: People) -> None:
    create_user_with_faces(people, "ann", "Ann")
    ann, bob = people.index("Ann")[0], people.index("Bob")[0]
    answer = associate_faces(people, "ann", ann, bob)
    assert accepted(answer) == [ann]
    (failed,) = answer["UnsuccessfulFaceAssociations"]
    assert failed.pop("Confidence") < 20
    assert failed == {"FaceId": bob, "Reasons": ["LOW_MATCH_CONFIDENCE"]}


def test_the_first_face_always_passes_and_the_next_must_be_like_it(people: People) -> None:
    create_users(people, "ann")
    bob, ann = people.index("Bob")[0], people.index("Ann")[0]
    answer = associate_faces(people, "ann", bob, ann, UserMatchThreshold=100)
    assert accepted(answer) == [bob]


def test_the_match_threshold_is_75_unless_told_and_inclusive(people: People) -> None:
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
        answer = associate_faces(people, "ann", *ids[:4])
        assert accepted(answer) == ids[:3]
        assert [(face["FaceId"], face.get("Reasons", [])) for face in answer["UnsuccessfulFaceAssociations"]] == [
            (ids[3], [])
        ]
        refusal = people.refusal("AssociateFaces", UserId="ann", FaceIds=[ids[4]])
        assert refusal[0] == "ServiceQuotaExceededException"


def test_disassociated_faces_are_free_again(people: People) -> None:
    first, second = create_user_with_faces(people, "ann", "Ann", "Ann")
    answer = people("DisassociateFaces", UserId="ann", FaceIds=[first, first])
    assert disassociated_face_ids(answer) == [first]
    assert answer["UserStatus"] == "UPDATING"
    assert user_statuses(people) == {"ann": "ACTIVE"}
    assert people.listed(UserId="ann") == [second]
    assert people("DeleteFaces", FaceIds=[first])["DeletedFaces"] == [first]


def test_a_user_without_a_face_left_is_created_and_not_found(people: People) -> None:
    (face_id,) = create_user_with_faces(people, "ann", "Ann")
    people("DisassociateFaces", UserId="ann", FaceIds=[face_id])
    assert user_statuses(people) == {"ann": "CREATED"}
    assert matched_user_ids(people("SearchUsers", FaceId=face_id)) == []


def test_disassociating_tells_foreign_and_unknown_faces_and_passes_over_free_ones(people: People) -> None:
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


# All together

CALLS = st.lists(
    st.tuples(
        st.sampled_from(["CreateUser", "DeleteUser", "AssociateFaces", "DisassociateFaces", "DeleteFaces"]),
        st.sampled_from(["u", "v"]),
        st.sets(st.integers(0, 3), min_size=1),
    ),
    max_size=14,
)


@settings(derandomize=True, max_examples=40, deadline=None)
@given(CALLS)
def test_any_sequence_of_calls_ends_where_a_plain_dictionary_ends(calls: list[tuple[str, str, set[int]]]) -> None:
    with Emulator() as emulator:
        people = People(emulator)
        ids = [people.index("Ann")[0] for _ in range(4)]
        owner: dict[str, str | None] = dict.fromkeys(ids)
        users: set[str] = set()
        for operation, user, places in calls:
            chosen = [ids[place] for place in sorted(places)]
            named = {} if operation == "DeleteFaces" else {"UserId": user}
            faces = {} if operation in ("CreateUser", "DeleteUser") else {"FaceIds": chosen}
            answer = people.wire(operation, CollectionId="people", **named, **faces)
            known = operation == "DeleteFaces" or (user in users) is (operation != "CreateUser")
            assert (answer.status == 200) is known, answer.body
            if known:
                _mirror(operation, user, chosen, owner, users)
        listed = {face["FaceId"]: face.get("UserId") for face in people("ListFaces")["Faces"]}
        assert listed == owner
        having = {user for user in owner.values() if user}
        assert user_statuses(people) == {user: "ACTIVE" if user in having else "CREATED" for user in users}


def _mirror(operation: str, user: str, chosen: list[str], owner: dict[str, str | None], users: set[str]) -> None:
    """Do to a plain dictionary of owners what an operation does to a collection."""
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
