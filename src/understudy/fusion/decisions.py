"""What a person has looked at and found right, shown as such."""

from __future__ import annotations

import msgspec

from understudy.model.overrides import Overrides
from understudy.model.schema import Facet, Remark, Schema, Standing


def accepted(schema: Schema, overrides: Overrides) -> Schema:
    """The schema with accepted facets marked as decided; a remark for what is accepted and is not there."""
    wanted = {(s, f) for s, d in overrides.fields.items() for f in d.accepted}
    if not wanted:
        return schema
    facets: list[Facet] = []
    found: set[tuple[str, str]] = set()
    for facet in schema.facets:
        key = (facet.subject, facet.facet)
        if key in wanted and facet.standing != Standing.UNPLACED.value:
            found.add(key)
            reason = "; ".join(filter(None, ["accepted by a person", facet.reason]))
            facet = msgspec.structs.replace(facet, confidence=1.0, standing=Standing.DECIDED.value, reason=reason)
        facets.append(facet)
    lost = [Remark(s, f"its {f} was accepted, but nothing is said of it any more", "info") for s, f in wanted - found]
    remarks = (*schema.remarks, *sorted(lost, key=lambda r: (r.place, r.text)))
    return msgspec.structs.replace(schema, facets=tuple(facets), remarks=remarks)
