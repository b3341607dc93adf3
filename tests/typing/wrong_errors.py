"""Errors with mistakes: a marker on each wrong line has exactly the codes that mypy and pyright must report there."""

# ruff: noqa: B018 (this code is for the type checkers)

from __future__ import annotations

from rekog import RekognitionClient, errors


def old_names(error: errors.ServiceError) -> None:
    error.status  # E: attr-defined | reportAttributeAccessIssue
    error.response_metadata.http_status  # E: attr-defined | reportAttributeAccessIssue
    errors.ValidationError  # E: attr-defined | reportAttributeAccessIssue
    errors.UnknownServiceError  # E: attr-defined | reportAttributeAccessIssue


def wrong_arguments() -> None:
    errors.ServiceError("text", status=400)  # E: call-arg | reportCallIssue
    errors.ThrottlingException("slow", status_code="400")  # E: arg-type | reportArgumentType
    errors.ClientClosedError("closed", operation="ListFaces")  # E: call-arg | reportCallIssue
    errors.WaiterFailedError("failed", job_id="job")  # E: call-arg | reportCallIssue


def wrong_fields(client: RekognitionClient) -> None:
    try:
        client.list_collections()
    except errors.WaiterFailedError as error:
        error.job_id  # E: attr-defined | reportAttributeAccessIssue
    except errors.TransportError as error:
        error.code  # E: attr-defined | reportAttributeAccessIssue
    client.get_paginator("DetectFaces")  # E: call-overload | reportCallIssue, reportArgumentType
