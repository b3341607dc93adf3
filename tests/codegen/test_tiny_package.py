"""The files rendered from the tiny model, run in a copy of the package in place of the real ones."""

from __future__ import annotations

import ast
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

import rekog
from codegen.__main__ import render
from tests.codegen.tiny import modelled_waiter, tiny_files, tiny_service

Run: TypeAlias = Callable[[str], list[object]]

HEAD = """
import json, warnings, httpx
from datetime import datetime, timezone
from rekog import AsyncRekognitionClient, Credentials, RekognitionClient, from_wire, models, to_wire
from rekog._generated import errors, operations, paging, shapes, waiting

def opened(*responses, client=RekognitionClient):
    script, requests = iter(responses), []
    def handle(request):
        requests.append(json.loads(request.content))
        return httpx.Response(200, json=next(script))
    transport = httpx.MockTransport(handle)
    return client("us-east-1", credentials=Credentials("id", "secret"), transport=transport), requests
"""

THING = {
    "ThingId": "a",
    "Colour": "DARK_RED",
    "Colours": ["PaleBlue", "NEW"],
    "Made": 1.5,
    "Image": "AAH/",
    "IsNew": False,
    "Tags": {"k": "v"},
    "Integer": 1,
    "Long": 2**40,
    "Float": 0.5,
    "Double": 1e-300,
}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Return a function that runs code with the tiny package and returns the value of its variable `result`."""
    folder = tmp_path_factory.mktemp("tiny")
    ignored = shutil.ignore_patterns("models", "_generated", "emulator", "__pycache__")
    shutil.copytree(Path(rekog.__file__).parent, folder / "rekog", ignore=ignored)
    (folder / "rekog/_generated").mkdir()
    real = Path(rekog.__file__).parent / "_generated"
    for name in ("__init__.py", "partitions.py"):  # these two do not depend on the service model
        shutil.copy(real / name, folder / "rekog/_generated" / name)
    for path, text in render(tiny_service()).items():
        (folder / "rekog" / path).parent.mkdir(exist_ok=True)
        (folder / "rekog" / path).write_text(text, "utf-8")

    def run_code(code: str) -> list[object]:
        program = f"import sys; sys.path.insert(0, {str(folder)!r})\n{HEAD}\n{code}\nprint(json.dumps(result))"
        command = [sys.executable, "-c", program]
        process = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert process.returncode == 0, process.stderr
        result: list[object] = json.loads(process.stdout)
        return result

    return run_code


def test_every_rendered_file_compiles() -> None:
    for path, text in render(tiny_service()).items():
        compile(text, path, "exec")


def test_every_rendered_line_fits_the_width_unless_it_is_one_signature() -> None:
    lines = [line for text in render(tiny_service()).values() for line in text.splitlines() if len(line) > 120]

    assert [line for line in lines if "def get_" not in line] == []


def test_a_recursive_structure_of_every_type_round_trips_through_its_codec(run: Run) -> None:
    thing = {**THING, "Parts": [THING, {"ThingId": "b", "Parts": [{"ThingId": "c"}]}]}

    assert run(f"""
thing = models.Thing
first = from_wire(thing, {thing!r})
again = from_wire(thing, to_wire(first))
assert again == first and first.made == datetime(1970, 1, 1, 0, 0, 1, 500000, timezone.utc)
assert first.image == first.parts[0].image == bytes([0, 1, 255])
assert first.colour is models.Colour.DARK_RED and first.colours == [models.Colour.PALE_BLUE, "NEW"]
wire = to_wire(first)
wire["Image"] = wire["Parts"][0]["Image"] = "AAH/"
result = [wire]
""") == [thing]


def test_a_call_sends_its_arguments_with_an_idempotency_token_and_returns_the_response(run: Run) -> None:
    sent, status, similarity = run("""
client, requests = opened({"Status": "NEWER", "Similarity": 50, "Thing": {"ThingId": "a"}})
thing = models.Thing(thing_id="a", colours=["DARK_RED"])
made = client.make_thing(b"\\xff\\xd8\\xff...", thing=thing, video="s3://bucket/key", note='{"a": 1}', secret="s")
token = requests[0].pop("ClientRequestToken")
assert len(token) == 36
result = requests[0], made.status, made.similarity
""")

    assert sent == {
        "Image": {"Bytes": "/9j/Li4u"},
        "Video": {"S3Object": {"Bucket": "bucket", "Name": "key"}},
        "Thing": {"ThingId": "a", "Colours": ["DARK_RED"]},
        "Note": '{"a": 1}',
        "Secret": "s",
    }
    assert (status, similarity) == ("NEWER", 50)


def test_pagers_of_one_list_and_of_two_lists_return_their_items(run: Run) -> None:
    things, listed = run("""
client, _ = opened({"Things": [{"ThingId": "a"}], "NextToken": "t"}, {"Things": [{"ThingId": "b"}]})
things = [thing.thing_id for thing in client.paginate_list_things(["n"])]
client, _ = opened({"CollectionIds": ["a", "b"], "FaceModelVersions": ["7.0", "6.0"]})
rows = client.get_paginator("list_collections").paginate()
result = things, [to_wire(row) for row in rows]
""")

    assert things == ["a", "b"]
    assert listed == [
        {"CollectionId": "a", "FaceModelVersion": "7.0"},
        {"CollectionId": "b", "FaceModelVersion": "6.0"},
    ]


def test_waiters_of_each_matcher_stop_by_their_rules(run: Run) -> None:
    result = run("""
from rekog.errors import WaiterFailedError
red, blue = ({"ThingId": "a", "Colour": colour} for colour in ("DARK_RED", "PaleBlue"))
client, requests = opened({"Things": [red]})
client.wait_until_things_red(["n"])
result = [requests[0]]
client, requests = opened({"Things": [red, blue], "StatusMessage": "no"})
try:
    client.wait_until_things_red(["n"])
except WaiterFailedError as error:
    result.append(error.status_message)
client, requests = opened({"Things": [blue, {"ThingId": "b", "Colour": "DARK_RED"}]})
result.append([t.thing_id for t in client.wait_until_thing_made(["n"], ["DARK_RED"], "b").things])
client, requests = opened({"Things": []})
client.wait_until_thing_gone(["n"])
client, requests = opened({"StatusMessage": "..."}, {"StatusMessage": "done"})
result.append([client.wait_until_message_there(["n"], delay=0).status_message, len(requests)])
""")

    assert result == [{"Names": ["n"], "MaxResults": 10}, "no", ["b"], ["done", 2]]


def test_an_exception_has_its_members_as_properties(run: Run) -> None:
    result = run("result = [errors.HumanLoopQuotaExceededException('m', body={'QuotaCode': 'q'}).quota_code]")

    assert result == ["q"]


def test_a_deprecated_operation_warns_in_both_clients_and_in_its_pager(run: Run) -> None:
    result = run("""
import asyncio
client, _ = opened({}, {})
waiting_client, _ = opened({}, client=AsyncRekognitionClient)
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    client.list_old_things()
    client.paginate_list_old_things()
    asyncio.run(waiting_client.list_old_things())
result = [[str(w.message), w.category.__name__] for w in caught]
""")

    assert result == [["old things are gone", "DeprecationWarning"]] * 3


def test_the_shape_table_keeps_constraints_and_marks_secrets(run: Run) -> None:
    result = run("""
name, tag, secret = (shapes.SHAPES[n] for n in ("Name", "TagKey", "Secret"))
result = [name.min, name.max, name.pattern, tag.pattern, secret.sensitive, name.sensitive]
""")

    assert result == [1, 64, "[a-z]+", r"\w+", True, False]


def test_shapes_of_two_families_are_common_and_others_stay_in_their_family() -> None:
    shapes = tiny_service().shapes

    assert (shapes["Thing"].family, shapes["Image"].family) == ("common", "things")
    assert (shapes["Thing"].direction, shapes["Image"].direction) == ("both", "in")


def test_a_waiter_of_the_model_keeps_its_rules_and_takes_the_message_beside_its_path() -> None:
    files = tiny_files()
    files["waiters"] = {"ThingsBlue": {**modelled_waiter(), "operation": "ListThings"}}
    files["model"]["shapes"]["Thing"]["members"]["StatusMessage"] = {"shape": "String"}

    waiter = next(w for w in tiny_service(files).waiters if w.name == "ThingsBlue")

    assert (waiter.delay, waiter.max_attempts, waiter.message) == (3, 7, "Things[].StatusMessage")
    assert waiter.arguments == ("Names", "Colours")
    assert waiter.acceptors == (
        ("success", "pathAll", "Things[].Colour", "DARK_RED"),
        ("failure", "pathAny", "Things[].Colour", "PaleBlue"),
        ("failure", "error", "ThrottlingException", ""),
    )


def test_both_clients_have_the_same_methods_with_the_same_arguments() -> None:
    files = render(tiny_service())
    signatures: list[dict[str, str]] = []
    for path in ("_generated/client.py", "_generated/async_client.py"):
        nodes = ast.walk(ast.parse(files[path]))
        functions = [node for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
        signatures.append({function.name: ast.unparse(function.args) for function in functions})

    # Except for the methods of the `with` block, the transports, and `aclose` for `contextlib.aclosing`.
    del signatures[1]["aclose"]
    signatures[1] = {
        name.replace("__a", "__"): text.replace("transports.AsyncTransport", "transports.Transport")
        for name, text in signatures[1].items()
    }
    assert signatures[0] == signatures[1]
    assert {"make_thing", "paginate_list_things", "get_paginator", "wait_until_thing_made"} <= set(signatures[0])
