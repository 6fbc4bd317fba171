"""How like real rows synthetic ones are, how useful, and how far from any of them; and the page that shows it."""

from understudy.evaluation.page import page
from understudy.evaluation.relations import evaluate_relation
from understudy.evaluation.table import evaluate_table

__all__ = ["evaluate_relation", "evaluate_table", "page"]
