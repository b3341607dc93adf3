"""Arguments in the query of a presigned URL: lists, structures, numbers, and values that are neither."""

from __future__ import annotations

import json
from collections.abc import Callable
from urllib.parse import urlencode

import pytest

from rekog.emulator.front.presigned import arguments, is_presigned
from rekog.emulator.refusals import RefusalError

ARNS = [{"Arn": "arn:one"}, {"Arn": "arn:two"}]


def query(*pairs: tuple[str, object]) -> str:
    return urlencode([*pairs, ("X-Amz-Signature", "0")])


@pytest.mark.parametrize("write", [json.dumps, str], ids=["rekog", "botocore"])
def test_each_structure_of_a_list_is_an_argument(write: Callable[[object], str]) -> None:
    texts = query(*[("Datasets", write(each)) for each in ARNS])
    assert arguments("DistributeDatasetEntries", texts) == {"Datasets": ARNS}


def test_the_parts_of_the_signature_are_no_arguments() -> None:
    signing = [(f"X-Amz-{name}", name) for name in ("Algorithm", "Credential", "Date", "Expires", "Security-Token")]
    assert arguments("ListFaces", query(*signing, ("CollectionId", "people"))) == {"CollectionId": "people"}


def test_each_text_of_a_list_is_an_argument() -> None:
    texts = query(("FaceIds", "1"), ("FaceIds", "[]"), ("CollectionId", "2"))
    assert arguments("ListFaces", texts) == {"FaceIds": ["1", "[]"], "CollectionId": "2"}


@pytest.mark.parametrize("text", ["two", "{1}", "{1: 2, (3,): 4}", "b'1'", "(", "1 +", "[" * 10_000, "f()", ""])
def test_a_value_that_is_neither_json_nor_a_literal_is_refused(text: str) -> None:
    with pytest.raises(RefusalError) as caught:
        arguments("ListFaces", query(("MaxResults", text)))
    assert (caught.value.code, caught.value.message) == (
        "SerializationException",
        "MaxResults in the URL must be JSON or a Python literal",
    )


def test_the_last_value_of_a_repeated_argument_counts_and_an_empty_text_is_one() -> None:
    texts = query(("CollectionId", "a"), ("MaxResults", "1"), ("CollectionId", ""), ("MaxResults", "2"), ("Other", "3"))
    assert arguments("ListFaces", texts) == {"CollectionId": "", "MaxResults": 2, "Other": "3"}
    assert arguments("ListFaces", query(("MaxResults", "None"), ("CollectionId", "5"))) == {
        "MaxResults": None, "CollectionId": "5",
    }  # fmt: skip


def test_a_query_with_a_signature_is_presigned_even_if_it_is_empty() -> None:
    assert [text for text in ("X-Amz-Signature=0", "a=b&X-Amz-Signature=") if not is_presigned(text)] == []
    others = ("", "a=b", "x-amz-signature=0", "X-Amz-Signatures=0", "a=X-Amz-Signature")
    assert [text for text in others if is_presigned(text)] == []
