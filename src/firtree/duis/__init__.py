"""Service Requests out, responses in, and their XML signatures (DUIS 5.4)."""
