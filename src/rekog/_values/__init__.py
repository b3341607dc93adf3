"""Base classes of settings, models and errors; imports nothing else of rekog."""
