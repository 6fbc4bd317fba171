"""Models fitted to real rows, as expressions: sequential trees over the columns of a table."""

from understudy.learning.columns import Represented
from understudy.learning.privacy import LEVELS, Level
from understudy.learning.relations import Children, children, given_by
from understudy.learning.table import fit_table

__all__ = ["LEVELS", "Children", "Level", "Represented", "children", "fit_table", "given_by"]
