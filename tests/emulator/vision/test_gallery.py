"""Galleries: a search gives the result of a comparison with every vector, after any sequence of changes."""

from __future__ import annotations

import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rekog.emulator import Emulator
from rekog.emulator.scope import Scope
from rekog.emulator.state import State, vectors
from rekog.emulator.state.rows import collections, faces
from rekog.emulator.state.schema import migrate
from rekog.emulator.vision.embeddings import NUMBERS, cosine, declared_embedding
from rekog.emulator.vision.gallery import BLOCK, Gallery, StoredVector
from tests.kit.wire import WireClient

if TYPE_CHECKING:
    from collections.abc import Iterator

NAME = "a gallery"


def database() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    migrate(connection)
    return connection


def keys_of(gallery: Gallery, embedding: bytes, minimum: float, step: int) -> list[int]:
    return [neighbour.key for batch in gallery.nearest(embedding, minimum, step) for neighbour in batch]


def random_embeddings(count: int, seed: int = 0) -> Iterator[bytes]:
    generator = np.random.default_rng(seed)
    while count > 0:
        numbers = generator.standard_normal((min(count, 10_000), NUMBERS), dtype=np.float32)
        numbers /= np.linalg.norm(numbers, axis=1, keepdims=True)
        yield from (row.astype("<f4").tobytes() for row in numbers)
        count -= len(numbers)


@pytest.fixture(scope="module")
def embeddings() -> list[bytes]:
    return list(random_embeddings(2 * BLOCK + 100))


@pytest.fixture(scope="module")
def gallery(embeddings: list[bytes]) -> Gallery:
    """Two full blocks and a part of one, added in parts of odd sizes."""
    rows = [StoredVector(key * 3, key, embedding) for key, embedding in enumerate(embeddings, 1)]
    grown = Gallery()
    for start in range(0, len(rows), 5003):
        grown = grown.extended(rows[start : start + 5003])
    return grown


@pytest.mark.slow
@pytest.mark.parametrize("minimum", [-1.0, 0.0, 0.25, 0.9])
def test_a_search_returns_all_vectors_above_the_minimum_in_order(
    gallery: Gallery, embeddings: list[bytes], minimum: float
) -> None:
    matrix = np.frombuffer(b"".join(embeddings), dtype="<f4").reshape(-1, NUMBERS).astype(np.float64)
    cosines = matrix @ np.frombuffer(embeddings[17], dtype="<f4").astype(np.float64)
    keys = keys_of(gallery, embeddings[17], minimum, 100)
    rows = np.array(keys) // 3 - 1
    assert len(set(keys)) == len(keys)
    assert set(np.flatnonzero(cosines >= minimum + 1e-6)) <= set(rows) <= set(np.flatnonzero(cosines >= minimum - 1e-6))
    assert rows[0] == 17
    assert bool((np.diff(cosines[rows]) <= 2e-6).all())


@pytest.mark.parametrize("step", [1, 7, 1000, 10**6])
def test_all_batches_together_are_the_whole_result(gallery: Gallery, embeddings: list[bytes], step: int) -> None:
    batches = list(gallery.nearest(embeddings[0], 0.22, step))
    assert [len(batch) for batch in batches[:-1]] == [step] * (len(batches) - 1)
    whole = keys_of(gallery, embeddings[0], 0.22, 50)
    assert [neighbour.key for batch in batches for neighbour in batch] == whole


def test_of_equal_vectors_the_oldest_comes_first_in_any_block() -> None:
    same, other = declared_embedding("Ann"), declared_embedding("Bob")
    rows = [StoredVector(key, 0, same if key % 5 == 0 else other) for key in range(1, BLOCK + 50)]
    expected = list(range(5, BLOCK + 50, 5))
    assert keys_of(Gallery().extended(rows), same, 0.9, 10) == expected


def test_a_gallery_is_immutable(gallery: Gallery, embeddings: list[bytes]) -> None:
    before = keys_of(gallery, embeddings[1], 0.3, 10)
    grown = gallery.extended([StoredVector(10**6, 1, embeddings[1])])
    assert keys_of(gallery, embeddings[1], 0.3, 10) == before
    assert keys_of(grown, embeddings[1], 0.9, 10) == [before[0], 10**6]
    assert (len(grown), grown.last_key) == (len(gallery) + 1, 10**6)


def test_a_gallery_is_cut_at_a_row_that_it_contains(gallery: Gallery) -> None:
    for count in (1, BLOCK - 1, BLOCK, BLOCK + 1, len(gallery)):
        earlier = gallery.up_to(count * 3, count)
        assert (len(earlier), earlier.last_key) == (count, count * 3)


@pytest.mark.parametrize(("key", "stamp"), [(3, 2), (4, 1), (10**9, 1)])
def test_a_gallery_cut_at_an_unknown_row_is_empty(gallery: Gallery, key: int, stamp: int) -> None:
    assert len(gallery.up_to(key, stamp)) == 0


ACTIONS = st.lists(
    st.one_of(
        st.tuples(st.just("insert"), st.integers(1, 3)),
        st.tuples(st.just("delete"), st.integers(0, 20)),
        st.tuples(st.sampled_from(["save", "restore", "search"]), st.just(0)),
    ),
    max_size=30,
)


@pytest.mark.slow
@settings(derandomize=True, max_examples=150, deadline=None)
@given(ACTIONS)
def test_a_gallery_in_memory_is_never_older_than_the_database(actions: list[tuple[str, int]]) -> None:
    connection, saved = database(), database()
    galleries = vectors.Galleries()
    searched, number = declared_embedding("Ann"), 0
    for action, value in [*actions, ("search", 0)]:
        if action == "insert":
            for _ in range(value):
                number += 1
                vectors.insert(connection, NAME, declared_embedding("Ann", str(number)))
            vectors.insert(connection, "another", searched)
        elif action == "delete":
            keys = [key for (key,) in connection.execute("SELECT key FROM vector WHERE gallery = ?", (NAME,))]
            vectors.remove(connection, keys[value : value + 2])
        elif action == "save":
            connection.backup(saved)
        elif action == "restore":
            saved.backup(connection)
        else:
            rows = connection.execute("SELECT key, embedding FROM vector WHERE gallery = ?", (NAME,)).fetchall()
            stored = {key: round(cosine(searched, embedding), 4) for key, embedding in rows}
            results = {
                neighbour.key: round(neighbour.cosine, 4)
                for batch in galleries.current(lambda: nullcontext(connection), NAME).nearest(searched, -1, 5)
                for neighbour in batch
            }
            assert {key: results.get(key) for key in stored} == pytest.approx(stored, abs=2e-4)
    connection.close()
    saved.close()


def test_galleries_beyond_the_limit_are_dropped_and_loaded_again() -> None:
    connection = database()
    galleries = vectors.Galleries(maximum=5)
    for name, count in {"a": 2, "b": 2, "c": 2, "large": 9}.items():
        for number in range(count):
            vectors.insert(connection, name, declared_embedding(name, str(number)))
    kept = [
        (len(galleries.current(lambda: nullcontext(connection), name)), len(galleries))
        for name in ("a", "b", "c", "a", "large", "b")
    ]
    assert kept == [(2, 2), (2, 4), (2, 4), (2, 4), (9, 9), (2, 2)]
    connection.close()


@pytest.mark.slow
def test_many_threads_load_a_large_gallery_in_parts() -> None:
    state = State()
    count = vectors.BATCH * 2 + 5
    with state.write() as connection:
        for number, embedding in enumerate(random_embeddings(count)):
            vectors.insert(connection, NAME, declared_embedding("Ann") if number == 9 else embedding)
    with ThreadPoolExecutor(8) as pool:
        loads = [pool.submit(state.gallery, NAME) for _ in range(8)]
        galleries = [load.result() for load in loads]
    assert [len(gallery) for gallery in galleries] == [count] * 8
    assert keys_of(galleries[0], declared_embedding("Ann"), 0.9, 5) == [10]
    state.close()


@pytest.mark.parametrize("length", [0, 511, 516])
def test_bytes_that_are_no_embedding_are_not_stored(length: int) -> None:
    connection = database()
    with pytest.raises(sqlite3.IntegrityError):
        vectors.insert(connection, NAME, bytes(length))
    connection.close()


@pytest.mark.slow
@pytest.mark.alone
def test_a_million_faces_are_searched(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    count, lap = 1_000_000, _Lap()
    with Emulator(data=tmp_path) as emulator:
        wire = WireClient(emulator)
        wire("CreateCollection", CollectionId="crowd")
        ids = _fill(tmp_path, count)
        lap("stored")
        (match,) = wire("SearchFaces", CollectionId="crowd", FaceId=ids[0], FaceMatchThreshold=99).body["FaceMatches"]
        lap("first search")
        assert match["Face"]["FaceId"] == ids[1]
        for _ in range(5):
            response = wire("SearchFaces", CollectionId="crowd", FaceId=ids[0], FaceMatchThreshold=99).body
            lap("next search")
            assert response["FaceMatches"] == [match]
        wire("DeleteFaces", CollectionId="crowd", FaceIds=[ids[1]])
        lap("deleted one")
        assert wire("SearchFaces", CollectionId="crowd", FaceId=ids[0], FaceMatchThreshold=99).body["FaceMatches"] == []
        lap("search after the deletion")
        matches = wire("SearchFaces", CollectionId="crowd", FaceId=ids[0], FaceMatchThreshold=0).body["FaceMatches"]
        lap("search for the 4096 nearest of all")
        assert len(matches) == 4096
        assert wire("DescribeCollection", CollectionId="crowd").body["FaceCount"] == count - 1
        lap("counted")
        assert wire("DeleteCollection", CollectionId="crowd").status == 200
        lap("deleted all")
    with capsys.disabled():
        print("", *lap.lines, sep="\n")


class _Lap:
    def __init__(self) -> None:
        self.lines: list[str] = []
        self._start = time.perf_counter()

    def __call__(self, label: str) -> None:
        now = time.perf_counter()
        self.lines.append(f"{now - self._start:8.3f} s {label}")
        self._start = now


def _fill(folder: Path, count: int) -> tuple[str, str]:
    """Store the faces of strangers, and two faces of one person far apart; return the ids of the two."""
    state = State(folder)
    ids: dict[int, str] = {}
    ann = {10: declared_embedding("Ann", "1"), count - 10: declared_embedding("Ann", "2")}
    with state.write() as connection:
        row = collections.find(connection, Scope("123456789012", "us-east-1"), "crowd")
        assert row is not None
        for number, stranger in enumerate(random_embeddings(count)):
            ids[number] = f"{number:08x}-0000-4000-8000-000000000000"
            new = faces.NewFace(ids[number], ids[number], None, (0.1, 0.1, 0.2, 0.2), 99.0, 0.0)
            faces.insert(connection, row.key, new, ann.get(number, stranger))
    state.close()
    return ids[10], ids[count - 10]
