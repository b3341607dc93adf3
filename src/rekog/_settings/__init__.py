"""Settings: values, rules, profile files, resolution, endpoint. No I/O except reading profile files."""
