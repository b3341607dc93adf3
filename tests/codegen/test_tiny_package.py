"""The files rendered from the tiny model, put in the place of the real ones in a copy of the package, and run there."""

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

Ask: TypeAlias = Callable[[str], list[object]]

HEAD = """
import json, warnings, httpx
from datetime import datetime, timezone
from rekog import AsyncRekognitionClient, Credentials, RekognitionClient, from_wire, models, to_wire
from rekog._generated import errors, operations, paging, shapes, waiting

def opened(*answers, client=RekognitionClient):
    script, seen = iter(answers), []
    def handle(request):
        seen.append(json.loads(request.content))
        return httpx.Response(200, json=next(script))
    return client("us-east-1", credentials=Credentials("id", "secret"), transport=httpx.MockTransport(handle)), seen
"""

THING = {
    "ThingId": "a",
    "Colour": "DARK_RED",
    "Colours": ["PaleBlue", "NEW"],
    "Made": 1.5,
    "Picture": "AAH/",
    "IsNew": False,
    "Tags": {"k": "v"},
    "Integer": 1,
    "Long": 2**40,
    "Float": 0.5,
    "Double": 1e-300,
}


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Ask:
    """Return a function that runs code beside the tiny package and gives what its `answer` is."""
    home = tmp_path_factory.mktemp("tiny")
    left_out = shutil.ignore_patterns("models", "_generated", "emulator", "__pycache__")
    shutil.copytree(Path(rekog.__file__).parent, home / "rekog", ignore=left_out)
    (home / "rekog/_generated").mkdir()
    real = Path(rekog.__file__).parent / "_generated"
    for name in ("__init__.py", "partitions.py"):  # these two do not depend on the service model
        shutil.copy(real / name, home / "rekog/_generated" / name)
    for path, text in render(tiny_service()).items():
        (home / "rekog" / path).parent.mkdir(exist_ok=True)
        (home / "rekog" / path).write_text(text, "utf-8")

    def run(code: str) -> list[object]:
        program = f"import sys; sys.path.insert(0, {str(home)!r})\n{HEAD}\n{code}\nprint(json.dumps(answer))"
        command = [sys.executable, "-c", program]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert ended.returncode == 0, ended.stderr
        found: list[object] = json.loads(ended.stdout)
        return found

    return run


def test_every_rendered_file_compiles() -> None:
    for path, text in render(tiny_service()).items():
        compile(text, path, "exec")


def test_every_rendered_line_fits_the_width_unless_it_is_one_signature() -> None:
    lines = [line for text in render(tiny_service()).values() for line in text.splitlines() if len(line) > 120]

    assert [line for line in lines if "def get_paginator" not in line] == []


def test_a_recursive_structure_of_every_type_round_trips_through_its_codec(ask: Ask) -> None:
    thing = {**THING, "Parts": [THING, {"ThingId": "b", "Parts": [{"ThingId": "c"}]}]}

    assert ask(f"""
thing = models.Thing
first = from_wire(thing, {thing!r})
again = from_wire(thing, to_wire(first))
assert again == first and first.made == datetime(1970, 1, 1, 0, 0, 1, 500000, timezone.utc)
assert first.picture == first.parts[0].picture == bytes([0, 1, 255])
assert first.colour is models.Colour.DARK_RED and first.colours == [models.Colour.PALE_BLUE, "NEW"]
wire = to_wire(first)
wire["Picture"] = wire["Parts"][0]["Picture"] = "AAH/"
answer = [wire]
""") == [thing]


def test_a_call_sends_its_arguments_and_gives_the_answer_with_an_idempotency_token_filled_in(ask: Ask) -> None:
    sent, status, similarity = ask("""
client, seen = opened({"Status": "NEWER", "Similarity": 50, "Thing": {"ThingId": "a"}})
thing = models.Thing(thing_id="a", colours=["DARK_RED"])
made = client.make_thing(b"\\xff\\xd8\\xff...", thing=thing, video="s3://bucket/key", note='{"a": 1}', secret="s")
token = seen[0].pop("ClientRequestToken")
assert len(token) == 36
answer = seen[0], made.status, made.similarity
""")

    assert sent == {
        "Image": {"Bytes": "/9j/Li4u"},
        "Video": {"S3Object": {"Bucket": "bucket", "Name": "key"}},
        "Thing": {"ThingId": "a", "Colours": ["DARK_RED"]},
        "Note": '{"a": 1}',
        "Secret": "s",
    }
    assert (status, similarity) == ("NEWER", 50)


def test_a_pager_of_one_list_and_one_of_two_give_their_items(ask: Ask) -> None:
    things, listed = ask("""
client, _ = opened({"Things": [{"ThingId": "a"}], "NextToken": "t"}, {"Things": [{"ThingId": "b"}]})
things = [thing.thing_id for thing in client.paginate_list_things(["n"])]
client, _ = opened({"CollectionIds": ["a", "b"], "FaceModelVersions": ["7.0", "6.0"]})
answer = things, list(client.get_paginator("list_collections").paginate())
""")

    assert things == ["a", "b"]
    assert listed == [["a", "7.0"], ["b", "6.0"]]


def test_waiters_of_each_matcher_end_where_their_rules_say(ask: Ask) -> None:
    found = ask("""
from rekog.errors import JobFailedError
red, blue = ({"ThingId": "a", "Colour": colour} for colour in ("DARK_RED", "PaleBlue"))
client, seen = opened({"Things": [red]})
client.wait_until_things_red(["n"])
answer = [seen[0]]
client, seen = opened({"Things": [red, blue], "StatusMessage": "no"})
try:
    client.wait_until_things_red(["n"])
except JobFailedError as error:
    answer.append(error.status_message)
client, seen = opened({"Things": [blue, {"ThingId": "b", "Colour": "DARK_RED"}]})
answer.append([t.thing_id for t in client.wait_until_thing_made(["n"], ["DARK_RED"], "b").things])
client, seen = opened({"Things": []})
client.wait_until_thing_gone(["n"])
client, seen = opened({"StatusMessage": "..."}, {"StatusMessage": "done"})
answer.append([client.wait_until_message_there(["n"], delay=0).status_message, len(seen)])
""")

    assert found == [{"Names": ["n"], "MaxResults": 10}, "no", ["b"], ["done", 2]]


def test_an_exception_has_its_members_as_properties(ask: Ask) -> None:
    found = ask("answer = [errors.HumanLoopQuotaExceededException('m', body={'QuotaCode': 'q'}).quota_code]")

    assert found == ["q"]


def test_a_deprecated_operation_warns_in_both_clients_and_in_its_pager(ask: Ask) -> None:
    found = ask("""
import asyncio
client, _ = opened({}, {})
waiting_client, _ = opened({}, client=AsyncRekognitionClient)
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    client.list_old_things()
    client.paginate_list_old_things()
    asyncio.run(waiting_client.list_old_things())
answer = [[str(w.message), w.category.__name__] for w in caught]
""")

    assert found == [["old things are gone", "DeprecationWarning"]] * 3


def test_the_shape_table_keeps_constraints_and_marks_secrets(ask: Ask) -> None:
    found = ask("""
name, tag, secret = (shapes.SHAPES[n] for n in ("Name", "TagKey", "Secret"))
answer = [name.min, name.max, name.pattern, tag.pattern, secret.sensitive, name.sensitive]
""")

    assert found == [1, 64, "[a-z]+", r"\w+", True, False]


def test_shapes_of_two_families_are_common_and_others_stay_at_home() -> None:
    shapes = tiny_service().shapes

    assert (shapes["Thing"].family, shapes["Image"].family) == ("common", "things")
    assert (shapes["Thing"].direction, shapes["Image"].direction) == ("both", "in")


def test_a_waiter_of_the_model_keeps_its_rules_and_takes_the_message_that_stands_beside() -> None:
    files = tiny_files()
    files["waiters"] = {"ThingsBlue": {**modelled_waiter(), "operation": "ListThings"}}
    files["model"]["shapes"]["Thing"]["members"]["StatusMessage"] = {"shape": "String"}

    waiter = next(w for w in tiny_service(files).waiters if w.name == "ThingsBlue")

    assert (waiter.delay, waiter.max_attempts, waiter.message) == (3, 7, "Things[].StatusMessage")
    assert waiter.arguments == ("Names", "NextToken", "MaxResults", "Colours")
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

    # But for what leads into a `with` block, and for the transports.
    signatures[1] = {
        name.replace("__a", "__"): text.replace("httpx.Async", "httpx.") for name, text in signatures[1].items()
    }
    assert signatures[0] == signatures[1]
    assert {"make_thing", "paginate_list_things", "get_paginator", "wait_until_thing_made"} <= set(signatures[0])
