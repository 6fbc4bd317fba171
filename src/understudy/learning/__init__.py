"""Models fitted to real rows, as expressions: sequential trees over a table's columns, or what a person asks for."""

from understudy.learning.choosing import Choice, choice
from understudy.learning.columns import Represented
from understudy.learning.forms import forms
from understudy.learning.graphs import chosen_by_community, communities, joined
from understudy.learning.learners import AUTO, LEARNERS, NEEDS, Task, ready, suited, texts_of
from understudy.learning.outliers import with_unusual
from understudy.learning.privacy import LEVELS, Level
from understudy.learning.relations import Member, children, counts_column, family, given_by, link_of, settled
from understudy.learning.sequences import Split, Told, sequence, split
from understudy.learning.siblings import run_of
from understudy.learning.table import fit_table

__all__ = [
    "AUTO",
    "LEARNERS",
    "LEVELS",
    "NEEDS",
    "Choice",
    "Level",
    "Member",
    "Represented",
    "Split",
    "Task",
    "Told",
    "children",
    "choice",
    "chosen_by_community",
    "communities",
    "counts_column",
    "family",
    "fit_table",
    "forms",
    "given_by",
    "joined",
    "link_of",
    "ready",
    "run_of",
    "sequence",
    "settled",
    "split",
    "suited",
    "texts_of",
    "with_unusual",
]
