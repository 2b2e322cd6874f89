"""People: how they come in, what they hold, and what is noted of it."""
