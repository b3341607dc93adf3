"""Operations on one image: labels, faces, text, moderation, equipment, custom labels, comparison."""
