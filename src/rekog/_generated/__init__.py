"""Written by `python -m codegen`; do not edit by hand."""
