"""Files and wire forms, in and out."""
