"""Forms of boto3 and botocore: the results of page iterators, and the type of `client.exceptions`."""
