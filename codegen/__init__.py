"""The generator: reads the service model that botocore ships, writes the models, codecs, clients and tables."""
