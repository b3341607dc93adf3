"""Custom labels operations, in a module for each kind of resource."""
