"""Benchmarks: ratios against boto3, aiobotocore, capo-rekognition and bare transports, in one run on one machine."""
