"""Settings: values, profile files, resolution, endpoints. No I/O except reading profile files."""
