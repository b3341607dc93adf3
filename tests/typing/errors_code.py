"""Code that uses the errors as a program would; both type checkers must accept it."""

from __future__ import annotations

from typing import assert_type

from rekog import AsyncRekognitionClient, RekognitionClient, ResponseMetadata, errors, models, paging, waiting


def read_fields(error: errors.ServiceError) -> None:
    assert_type(error.status_code, int)
    assert_type(error.retryable, bool)
    assert_type(error.throttling, bool)
    assert_type(error.is_client_fault, bool)
    assert_type(error.response_metadata, ResponseMetadata)
    assert_type(error.response_metadata.status_code, int)


def catch(client: RekognitionClient) -> None:
    try:
        client.wait_until_face_search_completed("job")
    except errors.THROTTLING as error:
        assert_type(error, errors.ServiceError)
    except errors.NotServedByEmulatorError as error:
        assert_type(error.code, str)
    except errors.JobFailedError as error:
        assert_type(error.job_id, str)
    except errors.WaiterFailedError as error:
        assert_type(error.operation, str)
    except errors.PaginationError as error:
        assert_type(error.operation, str)
    except errors.ClientClosedError as error:
        runtime: RuntimeError = error
        print(runtime)
    except errors.ParamValidationError as error:
        value: ValueError = error
        print(value)
    except errors.ReadTimeoutError as error:
        timeout: TimeoutError = error
        print(timeout)


def boto3_names(client: RekognitionClient, other: AsyncRekognitionClient) -> None:
    try:
        client.describe_collection("people")
    except client.exceptions.ResourceNotFoundException as error:
        assert_type(error, errors.ResourceNotFoundException)
    except other.exceptions.THROTTLING as error:
        assert_type(error, errors.ServiceError)


def create() -> list[errors.ServiceError]:
    throttle = errors.ThrottlingException("slow", status_code=400, request_id="r")
    return [throttle, errors.UnmodeledServiceError("text", code="Other", throttling=True)]


def look_up(client: RekognitionClient, other: AsyncRekognitionClient) -> None:
    paginator = client.get_paginator("ListFaces")
    assert_type(paginator, paging.Paginator[models.Face, models.ListFacesResponse])
    assert_type(client.get_waiter("FaceSearchCompleted"), waiting.Waiter[models.GetFaceSearchResponse])
    assert_type(other.get_paginator("ListFaces"), paging.AsyncPaginator[models.Face, models.ListFacesResponse])


warning: type[UserWarning] = errors.RekogWarning
