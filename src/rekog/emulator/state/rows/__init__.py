"""One module per resource: its tables, rows and queries."""
