"""Other AWS services: S3 objects and SNS notifications."""
