"""Test cases: features, test code and manual steps, as evidence and fragments of flows."""

from understudy.sources.cases.reading import evidence_of, read

__all__ = ["evidence_of", "read"]
