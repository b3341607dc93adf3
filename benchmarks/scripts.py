"""Programs of the two cold rows: an import, or everything up to the first response.

Each program prints the peak of its memory at its end, see `benchmarks.memory`.
"""

from __future__ import annotations

from .memory import HAS_STATUS, STATUS

IMPORTS = {
    "python": "pass",
    "rekog": "import rekog",
    "boto3": "import boto3",
    "aiobotocore": "import aiobotocore.session",
    "capo": "import capo_rekognition",
    "httpx": "import httpx",
    "http.client": "import http.client",
}
FIRST_CALLS = {
    "rekog": """
import rekog
client = rekog.RekognitionClient("us-east-1", endpoint_url=URL)
assert client.delete_collection("people").status_code == 200
""",
    "rekog async": """
import asyncio
import rekog
async def main():
    async with rekog.AsyncRekognitionClient("us-east-1", endpoint_url=URL) as client:
        assert (await client.delete_collection("people")).status_code == 200
asyncio.run(main())
""",
    "boto3": """
import boto3
client = boto3.client("rekognition", region_name="us-east-1", endpoint_url=URL)
assert client.delete_collection(CollectionId="people")["StatusCode"] == 200
""",
    "aiobotocore": """
import asyncio
from aiobotocore.session import get_session
async def main():
    async with get_session().create_client("rekognition", region_name="us-east-1", endpoint_url=URL) as client:
        assert (await client.delete_collection(CollectionId="people"))["StatusCode"] == 200
asyncio.run(main())
""",
    "capo": """
from capo_rekognition import RekognitionClient
client = RekognitionClient(region="us-east-1", endpoint=URL)
assert client.delete_collection("people")["status_code"] == 200
""",
    "http.client": """
import http.client, json, os
from urllib.parse import urlsplit
target = urlsplit(URL)
if target.scheme == "https":
    import ssl
    tls = ssl.create_default_context(cafile=os.environ["SSL_CERT_FILE"])
    connection = http.client.HTTPSConnection(target.netloc, context=tls)
else:
    connection = http.client.HTTPConnection(target.netloc)
headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "RekognitionService.DeleteCollection"}
connection.request("POST", "/", b'{"CollectionId":"people"}', headers)
assert json.loads(connection.getresponse().read())["StatusCode"] == 200
""",
}
NO_EXTRAS = 'import sys; sys.modules["orjson"] = sys.modules["pybase64"] = None'
PEAK = f'print(next(line.split()[1] for line in open("{STATUS}") if line.startswith("VmHWM")))'


def script(client: str, task: str, url: str) -> str:
    """Return the source of the program of a process."""
    work = IMPORTS[client] if task == "import" else FIRST_CALLS[client]
    return "\n".join([f"URL = {url!r}", NO_EXTRAS, work, PEAK if HAS_STATUS else ""])
