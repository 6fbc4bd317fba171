"""User interfaces: pages, templates of pages, and live sites, as evidence and form faces."""

from understudy.sources.ui.reading import evidence_of, page_files, pages_of, read

__all__ = ["evidence_of", "page_files", "pages_of", "read"]
