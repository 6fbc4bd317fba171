"""Language models as a source: asked only about what no other source tells, and believed least."""

from understudy.sources.llm.gaps import Gap, gaps
from understudy.sources.llm.reading import read

__all__ = ["Gap", "gaps", "read"]
