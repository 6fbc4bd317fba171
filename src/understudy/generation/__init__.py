"""Plans to batches, in this process or many."""

from understudy.generation.executors import Executor, InProcess, Processes, executor
from understudy.generation.streams import stream

__all__ = ["Executor", "InProcess", "Processes", "executor", "stream"]
