"""Content of an image or video: declared, else seen, else refused."""
