"""API descriptions to evidence: OpenAPI, Swagger, JSON Schema, GraphQL, Postman, HAR."""

from understudy.sources.api.fetching import Web
from understudy.sources.api.reading import read

__all__ = ["Web", "read"]
