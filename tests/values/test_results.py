"""Values that calls, pagers and waiters return beside models: frozen, without the behaviour of tuples."""

from __future__ import annotations

import copy
import pickle
from importlib import import_module
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from rekog import ResponseMetadata, from_wire, models, to_wire
from rekog.conversion import converter
from rekog.errors import ResourceNotFoundException
from rekog.models import DetectLabelsResponse, ListedCollection
from rekog.paging import AsyncPaginator, Paginator
from rekog.waiting import AsyncWaiter, Poll, Waiter

if TYPE_CHECKING:
    from collections.abc import Callable

    from rekog._values.frozen import Frozen


def method(**_: object) -> Any:
    """Stand for a method of a client."""


METADATA = ResponseMetadata(request_id="request-1", status_code=200, headers={"date": "today"}, attempts=2)
POLL = Poll(attempt=1, elapsed=0.5, response=DetectLabelsResponse(), error=None, state="waiting")
VALUES: list[Frozen] = [
    METADATA,
    POLL,
    Paginator(paginate=method),
    AsyncPaginator(paginate=method),
    Waiter(wait=method),
    AsyncWaiter(wait=method),
]
each_value = pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)


@each_value
def test_a_value_is_no_tuple(value: Any) -> None:
    assert not isinstance(value, tuple)
    uses: list[Callable[[Any], object]] = [len, iter, sorted, lambda other: other[0], lambda other: other < other]
    for use in uses:
        with pytest.raises(TypeError):
            use(value)


@each_value
def test_a_value_is_built_by_keywords(value: Frozen) -> None:
    kind: Any = type(value)
    fields = vars(value)
    assert kind(**fields) == value
    with pytest.raises(TypeError, match="positional"):
        kind(*fields.values())
    with pytest.raises(TypeError, match="unknown"):
        kind(**fields, unknown=1)


@each_value
def test_no_field_can_be_changed(value: Frozen) -> None:
    for name in vars(value):
        with pytest.raises(AttributeError, match=f"{name} cannot be changed, a {type(value).__name__} is frozen"):
            setattr(value, name, None)


@each_value
def test_a_value_belongs_to_its_public_module(value: Frozen) -> None:
    kind = type(value)
    assert getattr(import_module(kind.__module__), kind.__name__) is kind
    assert "._" not in kind.__module__


@each_value
@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_a_pickled_value_is_equal(value: Frozen, protocol: int) -> None:
    assert pickle.loads(pickle.dumps(value, protocol)) == value


@each_value
def test_a_copied_value_is_equal(value: Frozen) -> None:
    assert copy.copy(value) == copy.deepcopy(value) == value
    assert value.__replace__() == value


@each_value
def test_attrs_accepts_a_value_as_its_own(value: Any) -> None:
    assert attrs.asdict(value, recurse=False) == vars(value)
    assert attrs.evolve(value) == value


def test_metadata_is_of_a_successful_first_attempt_by_default() -> None:
    expected = ResponseMetadata(request_id=None, status_code=200, headers={}, attempts=1)
    assert ResponseMetadata() == DetectLabelsResponse().response_metadata == expected


def test_metadata_prints_its_fields() -> None:
    shown = "ResponseMetadata(request_id='request-1', status_code=200, headers={'date': 'today'}, attempts=2)"
    assert repr(METADATA) == shown


def test_metadata_has_a_hash_without_its_headers() -> None:
    without = METADATA.__replace__(headers={})
    assert hash(without) == hash(METADATA)
    assert without != METADATA


def test_a_poll_prints_its_fields() -> None:
    poll = POLL.__replace__(response=None, error=ResourceNotFoundException("gone"), state="success")
    assert repr(poll) == (
        "Poll(attempt=1, elapsed=0.5, response=None, error=ResourceNotFoundException('gone'), state='success')"
    )


def test_generic_values_have_type_arguments_at_run_time() -> None:
    assert Poll[DetectLabelsResponse](attempt=1, elapsed=0.5, response=None, error=None, state="waiting") == (
        POLL.__replace__(response=None)
    )
    assert Paginator[str, object](paginate=method) == Paginator(paginate=method)


# --- ListedCollection --------------------------------------------------------------------------------------------

LISTED = ListedCollection(collection_id="people", face_model_version="7.0")


def test_a_listed_collection_is_a_model_of_its_family() -> None:
    assert models.collections.ListedCollection is ListedCollection
    assert "ListedCollection" in getattr(models, "__all__")  # noqa: B009 (created on demand)
    assert repr(LISTED) == "ListedCollection(collection_id='people', face_model_version='7.0')"


def test_a_listed_collection_may_have_no_version() -> None:
    assert ListedCollection(collection_id="people").face_model_version is None


def test_a_listed_collection_is_no_tuple() -> None:
    listed: Any = LISTED
    with pytest.raises(TypeError):
        tuple(listed)
    assert listed != ("people", "7.0")


def test_a_listed_collection_converts_as_any_model_does() -> None:
    wire = {"CollectionId": "people", "FaceModelVersion": "7.0"}
    assert to_wire(LISTED) == wire
    assert from_wire(ListedCollection, wire) == LISTED
    assert converter("python").unstructure(LISTED) == {"collection_id": "people", "face_model_version": "7.0"}
    assert pickle.loads(pickle.dumps(LISTED)) == LISTED
