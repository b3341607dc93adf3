"""Other forms of answers: dicts and JSON, rows, and marks drawn on an image."""
