"""The API's description (OpenAPI 3.1), generated from what each `endpoint` declares."""

from operations.api.openapi import extensions  # drf-spectacular finds its classes once they exist
from operations.api.openapi.finishing import finish
from operations.api.openapi.schema import EndpointSchema

__all__ = ["EndpointSchema", "extensions", "finish"]
