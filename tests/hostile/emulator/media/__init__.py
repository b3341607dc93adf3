"""Attacks on the readers of images and videos."""
