"""Pure functions from the content of an image or video to the members of a response."""
