"""The rule that converts the service's names to Python's; the generator uses it too."""

from __future__ import annotations

import re
from functools import cache

_WORD_START = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[0-9])(?=[A-Z][a-z])|(?<=[A-Z])(?=[A-Z][a-z])")


@cache
def snake(name: str) -> str:
    """Return a wire name in snake_case: `S3Object` is `s3_object`, `SNSTopicArn` is `sns_topic_arn`.

    >>> snake("CollectionARN"), snake("F1Score"), snake("StartTimecodeSMPTE")
    ('collection_arn', 'f1_score', 'start_timecode_smpte')
    """
    return _WORD_START.sub("_", name).lower()
