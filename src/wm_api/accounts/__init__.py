"""Companies, users, members and their credentials."""
