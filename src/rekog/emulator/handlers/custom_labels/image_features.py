"""Features of the images of a training: read, checked and analysed one at a time, each image once.

The features are stored with the training, by the hash of the image, so that an interrupted training goes on with the
next image. An image that can't be read, or breaks the guide's limits, gets an error in its line.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, NamedTuple

from ...content.images import MAX_OBJECT_BYTES, ImageSource, decode_image
from ...refusals import RefusalError
from ...state.rows import trainings
from . import manifests

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ...context import Context
    from ...state.rows.datasets import Entry
    from ...vision.efficientnet import EfficientNet

MIN_SIDE, MAX_SIDE = 64, 4096
MAX_RATIO = 20
LOG_EVERY = 50
"""Number of images between two lines of the log."""

_INVALID = "ERROR_INVALID_IMAGE", "The image is invalid. Check S3 path and/or image properties."
_DIMENSIONS = "ERROR_INVALID_IMAGE_DIMENSION", "The image dimension(s) do not conform to allowed dimensions."
"""The guide reports the second error of images with bounding boxes only."""
FEATURES_SIDE = 224
"""Side of the copy that the network reads, in pixels."""
_LARGEST = 10_000
"""Width and height in pixels above which an image is not decoded."""

_LOG = logging.getLogger("rekog.emulator")


class EndedError(Exception):
    """The training has ended meanwhile, or its state was reset."""


class Images(NamedTuple):
    """Results for the images of a training, by `source-ref`: the hash of an image, or its line with the error."""

    hashes: Mapping[str, str]
    unreadable: Mapping[str, str]


def extract(context: Context, network: EfficientNet, version_key: int, entries: Sequence[Entry]) -> Images:
    """Store the features of images that have none yet. `EndedError`: the training has ended."""
    hashes: dict[str, str] = {}
    unreadable: dict[str, str] = {}
    for number, entry in enumerate(entries, 1):
        context.worker.raise_if_closed()
        try:
            source = _read(context, entry)
            hashes[entry.source_ref] = source.digest
            _store_features(context, network, version_key, entry, source)
        except _UnusableError as error:
            hashes.pop(entry.source_ref, None)
            unreadable[entry.source_ref] = manifests.with_error(entry.line, *error.args)
        if number % LOG_EVERY == 0 or number == len(entries):
            _LOG.info("training %d: %d of %d images", version_key, number, len(entries))
    return Images(hashes, unreadable)


class _UnusableError(Exception):
    """The image can't be used; the arguments are the code and the message of its error."""


def _read(context: Context, entry: Entry) -> ImageSource:
    bucket, _, key = entry.source_ref.removeprefix("s3://").partition("/")
    try:
        data = context.objects.read(bucket, key, limit=MAX_OBJECT_BYTES)
    except RefusalError:
        raise _UnusableError(*_INVALID) from None
    if len(data) > MAX_OBJECT_BYTES:
        raise _UnusableError(*_INVALID)
    return ImageSource(data, bucket, key)


def _store_features(
    context: Context, network: EfficientNet, version_key: int, entry: Entry, source: ImageSource
) -> None:
    with context.state.read() as connection:
        if trainings.has_features(connection, version_key, source.digest):
            return
    try:
        image = decode_image(context, source, min_side=1, max_side=_LARGEST, enough=FEATURES_SIDE)
    except RefusalError:
        raise _UnusableError(*_INVALID) from None
    short, long = sorted((image.width, image.height))
    if short < MIN_SIDE or long > MAX_SIDE or long > MAX_RATIO * short:
        raise _UnusableError(*(_DIMENSIONS if any(entry.labels.values()) else _INVALID))
    features = network.classify(image).features.astype("<f4").tobytes()
    with context.state.write() as connection:
        if not trainings.store_features(connection, version_key, source.digest, features):
            raise EndedError
