"""Default quotas of the service in calls per second, and token buckets that enforce them.

The figures are the service's published quotas. Operations that are missing in the table have no published quota and are
not throttled.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from ..scope import Scope

LARGE_REGIONS = frozenset({"us-east-1", "us-west-2", "eu-west-1"})


class Rate(NamedTuple):
    """Calls per second in the three large Regions, and in all others."""

    large: float
    elsewhere: float

    def of(self, region: str) -> float:
        """Return the rate of a region."""
        return self.large if region in LARGE_REGIONS else self.elsewhere


_VIDEO_KINDS = (
    "CelebrityRecognition ContentModeration FaceDetection FaceSearch LabelDetection PersonTracking SegmentDetection"
    " TextDetection"
).split()
_CONTROL_PLANE = (
    "CreateCollection DeleteCollection DescribeCollection ListCollections DeleteFaces CreateUser DeleteUser ListUsers"
).split()
_SEARCHES = "SearchFaces SearchFacesByImage SearchUsers SearchUsersByImage".split()
_STREAMS = (
    "CreateStreamProcessor DeleteStreamProcessor DescribeStreamProcessor StartStreamProcessor UpdateStreamProcessor"
).split()

RATES: Mapping[str, Rate] = {
    **dict.fromkeys("DetectLabels DetectModerationLabels DetectText IndexFaces ListFaces".split(), Rate(50, 5)),
    **dict.fromkeys(["RecognizeCelebrities", "GetCelebrityInfo", *_SEARCHES], Rate(50, 5)),
    **dict.fromkeys(["CompareFaces", "DetectFaces"], Rate(100, 25)),
    **dict.fromkeys(["AssociateFaces", "DisassociateFaces", "DetectProtectiveEquipment", *_CONTROL_PLANE], Rate(5, 5)),
    **{f"Start{kind}": Rate(5, 5) for kind in _VIDEO_KINDS},
    **{f"Get{kind}": Rate(20, 5) for kind in _VIDEO_KINDS},
    "StartMediaAnalysisJob": Rate(5, 5),
    "GetMediaAnalysisJob": Rate(20, 20),
    **dict.fromkeys(_STREAMS, Rate(20, 20)),
    "StopStreamProcessor": Rate(1, 1),
    "ListStreamProcessors": Rate(5, 5),
    **dict.fromkeys("TagResource UntagResource ListTagsForResource".split(), Rate(10, 10)),
    "DetectCustomLabels": Rate(50, 50),
    **dict.fromkeys(["CreateFaceLivenessSession", "GetFaceLivenessSessionResults"], Rate(25, 5)),
}


class Throttle:
    """Token buckets for one region, or for all. Each holds at most the calls of one second."""

    def __init__(self, region: str | None = None) -> None:
        self.region = region
        self._buckets: dict[tuple[Scope, str], tuple[float, float]] = {}

    def refuses(self, operation: str, scope: Scope, now: float) -> bool:
        """Take a token for a call, and tell whether the bucket had none."""
        rate = RATES.get(operation)
        if rate is None or self.region not in (None, scope.region):
            return False
        per_second = rate.of(scope.region)
        tokens, then = self._buckets.get((scope, operation), (per_second, now))
        tokens = min(per_second, tokens + max(0.0, now - then) * per_second)
        self._buckets[scope, operation] = (tokens - 1 if tokens >= 1 else tokens, now)
        return tokens < 1
