"""Evaluates expression nodes on arrays of row numbers: pure, vectorised, without an executor."""

from understudy.kernels.runtime import Runtime

__all__ = ["Runtime"]
