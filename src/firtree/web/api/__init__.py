"""The API's handlers: parse, call one use case, answer.  ``app.py`` has their URLs."""
