"""The generator: reads the service model that botocore ships and writes the models, codecs, clients and tables."""
