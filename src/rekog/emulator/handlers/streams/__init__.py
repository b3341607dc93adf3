"""Stream processor operations."""
