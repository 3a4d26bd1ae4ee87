"""FHIR R4: resources in NDJSON and JSON files become the canonical tables."""
