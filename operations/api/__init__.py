"""The REST API under `/api/v1/`, for whatever `operations` runs; each endpoint describes itself.

A view reads a request (`serializers`), asks a verb or a selector, and answers; an error is a
problem (RFC 9457, `problems`). What is described (`endpoint`, `openapi`) is compared by tests.
"""
