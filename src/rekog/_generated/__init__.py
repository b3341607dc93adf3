"""Written by `python -m codegen`; nothing here is edited by hand."""
