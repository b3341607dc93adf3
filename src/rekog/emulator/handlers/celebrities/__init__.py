"""Operations on celebrities, and their enrolment."""
