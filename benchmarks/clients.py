"""The same tasks for each client: a tiny call, 11 KB of faces, an upload and a listing.

Peers are imported by name, because they are installed in another environment and have no types. Bare transports send
the request of an SDK without a signature and leave the response as bytes: they are the lower bound.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from importlib import import_module
from typing import Any, Protocol
from urllib.parse import urlsplit

REGION = "us-east-1"
BUCKET, KEY = "holidays", "group.jpg"
COLLECTION = "people"
S3_IMAGE = {"S3Object": {"Bucket": BUCKET, "Name": KEY}}
CAPO_IMAGE = {"s3_object": {"bucket": BUCKET, "name": KEY}}


class Client(Protocol):
    """The measured tasks of a sync client."""

    def tiny(self) -> object: ...
    def faces(self) -> object: ...
    def upload(self, data: bytes) -> object: ...
    def listed(self) -> Iterator[object]: ...


class AsyncClient(Protocol):
    """The measured tasks of an async client."""

    async def tiny(self) -> object: ...
    async def faces(self) -> object: ...
    async def upload(self, data: bytes) -> object: ...
    def listed(self) -> AsyncIterator[object]: ...
    async def close(self) -> object: ...


class Rekog:
    def __init__(self, url: str, connections: int) -> None:
        import rekog

        self._client = rekog.RekognitionClient(REGION, endpoint_url=url, max_connections=connections)
        self._image = rekog.models.Image(s3_object=rekog.S3Object(bucket=BUCKET, name=KEY))

    def tiny(self) -> object:
        return self._client.delete_collection(COLLECTION)

    def faces(self) -> object:
        return self._client.detect_faces(self._image)

    def upload(self, data: bytes) -> object:
        return self._client.detect_labels(data)

    def listed(self) -> Iterator[object]:
        return iter(self._client.paginate_list_faces(COLLECTION))


class AsyncRekog:
    def __init__(self, url: str, connections: int) -> None:
        import rekog

        self._client = rekog.AsyncRekognitionClient(REGION, endpoint_url=url, max_connections=connections)
        self._image = rekog.models.Image(s3_object=rekog.S3Object(bucket=BUCKET, name=KEY))

    async def tiny(self) -> object:
        return await self._client.delete_collection(COLLECTION)

    async def faces(self) -> object:
        return await self._client.detect_faces(self._image)

    async def upload(self, data: bytes) -> object:
        return await self._client.detect_labels(data)

    def listed(self) -> AsyncIterator[object]:
        return aiter(self._client.paginate_list_faces(COLLECTION))

    async def close(self) -> object:
        await self._client.close()
        return None


class Boto3:
    def __init__(self, url: str, connections: int) -> None:
        config = import_module("botocore.config").Config(max_pool_connections=connections)
        boto3 = import_module("boto3")
        self._client: Any = boto3.client("rekognition", region_name=REGION, endpoint_url=url, config=config)

    def tiny(self) -> object:
        return self._client.delete_collection(CollectionId=COLLECTION)

    def faces(self) -> object:
        return self._client.detect_faces(Image=S3_IMAGE)

    def upload(self, data: bytes) -> object:
        return self._client.detect_labels(Image={"Bytes": data})

    def listed(self) -> Iterator[object]:
        for page in self._client.get_paginator("list_faces").paginate(CollectionId=COLLECTION):
            yield from page["Faces"]


class Aiobotocore:
    def __init__(self, url: str, connections: int) -> None:
        config = import_module("aiobotocore.config").AioConfig(max_pool_connections=connections)
        session = import_module("aiobotocore.session").get_session()
        self._context: Any = session.create_client("rekognition", region_name=REGION, endpoint_url=url, config=config)
        self._opened: Any = None

    async def _client(self) -> Any:
        if self._opened is None:
            self._opened = await self._context.__aenter__()
        return self._opened

    async def tiny(self) -> object:
        return await (await self._client()).delete_collection(CollectionId=COLLECTION)

    async def faces(self) -> object:
        return await (await self._client()).detect_faces(Image=S3_IMAGE)

    async def upload(self, data: bytes) -> object:
        return await (await self._client()).detect_labels(Image={"Bytes": data})

    async def listed(self) -> AsyncIterator[object]:
        async for page in (await self._client()).get_paginator("list_faces").paginate(CollectionId=COLLECTION):
            for face in page["Faces"]:
                yield face

    async def close(self) -> object:
        return await self._context.__aexit__(None, None, None)


class Capo:
    def __init__(self, url: str, connections: int) -> None:
        self._client: Any = import_module("capo_rekognition").RekognitionClient(region=REGION, endpoint=url)

    def tiny(self) -> object:
        return self._client.delete_collection(COLLECTION)

    def faces(self) -> object:
        return self._client.detect_faces(CAPO_IMAGE)

    def upload(self, data: bytes) -> object:
        return self._client.detect_labels({"bytes": data})

    def listed(self) -> Iterator[object]:
        yield from self._client.iter_list_faces(COLLECTION)


class AsyncCapo:
    def __init__(self, url: str, connections: int) -> None:
        self._client: Any = import_module("capo_rekognition").AsyncRekognitionClient(region=REGION, endpoint=url)

    async def tiny(self) -> object:
        return await self._client.delete_collection(COLLECTION)

    async def faces(self) -> object:
        return await self._client.detect_faces(CAPO_IMAGE)

    async def upload(self, data: bytes) -> object:
        return await self._client.detect_labels({"bytes": data})

    async def listed(self) -> AsyncIterator[object]:
        async for face in self._client.iter_list_faces(COLLECTION):
            yield face

    async def close(self) -> object:
        return await self._client.__aexit__(None, None, None)


class Bare:
    """Base of the bare transports: the request bodies of the tasks; a bare transport does not page."""

    def __init__(self, url: str, connections: int) -> None:
        self.url, self.connections = url, connections
        self.host, self.port = urlsplit(url).hostname or "", urlsplit(url).port or 0

    def post(self, operation: str, body: bytes) -> object:
        raise NotImplementedError

    def tiny(self) -> object:
        return self.post("DeleteCollection", b'{"CollectionId":"people"}')

    def faces(self) -> object:
        return self.post("DetectFaces", b'{"Image":{"S3Object":{"Bucket":"holidays","Name":"group.jpg"}}}')

    def upload(self, data: bytes) -> object:
        return self.post("DetectLabels", data)

    def listed(self) -> Iterator[object]:
        raise NotImplementedError("a bare transport does not page")


def headers(operation: str) -> dict[str, str]:
    """Return the two headers that name the protocol and the operation of a request."""
    return {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": f"RekognitionService.{operation}"}


class RawSocket(Bare):
    def __init__(self, url: str, connections: int) -> None:
        super().__init__(url, connections)
        self._socket = socket.create_connection((self.host, self.port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def post(self, operation: str, body: bytes) -> object:
        self._socket.sendall(raw_request(operation, body))
        response = self._socket.recv(65536)
        end = response.index(b"\r\n\r\n") + 4 + content_length(response)
        while len(response) < end:
            response += self._socket.recv(65536)
        return response


class AsyncRaw:
    """asyncio's streams, with one connection per worker."""

    def __init__(self, url: str, connections: int) -> None:
        self._bare = Bare(url, connections)
        self._idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def _post(self, operation: str, body: bytes) -> object:
        pair = self._idle.pop() if self._idle else await asyncio.open_connection(self._bare.host, self._bare.port)
        pair[1].write(raw_request(operation, body))
        head = await pair[0].readuntil(b"\r\n\r\n")
        body = await pair[0].readexactly(content_length(head))
        self._idle.append(pair)
        return body

    async def tiny(self) -> object:
        return await self._post("DeleteCollection", b'{"CollectionId":"people"}')

    async def faces(self) -> object:
        return await self._post("DetectFaces", b'{"Image":{"S3Object":{"Bucket":"holidays","Name":"group.jpg"}}}')

    async def upload(self, data: bytes) -> object:
        return await self._post("DetectLabels", data)

    def listed(self) -> AsyncIterator[object]:
        raise NotImplementedError("a bare transport does not page")

    async def close(self) -> object:
        for _, writer in self._idle:
            writer.close()
        return None


class HttpClient(Bare):
    def __init__(self, url: str, connections: int) -> None:
        super().__init__(url, connections)
        self._connection: Any = import_module("http.client").HTTPConnection(self.host, self.port)

    def post(self, operation: str, body: bytes) -> object:
        self._connection.request("POST", "/", body, headers(operation))
        return self._connection.getresponse().read()


class Urllib3(Bare):
    def __init__(self, url: str, connections: int) -> None:
        super().__init__(url, connections)
        self._pool: Any = import_module("urllib3").HTTPConnectionPool(self.host, self.port, maxsize=connections)

    def post(self, operation: str, body: bytes) -> object:
        return self._pool.urlopen("POST", "/", body=body, headers=headers(operation)).data


class Httpx(Bare):
    def __init__(self, url: str, connections: int) -> None:
        super().__init__(url, connections)
        self._client: Any = import_module("httpx").Client()

    def post(self, operation: str, body: bytes) -> object:
        return self._client.post(self.url, content=body, headers=headers(operation)).content


def raw_request(operation: str, body: bytes) -> bytes:
    """Return the bytes of a whole HTTP request."""
    fields = {"Host": "127.0.0.1", **headers(operation), "Content-Length": str(len(body))}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"POST / HTTP/1.1\r\n{head}\r\n".encode() + body


def content_length(head: bytes) -> int:
    """Return the Content-Length of a response head."""
    return int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])


CLIENTS: dict[str, Callable[[str, int], Client]] = {
    "rekog": Rekog,
    "boto3": Boto3,
    "capo": Capo,
    "http.client": HttpClient,
    "urllib3": Urllib3,
    "httpx": Httpx,
    "socket": RawSocket,
}
ASYNC_CLIENTS: dict[str, Callable[[str, int], AsyncClient]] = {
    "rekog async": AsyncRekog,
    "aiobotocore": Aiobotocore,
    "capo async": AsyncCapo,
    "asyncio": AsyncRaw,
}
