"""Names and objects that programs written for boto3 use: `exceptions`, botocore's credentials, regions, `aclosing`."""

from __future__ import annotations

import inspect
import pickle
import warnings
from contextlib import aclosing
from importlib import import_module
from typing import Any

import anyio
import httpx
import pytest

from rekog import AsyncRekognitionClient, RekognitionClient, errors
from rekog._core.compat.exceptions import Exceptions
from rekog._settings import unlisted_regions
from rekog.errors import ClientClosedError, RekogWarning
from tests.kit.backends import KEYS, Backend, Scripted, error_reply

botocore_session: Any = import_module("botocore.session")
boto3: Any = import_module("boto3")
NAMES: list[str] = vars(errors)["__all__"]  # pyright cannot read an `__all__` that is extended

# --- client.exceptions -------------------------------------------------------------------------------------------


def test_an_error_is_caught_by_its_name_in_the_exceptions_of_a_client(backend: Backend) -> None:
    client = backend.client(Scripted(error_reply("ResourceNotFoundException", "no such collection")))
    with pytest.raises(client.exceptions.ResourceNotFoundException) as caught:
        backend.run(lambda: client.describe_collection("people"))
    assert caught.value.code == "ResourceNotFoundException"


def test_the_exceptions_of_a_client_are_the_module_of_errors(backend: Backend) -> None:
    assert backend.client().exceptions is errors


def test_the_type_of_the_exceptions_has_each_error() -> None:
    names = {name for name, value in inspect.getmembers_static(Exceptions) if isinstance(value, property)}
    assert names == set(NAMES) - {"RekogWarning"}


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("ResourceNotFound", "did you mean 'ResourceNotFoundException'?"),
        ("ThrottlingError", "did you mean 'ThrottlingException'?"),
        ("ClientError", "did you mean 'ServiceError'?"),
        ("EndpointConnectionError", "did you mean 'ConnectError'?"),
        ("Zzz", "`dir(rekog.errors)` lists the names"),
    ],
)
def test_an_unknown_name_of_an_error_gets_a_suggestion(backend: Backend, name: str, hint: str) -> None:
    with pytest.raises(AttributeError) as caught:
        getattr(backend.client().exceptions, name)
    assert str(caught.value).startswith(f"rekog.errors has no {name!r}: {hint}")


def test_a_suggested_name_exists() -> None:
    suggested: dict[str, str] = vars(errors)["_BOTOCORE"]
    assert set(suggested.values()) <= set(NAMES)


def test_a_private_name_gets_no_suggestion() -> None:
    with pytest.raises(AttributeError, match=r"rekog\.errors has no '__wrapped__'$"):
        getattr(errors, "__wrapped__")  # noqa: B009 (tools such as doctest ask for it)


# --- Credentials of botocore and boto3 ---------------------------------------------------------------------------


@pytest.fixture(params=["botocore", "boto3"])
def foreign_credentials(request: pytest.FixtureRequest) -> Any:
    """Return credentials as botocore and boto3 have them."""
    if request.param == "boto3":
        keys = {"aws_access_key_id": "AKID", "aws_secret_access_key": "secret", "aws_session_token": "token"}
        return boto3.Session(**keys).get_credentials()
    session = botocore_session.Session()
    session.set_credentials("AKID", "secret", "token")
    return session.get_credentials()


def test_credentials_of_botocore_and_boto3_sign_requests(backend: Backend, foreign_credentials: Any) -> None:
    transport = Scripted()
    client = backend.client(transport, credentials=foreign_credentials)
    backend.run(lambda: client.call("ListCollections"))
    headers = transport.sent[0].headers
    assert "Credential=AKID/" in headers["authorization"]
    assert headers["x-amz-security-token"] == "token"


# --- Regions -----------------------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def no_region_warned(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget the regions that earlier tests were warned of."""
    monkeypatch.setattr(unlisted_regions, "_WARNED", set[str]())


@pytest.mark.parametrize(
    ("region", "near"),
    [
        ("Europe", "did you mean 'eu-central-1' or "),
        ("eu-north-7", "did you mean 'eu-south-2'?"),
        ("eu-west-11", "did you mean 'eu-west-1' or "),
        ("EU-WEST-1", "did you mean 'eu-west-1' or "),
        ("mars", "the names are like 'us-east-1'"),
    ],
)
def test_an_unlisted_region_is_warned_of_with_the_nearest_names(backend: Backend, region: str, near: str) -> None:
    with pytest.warns(RekogWarning) as seen:
        client = backend.client(region_name=region)
    assert len(seen) == 1
    assert str(seen[0].message).startswith(f"region {region!r} is not in the list of AWS regions: {near}")
    assert f"Requests go to rekognition.{region.lower()}.amazonaws.com" in str(seen[0].message)
    assert seen[0].filename.endswith("backends.py")  # the line that creates the client
    assert client.region_name == region


def test_a_warning_shows_a_line_of_a_package_whose_name_begins_like_ours() -> None:
    names: dict[str, Any] = {"__name__": "rekognition_jobs", "RekognitionClient": RekognitionClient, "KEYS": KEYS}
    exec(compile("def create(): RekognitionClient('eu-north-7', credentials=KEYS)", "jobs.py", "exec"), names)
    with pytest.warns(RekogWarning) as seen:
        names["create"]()
    assert seen[0].filename == "jobs.py"


def test_a_region_is_warned_of_again_after_its_warning_became_an_error(backend: Backend) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(RekogWarning):
            backend.client(region_name="eu-north-7")
    with pytest.warns(RekogWarning, match="eu-north-7"):
        backend.client(region_name="eu-north-7")


def test_a_region_is_warned_of_once(backend: Backend) -> None:
    def create() -> None:
        first = backend.client(region_name="eu-north-7")
        backend.client(region_name="eu-north-7")
        pickle.loads(pickle.dumps(first))
        first.with_options(timeout=5)
        backend.client(region_name="eu-north-8")

    with pytest.warns(RekogWarning) as seen:
        create()
    assert [str(warning.message).split("'")[1] for warning in seen] == ["eu-north-7", "eu-north-8"]


def test_a_warning_that_is_an_error_is_raised_each_time() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for _ in range(2):
            with pytest.raises(RekogWarning):
                RekognitionClient("eu-north-7", credentials=KEYS)


def test_the_region_of_the_environment_is_warned_of(backend: Backend, bare_environment: pytest.MonkeyPatch) -> None:
    bare_environment.setenv("AWS_REGION", "eu-north-7")
    with pytest.warns(RekogWarning, match="region 'eu-north-7'"):
        backend.client(region_name=None)


@pytest.mark.parametrize("region", ["us-gov-west-1", "cn-north-1", "us-iso-east-1", "aws-global", "us-east-1-fips"])
def test_a_listed_region_is_not_warned_of(backend: Backend, region: str) -> None:
    backend.client(region_name=region)


def test_a_region_beside_a_custom_endpoint_is_not_warned_of(backend: Backend) -> None:
    assert backend.client(region_name="mars", endpoint_url="http://localhost:8680").region_name == "mars"


def test_the_region_of_a_local_client_is_not_warned_of() -> None:
    with RekognitionClient.local(region_name="mars") as client:
        assert client.region_name == "mars"


# --- aclosing ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["asyncio", "trio"])
def test_an_async_client_works_with_aclosing(kind: str) -> None:
    async def main() -> AsyncRekognitionClient:
        transport = httpx.MockTransport(lambda _: httpx.Response(200, json={}))
        client = AsyncRekognitionClient("eu-west-1", credentials=KEYS, transport=transport)
        async with aclosing(client):
            await client.call("ListCollections")
        with pytest.raises(ClientClosedError):
            await client.call("ListCollections")
        return client

    anyio.run(main, backend=kind)


def test_closing_twice_does_nothing(backend: Backend) -> None:
    client = backend.client()
    backend.close(client)
    backend.close(client)
