"""The generated package, compared with the service model that botocore ships."""

from __future__ import annotations

import ast
import html
import re
from collections.abc import Iterator
from typing import Any

import botocore
import botocore.loaders
import pytest

from codegen.__main__ import PACKAGE
from rekog import errors, models
from rekog._generated.errors import MODELLED
from rekog._generated.operations import COMMON_ERRORS, OPERATIONS
from rekog._generated.paging import PAGED
from rekog._generated.shapes import SHAPES
from rekog._generated.waiting import WAITERS
from rekog._values.model import Model, field_names

FIRST_LINE = (PACKAGE / "_generated/operations.py").read_text("utf-8").partition("\n")[0]
pytestmark = pytest.mark.skipif(
    f"botocore {botocore.__version__};" not in FIRST_LINE,
    reason="generated from another version of botocore than the installed one; rekog[dev] pins it",
)

_TAG = re.compile(r"<[^>]+>")
_SENTENCE_END = re.compile(r"(?<=[.:;!?])\s")
_MARKS = re.compile(r"[`*.:;!?]+")


def _load(kind: str) -> dict[str, Any]:
    loader: Any = botocore.loaders.Loader()  # Any: botocore has no types
    model: dict[str, Any] = loader.load_service_model("rekognition", kind)
    return model


MODEL = _load("service-2")
STRUCTURES = {n: s for n, s in MODEL["shapes"].items() if s["type"] == "structure" and not s.get("exception")}
ENUMS = {n: s["enum"] for n, s in MODEL["shapes"].items() if "enum" in s}
OURS = {"ListedCollection"}  # an item of the two lists of ListCollections
EXCEPTIONS = {n for n, s in MODEL["shapes"].items() if s.get("exception")}


def test_there_are_75_operations_23_errors_and_18_pagers() -> None:
    """If a newer botocore changes the numbers, read the new parts of its model before changing them here."""
    assert (len(OPERATIONS), len(MODELLED), len(PAGED)) == (75, 23, 18)


def test_operations_are_those_of_the_model_with_their_errors() -> None:
    expected = {name: {e["shape"] for e in raw["errors"]} for name, raw in MODEL["operations"].items()}

    assert {name: {*operation.errors, *COMMON_ERRORS} for name, operation in OPERATIONS.items()} == expected


def test_idempotency_tokens_are_those_of_the_model() -> None:
    expected = {
        name: [w for w, m in STRUCTURES[f"{name}Request"]["members"].items() if m.get("idempotencyToken")]
        for name in OPERATIONS
    }

    assert {name: [o.idempotency_token] if o.idempotency_token else [] for name, o in OPERATIONS.items()} == expected


def test_modelled_errors_are_those_of_the_model_and_public() -> None:
    assert set(MODELLED) == EXCEPTIONS
    assert [name for name in EXCEPTIONS if not hasattr(errors, name)] == []


def test_structures_are_those_of_the_model_with_the_same_number_of_fields() -> None:
    names = models.namespace().items()
    generated = {name: kind for name, kind in names if isinstance(kind, type) and issubclass(kind, Model)}

    assert {name: len(field_names(kind)) for name, kind in generated.items() if name not in OURS} == {
        name: len(raw["members"]) for name, raw in STRUCTURES.items()
    }


def test_enums_are_those_of_the_model_with_their_values() -> None:
    generated = {name: [member.value for member in getattr(models, name)] for name in ENUMS}

    assert generated == ENUMS


def test_the_shape_table_has_every_type_but_the_errors() -> None:
    assert set(SHAPES) - OURS == set(MODEL["shapes"]) - EXCEPTIONS


def test_a_row_of_the_shape_table_equals_the_model() -> None:
    for name in sorted(set(MODEL["shapes"]) - EXCEPTIONS):
        raw, row = MODEL["shapes"][name], SHAPES[name]

        assert (row.kind, row.min, row.max) == (raw["type"], raw.get("min"), raw.get("max")), name
        members = {wire: member["shape"] for wire, member in raw.get("members", {}).items()}
        assert dict(row.members) == members, name
        assert (set(row.required), list(row.enum)) == (set(raw.get("required", ())), raw.get("enum", [])), name
        assert row.item == raw.get("value", raw.get("member", {})).get("shape", ""), name
        assert row.sensitive == raw.get("sensitive", False), name


def test_botocores_paginators_page_the_same_lists() -> None:
    paginators = _load("paginators-1")["pagination"]

    for name, raw in paginators.items():
        paged = PAGED[OPERATIONS[name].method_name]
        keys = raw["result_key"] if isinstance(raw["result_key"], list) else [raw["result_key"]]
        assert [paged.items, paged.paired] == [_snake(keys[0]), _snake(keys[1]) if len(keys) == 2 else None]


def test_botocores_waiters_have_the_same_rules() -> None:
    waiters = _load("waiters-2")["waiters"]

    for name, raw in waiters.items():
        rule = WAITERS[_snake(name)]
        assert (rule.operation.name, rule.delay, rule.max_attempts) == (
            raw["operation"], raw["delay"], raw["maxAttempts"]
        )  # fmt: skip
        paths = [tuple(_snake(part.removesuffix("[]")) for part in a["argument"].split(".")) for a in raw["acceptors"]]
        assert [acceptor.path for acceptor in rule.acceptors] == paths
        assert [(a.state, a.matcher, a.expected) for a in rule.acceptors] == [
            (a["state"], a["matcher"], a["expected"]) for a in raw["acceptors"]
        ]


def test_every_operation_has_its_method_in_both_clients() -> None:
    from rekog import AsyncRekognitionClient, RekognitionClient

    for operation in OPERATIONS.values():
        assert hasattr(RekognitionClient, operation.method_name)
        assert hasattr(AsyncRekognitionClient, operation.method_name)


def _snake(wire: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", wire).lower()  # enough for the names in the two small files


def _folded(text: str) -> str:
    return " ".join(_MARKS.sub("", text).lower().split())


def _documentations(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():  # pyright: ignore[reportUnknownVariableType]  # JSON
            if key == "documentation" and isinstance(value, str):
                yield html.unescape(_TAG.sub(" ", value))
            yield from _documentations(value)  # pyright: ignore[reportUnknownArgumentType]  # JSON


def _our_sentences() -> Iterator[str]:
    for path in [*(PACKAGE / "models").glob("*.py"), *(PACKAGE / "_generated").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.Expr(ast.Constant(str(text))):
                    for paragraph in re.split(r"\n\s*\n|\n(?=\s+\w+: )", text):
                        yield from (_folded(sentence) for sentence in _SENTENCE_END.split(paragraph))
                case _:
                    pass


def test_no_sentence_of_the_generated_docs_is_in_the_services_documentation() -> None:
    service = "\n".join(_folded(text) for text in _documentations(MODEL))
    ours = {sentence for sentence in _our_sentences() if len(sentence.split()) >= 6}

    assert len(ours) > 500
    assert len(service) > 100_000
    assert sorted(sentence for sentence in ours if sentence in service) == []
