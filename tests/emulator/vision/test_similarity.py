"""Embeddings, and the similarity computed from their cosines."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from rekog.emulator import DecodedImage
from rekog.emulator.vision.embeddings import BYTES, NUMBERS, cosine, declared_embedding, mean, pack_embedding, unpack
from rekog.emulator.vision.faces.sface import SFace
from rekog.emulator.vision.faces.yunet import YuNet
from rekog.emulator.vision.similarity import CERTAIN, LIKE, minimum_cosine, similarity
from tests.kit.wire import ASTRONAUT, HOPPER

COSINES = st.floats(-1, 1)
NAMES = st.text(min_size=1, max_size=20)


# The mapping


@pytest.mark.parametrize(("at", "percent"), [LIKE, CERTAIN])
def test_the_curve_goes_through_its_anchors(at: float, percent: float) -> None:
    assert similarity(at) == pytest.approx(percent, abs=0.01)


@pytest.mark.parametrize(("at", "minimum", "maximum"), [
    (1.0, 100, 100),        # a face and itself
    (0.74, 99.9, 100),      # two images of one person on average
    (0.427, 80, 85),        # the least similar images of one person that were measured
    (0.336, 30, 35),        # the most similar images of two people
    (0.05, 0, 0.1),         # two people on average
    (-1.0, 0, 0.001),
])  # fmt: skip
def test_measured_cosines_have_plausible_similarities(at: float, minimum: float, maximum: float) -> None:
    assert minimum <= similarity(at) <= maximum


@pytest.mark.parametrize("beyond", [1e-7, 1e-3, 1.0])
def test_a_cosine_beyond_its_range_by_rounding_has_a_similarity_within_its_range(beyond: float) -> None:
    assert (similarity(1.0 + beyond), similarity(-1.0 - beyond)) == (100.0, similarity(-1.0))


@pytest.mark.parametrize("threshold", [0.0, 0.000009, 0.00001, 0.000011, 0.001])
def test_each_small_threshold_has_a_minimum(threshold: float) -> None:
    assert minimum_cosine(threshold) < -0.1


@settings(derandomize=True, deadline=None)
@given(COSINES, COSINES)
def test_a_greater_cosine_is_never_less_similar(one: float, other: float) -> None:
    assert (similarity(one) <= similarity(other)) or one > other
    assert 0 <= similarity(one) <= 100


@settings(derandomize=True, deadline=None)
@given(st.floats(0, 0.8), st.floats(0.001, 0.1))  # beyond, 100 is too near for five decimal places
def test_a_clearly_greater_cosine_is_more_similar(one: float, more: float) -> None:
    assert similarity(one) < similarity(one + more)


@settings(derandomize=True, deadline=None)
@given(COSINES, st.floats(0, 100))
def test_a_cosine_that_reaches_a_threshold_is_above_its_minimum(at: float, threshold: float) -> None:
    assert similarity(at) < threshold or at >= minimum_cosine(threshold)


@settings(derandomize=True, deadline=None)
@given(st.floats(0.1, 100))
def test_a_cosine_above_the_minimum_reaches_the_threshold_within_a_thousandth(threshold: float) -> None:
    assert similarity(minimum_cosine(threshold) + 2e-6) >= threshold - 0.001


def test_a_threshold_of_0_has_no_minimum_cosine() -> None:
    assert minimum_cosine(0) == -math.inf


def test_a_cosine_above_1_by_rounding_is_100() -> None:
    assert similarity(1.0000002) == similarity(0.99999994) == 100


# Embeddings


@settings(derandomize=True, deadline=None)
@given(st.binary(min_size=NUMBERS, max_size=NUMBERS).filter(any))
def test_an_embedding_has_length_one_and_keeps_its_direction(data: bytes) -> None:
    vector = np.frombuffer(data, dtype=np.int8).astype(np.float64)
    packed = pack_embedding(vector)
    assert len(packed) == BYTES
    (row,) = unpack(packed)
    assert float(np.linalg.norm(row)) == pytest.approx(1, abs=1e-6)
    assert np.allclose(row, vector / np.linalg.norm(vector), atol=1e-6)


@pytest.mark.parametrize("vector", [np.zeros(NUMBERS), np.ones(NUMBERS - 1), np.full(NUMBERS, np.nan)])
def test_a_vector_without_a_direction_is_refused(vector: np.ndarray[tuple[int], np.dtype[np.float64]]) -> None:
    with pytest.raises(ValueError, match="an embedding is 128 finite numbers"):
        pack_embedding(vector)


def test_the_mean_of_two_embeddings_has_the_same_cosine_with_both() -> None:
    one, other = declared_embedding("Ann"), declared_embedding("Bob")
    average = mean([one, other])
    assert cosine(average, one) == pytest.approx(cosine(average, other), abs=1e-6)
    assert cosine(average, one) > cosine(one, other)


def test_the_mean_of_opposites_is_the_first() -> None:
    one = declared_embedding("Ann")
    assert mean([one, pack_embedding(-unpack(one))]) == one


# Declared identities


@settings(derandomize=True, deadline=None)
@given(NAMES, NAMES, NAMES)
def test_one_identity_is_similar_in_all_its_images(identity: str, one: str, other: str) -> None:
    assert similarity(cosine(declared_embedding(identity, one), declared_embedding(identity, other))) > 99


def test_two_identities_are_dissimilar() -> None:
    people = [declared_embedding(f"person {number}", str(number)) for number in range(300)]
    likeness = [similarity(cosine(*pair)) for pair in itertools.combinations(people, 2)]
    assert max(likeness) < 80
    assert sum(value < 20 for value in likeness) > 0.999 * len(likeness)


def test_the_embedding_of_an_identity_never_changes() -> None:
    numbers = [round(float(number), 6) for number in unpack(declared_embedding("Ann", "1"))[0][:4]]
    assert numbers == [-0.087444, 0.074907, -0.120028, 0.04325]


# SFace


@pytest.fixture(scope="module")
def embeddings() -> dict[str, bytes]:
    """Embeddings of two people in changed images, by change and name of the file."""
    detector, embedder = YuNet(), SFace()
    computed: dict[str, bytes] = {}
    for path in (ASTRONAUT, HOPPER):
        image = Image.open(path).convert("RGB")
        for change, altered in {
            "": image,
            "mirrored ": image.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
            "small ": image.resize((image.width // 3, image.height // 3)),
            "huge ": image.resize((image.width * 8, image.height * 8)),
            "tilted ": image.rotate(25, Image.Resampling.BICUBIC),
            "cut ": image.crop((150, 40, 400, 400)),
        }.items():
            decoded = DecodedImage(altered)
            (face,) = detector.detect(decoded)
            computed[change + path.stem] = embedder.embed(decoded, face)
    return computed


@pytest.mark.slow
def test_one_person_stays_similar_in_changed_images(embeddings: dict[str, bytes]) -> None:
    for name in (ASTRONAUT.stem, HOPPER.stem):
        likeness = {
            key: similarity(cosine(embeddings[name], value)) for key, value in embeddings.items() if key.endswith(name)
        }
        assert min(likeness.values()) > 98, likeness


def test_two_people_stay_dissimilar_in_changed_images(embeddings: dict[str, bytes]) -> None:
    pairs = itertools.product(
        *([v for k, v in embeddings.items() if k.endswith(path.stem)] for path in (ASTRONAUT, HOPPER))
    )
    assert max(similarity(cosine(*pair)) for pair in pairs) < 20
