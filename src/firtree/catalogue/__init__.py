"""The catalogue, pure: entries, submission checks, pathways, assessment of a device."""
