"""Databases, live and from dump files.

``connect.connect`` opens one, ``read`` reads its structure, ``snapshot.snapshot`` what it holds.
(Functions named like their module are not exported here: they would hide it.)
"""

from __future__ import annotations

from understudy.sources.database.connect import Connection, describe, exists
from understudy.sources.database.live import read

__all__ = ["Connection", "describe", "exists", "read"]
