"""Pages for people: rendered here, readable without JavaScript."""
