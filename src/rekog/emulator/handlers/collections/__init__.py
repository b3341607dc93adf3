"""Operations on collections and their faces."""
