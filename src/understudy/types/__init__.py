"""Logical types, their lattice, and their names in Arrow and SQL."""

from understudy.types.lattice import carries, likeness, supports
from understudy.types.logical import Kind, Type

__all__ = ["Kind", "Type", "carries", "likeness", "supports"]
