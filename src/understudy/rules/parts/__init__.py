"""Accessors of structured values as :class:`Part` nodes: members of documents, elements of arrays, ends of ranges, the
length of a network's mask, measures of shapes. Conditions on whole structures become conditions on their parts.
"""

from understudy.rules.parts import documents, geometry, lists, networks, ranges

KEYED = {**documents.KEYED, **lists.KEYED, **networks.KEYED}
"""Handlers by the key of sqlglot's node."""

NAMED = {**documents.NAMED, **ranges.NAMED, **networks.NAMED, **geometry.NAMED}
"""Handlers by the function's name."""
