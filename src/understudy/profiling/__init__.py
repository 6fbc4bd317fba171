"""Measures columns, pairs and keys of real data, whatever they were read from: Arrow batches in, profiles out."""

from understudy.profiling.inclusions import KeySide, inclusion
from understudy.profiling.sample import Sampler, sample
from understudy.profiling.tables import SAMPLE_CELLS, Depth, Pass, profile_table

__all__ = ["SAMPLE_CELLS", "Depth", "KeySide", "Pass", "Sampler", "inclusion", "profile_table", "sample"]
