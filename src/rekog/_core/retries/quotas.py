"""The default quotas that the service publishes, in calls per second; only a rate limit and the emulator load them.

Operations that are missing in the table have no published quota.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

LARGE_REGIONS = frozenset({"us-east-1", "us-west-2", "eu-west-1"})


class Quota(NamedTuple):
    """Calls per second in the three large Regions, and in all others."""

    large: float
    elsewhere: float

    def of(self, region: str) -> float:
        """Return the quota in a Region."""
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

QUOTAS: Mapping[str, Quota] = {
    **dict.fromkeys("DetectLabels DetectModerationLabels DetectText IndexFaces ListFaces".split(), Quota(50, 5)),
    **dict.fromkeys(["RecognizeCelebrities", "GetCelebrityInfo", *_SEARCHES], Quota(50, 5)),
    **dict.fromkeys(["CompareFaces", "DetectFaces"], Quota(100, 25)),
    **dict.fromkeys(["AssociateFaces", "DisassociateFaces", "DetectProtectiveEquipment", *_CONTROL_PLANE], Quota(5, 5)),
    **{f"Start{kind}": Quota(5, 5) for kind in _VIDEO_KINDS},
    **{f"Get{kind}": Quota(20, 5) for kind in _VIDEO_KINDS},
    "StartMediaAnalysisJob": Quota(5, 5),
    "GetMediaAnalysisJob": Quota(20, 20),
    **dict.fromkeys(_STREAMS, Quota(20, 20)),
    "StopStreamProcessor": Quota(1, 1),
    "ListStreamProcessors": Quota(5, 5),
    **dict.fromkeys("TagResource UntagResource ListTagsForResource".split(), Quota(10, 10)),
    "DetectCustomLabels": Quota(50, 50),
    **dict.fromkeys(["CreateFaceLivenessSession", "GetFaceLivenessSessionResults"], Quota(25, 5)),
}
