"""Mistakes of users who come from boto3 and from other SDKs, which type checkers report.

They do not report these, because the types are right: a share in place of a percentage (`min_confidence=0.8`, also in a
declaration), two swapped texts (`index_faces("group.jpg", "staff")`), wire names in the dict of `call`, an async
function as `on_poll`, a timeout in `options` meant for a whole wait, `if response.face_details[0].smile is not None`
meant for the value, a text in place of a list of texts (`face_ids="abc"`), and a second use of a closed client. Tests
at run time have each of them (docs/design/api.md).
"""

# ruff: noqa: B018 (this code is for the type checkers)

from __future__ import annotations

from rekog import Credentials, Image, RekognitionClient, errors, models


def boto3_arguments(client: RekognitionClient, image: Image) -> None:
    client.detect_faces(Image={"Bytes": b"..."})  # E: call-arg | reportCallIssue
    client.create_collection(CollectionId="people")  # E: call-arg | reportCallIssue
    client.paginate_list_faces("people", PaginationConfig={"MaxItems": 5})  # E: call-arg | reportCallIssue
    client.wait_until_dataset_ready("arn", WaiterConfig={"Delay": 1})  # E: call-arg | reportCallIssue
    client.generate_presigned_url("detect_faces", Params={})  # E: call-arg | reportCallIssue
    RekognitionClient("eu-west-1", aws_secret_access_key="secret")  # E: call-arg | reportCallIssue
    RekognitionClient("eu-west-1", session=None)  # E: call-arg | reportCallIssue
    Credentials(access_key="AKID", secret_key="secret")  # E: call-arg | reportCallIssue


def boto3_names(client: RekognitionClient, error: errors.ServiceError) -> None:
    errors.ClientError  # E: attr-defined | reportAttributeAccessIssue
    error.operation_name  # E: attr-defined | reportAttributeAccessIssue
    client.meta  # E: attr-defined | reportAttributeAccessIssue
    client.exceptions.ResourceNotFound  # E: attr-defined | reportAttributeAccessIssue
    client.exceptions.ClientError  # E: attr-defined | reportAttributeAccessIssue


def jobs(client: RekognitionClient) -> None:
    job = client.start_label_detection("s3://videos/party.mp4")
    job.wait()  # E: attr-defined | reportAttributeAccessIssue
    client.get_label_detection(job)  # E: arg-type | reportArgumentType
    client.wait_until_label_detection_completed(job)  # E: arg-type | reportArgumentType


def swapped(client: RekognitionClient, image: Image) -> None:
    client.index_faces(image, "staff")  # E: arg-type | reportArgumentType
    client.search_faces_by_image(image, "staff")  # E: arg-type | reportArgumentType


def partial_models() -> None:
    models.FaceDetail(confidence=9.0)  # E: call-arg | reportCallIssue
    models.Label(name="Cat")  # E: call-arg | reportCallIssue


def no_public_names() -> None:
    from rekog import Emulator  # E: attr-defined | reportAttributeAccessIssue
    from rekog.errors import APITimeoutError  # E: attr-defined | reportAttributeAccessIssue

    print(Emulator, APITimeoutError)
