"""Re-checks data against a schema by the rules' original text, in an engine of its own.

Nothing here is shared with planning, rules, kernels or generation: who judges does not make.
"""

from __future__ import annotations

from understudy.validation.database import validate_database
from understudy.validation.faces import face_files, validate_faces
from understudy.validation.files import validate_files
from understudy.validation.findings import violations

__all__ = ["face_files", "validate_database", "validate_faces", "validate_files", "violations"]
