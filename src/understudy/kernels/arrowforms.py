"""The Arrow type of a form, for expressions that are no planned column."""

from __future__ import annotations

import pyarrow as pa

from understudy.kernels.forms import Form, Sort

_TYPES = {
    Sort.NULL: pa.null(),
    Sort.RAW: pa.int64(),
    Sort.INT: pa.int64(),
    Sort.FLOAT: pa.float64(),
    Sort.BOOL: pa.bool_(),
    Sort.TEXT: pa.string(),
    Sort.BINARY: pa.binary(),
    Sort.DATE: pa.date32(),
    Sort.TIME: pa.time64("us"),
    Sort.TIMESTAMP: pa.timestamp("us"),
    Sort.INTERVAL: pa.int64(),
}


def arrow_of(form: Form) -> pa.DataType:
    """Decimals at full precision; intervals as microseconds."""
    match form.sort:
        case Sort.DECIMAL:
            return pa.decimal128(38, form.scale) if form.scale <= 38 else pa.decimal256(76, form.scale)
        case Sort.LIST:
            return pa.list_(arrow_of(form.element or Form(Sort.NULL)))
        case Sort.STRUCT:
            return pa.struct([pa.field(name, arrow_of(f)) for name, f in form.fields])
    return _TYPES[form.sort]
