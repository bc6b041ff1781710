"""The API in OpenAPI 3.1: what it answers to what."""
