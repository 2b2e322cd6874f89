"""Workbooks: tables of entries in xlsx and ods files from strangers, and back."""
