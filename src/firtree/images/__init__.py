"""OTA files: read, checked and built, without any input or output."""
