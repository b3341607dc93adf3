"""Mistakes with pagers, waiters and their values. Each line names the rules of mypy and of pyright that report it."""

# ruff: noqa: B018, TC001 (this code is for the type checkers)

from __future__ import annotations

from rekog import AsyncRekognitionClient, RekognitionClient, ResponseMetadata
from rekog.models import GetFaceSearchResponse, GetTextDetectionResponse, ListedCollection
from rekog.paging import Pager
from rekog.waiting import Poll


def wrong_pagers(client: RekognitionClient) -> None:
    pager = client.paginate_list_collections()
    next(pager)  # E: call-overload | reportArgumentType
    for row in client.list_collections():  # E: attr-defined | reportGeneralTypeIssues
        print(row)
    for page in pager.pages:  # E: attr-defined | reportGeneralTypeIssues
        print(page)
    pager.first().collection_id  # E: union-attr | reportOptionalMemberAccess
    pager.resume_token = "t"  # E: misc | reportAttributeAccessIssue
    client.paginate_list_collections(limit=5)  # E: call-arg | reportCallIssue
    client.paginate_list_collections(max_results=5)  # E: call-arg | reportCallIssue
    rows: Pager[str, object] = pager  # E: assignment | reportAssignmentType
    print(rows)


async def wrong_async_pagers(client: AsyncRekognitionClient) -> None:
    pager = client.paginate_list_collections()
    await anext(pager)  # E: call-overload | reportArgumentType
    pager.first().collection_id  # E: attr-defined | reportAttributeAccessIssue


def on_texts(poll: Poll[GetTextDetectionResponse]) -> None:
    print(poll)


def wrong_waits(client: RekognitionClient) -> None:
    client.wait_until_face_search_completed("job", timeout="5")  # E: arg-type | reportArgumentType
    client.wait_until_face_search_completed("job", on_poll=on_texts)  # E: arg-type | reportArgumentType
    client.wait_until_project_version_running("arn", next_token="t")  # E: call-arg | reportCallIssue
    client.wait_until_project_version_training_completed("arn", max_results=5)  # E: call-arg | reportCallIssue


def wrong_values(poll: Poll[GetFaceSearchResponse], metadata: ResponseMetadata, row: ListedCollection) -> None:
    print(*poll)  # E: misc | reportGeneralTypeIssues
    poll.response.persons  # E: union-attr | reportOptionalMemberAccess
    poll.attempt = 2  # E: misc | reportAttributeAccessIssue
    poll[0]  # E: index | reportIndexIssue
    metadata.status_code = 500  # E: misc | reportAttributeAccessIssue
    metadata.http_status  # E: attr-defined | reportAttributeAccessIssue
    ResponseMetadata("request-1")  # E: call-arg | reportCallIssue
    tuple(row)  # E: arg-type | reportArgumentType
