"""Columns to batches: in this process, or in several; the same bytes either way.

    plan ─► streams  rows of a table as batches, in order
         ─► parts    a file's part generated and written where it is generated

Batches end at multiples of the plan's ``batch_rows``, and every value is a function of its row alone, so
neither workers nor partitions nor resuming change anything.
"""

from understudy.generation.executors import Executor, InProcess, executor, worthwhile
from understudy.generation.streams import pieces, stream

__all__ = ["Executor", "InProcess", "executor", "pieces", "stream", "worthwhile"]
