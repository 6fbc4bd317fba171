"""Sinks: folders, files and databases that take a plan's batches."""

from understudy.delivery.capabilities import formats
from understudy.delivery.target import open_sink, open_tryout, resolved, write_text

__all__ = ["formats", "open_sink", "open_tryout", "resolved", "write_text"]
