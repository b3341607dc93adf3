"""Values that a generated codec rejects: responses that lack members, and requests with wrong values."""
