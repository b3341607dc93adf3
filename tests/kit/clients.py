"""Four clients of the service under one interface: they take and return wire dicts, or raise `RefusedError`.

They send one attempt without validation of arguments, where the client has an option for it, because the tests are
about the service. Timestamps in responses are epoch seconds and blobs are bytes (base64 text with the AWS CLI).
"""

from __future__ import annotations

import base64
import json
import re
import shutil
import subprocess
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol, TypeAlias, cast

import boto3
from botocore import xform_name  # pyright: ignore[reportUnknownVariableType]  # botocore has no types
from botocore.config import Config
from botocore.exceptions import ClientError

from rekog import Credentials, RekognitionClient, RetryPolicy
from rekog.errors import ServiceError

Json: TypeAlias = dict[str, Any]

KEYS = ("AKID", "secret")
REGION = "us-east-1"
_HERE = Path(__file__).parent
_ERROR = re.compile(r"An error occurred \((\S+)\) when calling the \S+ operation: (.*)", re.DOTALL)


class RefusedError(Exception):
    """An error response of the service. `status` is None if the client does not report it."""

    def __init__(self, code: str, message: str, status: int | None = None) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status


class Client(Protocol):
    """A client that calls operations by name."""

    def call(self, operation: str, members: Mapping[str, object]) -> Json:
        """Call an operation; raise `RefusedError` for its error."""
        ...


class Boto3:
    """boto3 without its own validation."""

    def __init__(self, region: str, url: str | None) -> None:
        keys = dict(zip(("aws_access_key_id", "aws_secret_access_key"), KEYS, strict=True)) if url else {}
        config = Config(parameter_validation=False, retries={"total_max_attempts": 1 if url else 5})
        self.client: Any = boto3.client("rekognition", region, endpoint_url=url, config=config, **keys)  # pyright: ignore[reportUnknownMemberType]  # boto3 has no types

    def call(self, operation: str, members: Mapping[str, object]) -> Json:
        """Call the method of the operation's name."""
        try:
            response = getattr(self.client, xform_name(operation))(**members)
        except ClientError as error:
            response = cast("Any", error.response)  # cast: a dict
            raise RefusedError(
                response["Error"]["Code"],
                response["Error"].get("Message", ""),
                response["ResponseMetadata"]["HTTPStatusCode"],
            ) from error
        del response["ResponseMetadata"]
        return cast("Json", with_epoch_seconds(response))  # cast: a dict stays one

    def close(self) -> None:
        """Close the connections."""
        self.client.close()


class Rekog:
    """rekog, through its method `call`, which takes and returns wire dicts."""

    def __init__(self, region: str, url: str | None) -> None:
        credentials = Credentials(*KEYS) if url else None
        retry = RetryPolicy(mode="off") if url else None
        self.client = RekognitionClient(region, endpoint_url=url, credentials=credentials, retry=retry)

    def call(self, operation: str, members: Mapping[str, object]) -> Json:
        """Call an operation."""
        try:
            return dict(self.client.call(operation, members))
        except ServiceError as error:
            raise RefusedError(error.code, error.message, error.status_code) from error

    def close(self) -> None:
        """Close the connections."""
        self.client.close()


class JavaScript:
    """The JavaScript SDK v3 in a process of node. Requests and responses are lines of JSON."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def call(self, operation: str, members: Mapping[str, object]) -> Json:
        """Send the command of the operation's name."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"operation": operation, "input": with_marked_bytes(members)}) + "\n")
        self._process.stdin.flush()
        result = json.loads(self._process.stdout.readline(), object_hook=_untagged)
        if "error" in result:
            raise RefusedError(**result["error"])
        return cast("Json", result["response"])  # cast: client.mjs writes an object


class Cli:
    """The AWS CLI, one process for each call: images as `--image-bytes`, other members as `--cli-input-json`."""

    IMAGES = ("Image", "SourceImage", "TargetImage")

    def __init__(self, program: Path, folder: Path, region: str, url: str) -> None:
        self._folder = folder
        self._command = [str(program), "rekognition", "--region", region, "--endpoint-url", url, "--no-paginate"]
        self._environment = {
            "AWS_ACCESS_KEY_ID": KEYS[0],
            "AWS_SECRET_ACCESS_KEY": KEYS[1],
            "AWS_MAX_ATTEMPTS": "1",
            "HOME": str(folder),
        }

    def run(self, *words: str) -> Json:
        """Run a command, and return its output."""
        ended = subprocess.run(
            [*self._command, *words], env=self._environment, check=False, capture_output=True, text=True, timeout=120
        )
        if ended.returncode:
            result = _ERROR.search(ended.stderr)
            assert result is not None, ended.stderr
            raise RefusedError(result[1], result[2].strip())
        return cast("Json", json.loads(ended.stdout or "{}"))  # cast: the CLI prints an object or nothing

    def call(self, operation: str, members: Mapping[str, object]) -> Json:
        """Run the command of the operation's name."""
        words = [xform_name(operation, "-")]
        rest = dict(members)
        for name in self.IMAGES:
            data = cast("Mapping[str, object]", members.get(name, {})).get("Bytes")  # cast: an Image
            if data is not None:
                file = self._folder / name
                file.write_bytes(cast("bytes", data))  # cast: Bytes of an Image
                words += [f"--{xform_name(name, '-')}-bytes", f"fileb://{file}"]
                del rest[name]
        return self.run(*words, "--cli-input-json", json.dumps(rest, default=bytes.decode))


@contextmanager
def open_javascript(folder: Path, region: str, url: str) -> Generator[JavaScript]:
    """Start node in a folder with the SDK in node_modules."""
    script = shutil.copy(_HERE / "client.mjs", folder)
    process = subprocess.Popen(
        ["node", script, region, url, *KEYS], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=folder
    )
    try:
        yield JavaScript(process)
    finally:
        process.communicate(timeout=60)  # node ends at the end of its input


def with_epoch_seconds(value: Any) -> Any:
    """Return a response with its timestamps as epoch seconds."""
    if isinstance(value, dict):
        return {key: with_epoch_seconds(item) for key, item in value.items()}  # pyright: ignore[reportUnknownVariableType]  # JSON
    if isinstance(value, list):
        return [with_epoch_seconds(item) for item in value]  # pyright: ignore[reportUnknownVariableType]  # JSON
    return value.timestamp() if isinstance(value, datetime) else value


def with_marked_bytes(value: object) -> object:
    """Return members as JSON, with bytes as {"$bytes": base64}."""
    if isinstance(value, bytes):
        return {"$bytes": base64.b64encode(value).decode()}
    if isinstance(value, Mapping):
        return {key: with_marked_bytes(item) for key, item in cast("Mapping[str, object]", value).items()}  # cast: JSON
    if isinstance(value, list | tuple):
        return [with_marked_bytes(item) for item in cast("list[object]", value)]  # cast: JSON
    return value


def _untagged(value: Json) -> object:
    if "$bytes" in value:
        return base64.b64decode(value["$bytes"])
    return value.get("$time", value)
