"""Operations on stored videos: eight pairs of Start and Get.

`kinds.py` holds the differences between the pairs, `requests.py` their requests, `steps.py` the worker's steps.
"""
