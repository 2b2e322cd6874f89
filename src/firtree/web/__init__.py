"""The register over HTTP: an API and pages."""
