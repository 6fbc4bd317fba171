"""Language models: providers, and a desk that asks them: patiently, within a budget, nothing twice."""

from understudy.llm.desk import Desk, Spent
from understudy.llm.providers import Access, open_chat

__all__ = ["Access", "Desk", "Spent", "open_chat"]
