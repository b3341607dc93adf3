"""User code with pagers, waiters and their values that both type checkers accept."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from typing import Any, Literal, assert_type

from rekog import AsyncRekognitionClient, Model, RekognitionClient, Response, ResponseMetadata
from rekog.errors import CallError
from rekog.models import (
    DescribeDatasetResponse,
    DescribeProjectVersionsResponse,
    GetFaceSearchResponse,
    GetLabelDetectionResponse,
    ListCollectionsResponse,
    ListedCollection,
    ListUsersResponse,
    User,
)
from rekog.paging import AsyncPager, Pager, Paginator
from rekog.waiting import AsyncWaiter, OnPoll, Poll, Waiter


def pagers(client: RekognitionClient) -> ListedCollection | None:
    pager = client.paginate_list_collections(max_items=10)
    assert_type(pager, Pager[ListedCollection, ListCollectionsResponse])
    assert_type(iter(pager), Iterator[ListedCollection])
    assert_type(next(iter(pager)), ListedCollection)
    assert_type(pager.pages(), Iterator[ListCollectionsResponse])
    assert_type(pager.first(), ListedCollection | None)
    assert_type(pager.collect(), list[ListedCollection])
    assert_type([row.collection_id for row in pager], list[str])
    assert_type(pager.build_full_result(), dict[str, object])
    assert_type(pager.search("CollectionIds"), Iterator[object])
    assert_type(client.paginator_names, list[str])
    return pager.first()


def names(users: Iterable[User]) -> list[str]:
    return [user.user_id for user in users]


def a_pager_is_an_iterable_of_wider_items(client: RekognitionClient) -> Pager[Model, Response]:
    users = client.paginate_list_users("people")
    print(names(users), names(users))
    return users


async def async_pagers(client: AsyncRekognitionClient) -> AsyncIterator[User]:
    pager = client.paginate_list_users("people")
    assert_type(pager, AsyncPager[User, ListUsersResponse])
    assert_type(await anext(aiter(pager)), User)
    assert_type(pager.pages(), AsyncIterator[ListUsersResponse])
    assert_type(await pager.first(), User | None)
    assert_type(await pager.collect(), list[User])
    assert_type(await pager.build_full_result(), dict[str, object])
    assert_type(pager.search("Users[].UserId"), AsyncIterator[object])
    async for user in pager:
        yield user
    async for user in pager:
        yield user


def log(poll: Poll[object]) -> None:
    assert_type(poll.response, object | None)
    print(f"{poll.elapsed:.0f} s: {poll.state}")


def waits(client: RekognitionClient) -> None:
    polls: list[Poll[GetFaceSearchResponse]] = []
    client.wait_until_face_search_completed("job", timeout=900, on_poll=polls.append)
    client.wait_until_face_search_completed("job", timeout=0.5, on_poll=log)
    for poll in polls:
        assert_type(poll.attempt, int)
        assert_type(poll.elapsed, float)
        assert_type(poll.response, GetFaceSearchResponse | None)
        assert_type(poll.error, CallError | None)
        assert_type(poll.state, Literal["waiting", "success", "failure"])
    on_poll: OnPoll[DescribeDatasetResponse] = log
    deleted = client.wait_until_dataset_deleted("arn", timeout=None, on_poll=on_poll)
    assert_type(deleted, DescribeDatasetResponse | None)
    client.wait_until_label_detection_completed("job", on_poll=lambda poll: print(poll.response, poll.error))
    by_name = client.get_waiter("project_version_running")
    assert_type(by_name, Waiter[DescribeProjectVersionsResponse])
    by_name.wait(project_arn="arn", timeout=60)


async def async_waits(client: AsyncRekognitionClient) -> None:
    done = await client.wait_until_label_detection_completed("job", timeout=900, on_poll=log)
    assert_type(done, GetLabelDetectionResponse)
    assert_type(client.get_waiter("user_active"), AsyncWaiter[ListUsersResponse])


def values(poll: Poll[GetFaceSearchResponse], pager: Pager[User, ListUsersResponse]) -> None:
    metadata = ResponseMetadata(request_id="id", status_code=200, headers={"date": "today"}, attempts=2)
    assert_type(metadata.request_id, str | None)
    assert_type(metadata.status_code, int)
    assert_type(metadata.headers, Mapping[str, str])
    assert_type(metadata.__replace__(attempts=3), ResponseMetadata)
    made: Poll[GetFaceSearchResponse] = Poll(attempt=1, elapsed=0.1, response=None, error=None, state="waiting")
    assert_type(made == poll, bool)

    def paginate(**_: Any) -> Pager[User, ListUsersResponse]:
        return pager

    assert_type(Paginator(paginate=paginate), Paginator[User, ListUsersResponse])
    row = ListedCollection(collection_id="people")
    assert_type(row.face_model_version, str | None)
