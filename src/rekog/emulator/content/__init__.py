"""Content of an image or video: declared, else detected, else refused."""
