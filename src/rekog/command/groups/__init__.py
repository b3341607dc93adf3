"""Groups of commands that are no operations; a module of each has the function `command`, which makes it."""
