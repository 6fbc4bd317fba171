"""Models fitted to real rows, as expressions: sequential trees over the columns of a table."""

from understudy.learning.privacy import LEVELS, Level
from understudy.learning.table import fit_table

__all__ = ["LEVELS", "Level", "fit_table"]
