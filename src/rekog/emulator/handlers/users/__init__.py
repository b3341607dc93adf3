"""Operations on the users of a collection."""
