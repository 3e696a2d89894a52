"""Nothing is solved here."""
