"""Networks and addresses: the length of a mask, the host, and what lies within what, as numbers."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from understudy.model.expression import Column, Const, Node, Part
from understudy.rules.coercion import NotUnderstoodError
from understudy.rules.kinds import INTEGER, TEXT, kind_of
from understudy.rules.trees import FALSE, TRUE, both, call
from understudy.types import Kind

if TYPE_CHECKING:
    from understudy.rules.translating import Translator


def network_part(which: str) -> Callable[[Translator, list[Any]], Node]:
    """``masklen(address)``, ``family(address)``, ``host(address)``."""

    def handle(t: Translator, args: list[Any]) -> Node:
        base = t.value(args[0])
        kind = kind_of(base, t.types)
        if not isinstance(base, Column) or kind is None or kind.kind is not Kind.NETWORK:
            raise NotUnderstoodError(f"{which} of what is no address")
        return Part(base, (which,), TEXT if which == "host" else INTEGER)

    return handle


def within_network(t: Translator, e: Any, inner: Any, outer: Any) -> Node | None:
    """``address << network`` (also ``<<=``): the address lies between the network's first and last."""
    base = t.value(inner)
    kind = kind_of(base, t.types)
    if not isinstance(base, Column) or kind is None or kind.kind is not Kind.NETWORK:
        return None
    while outer.key in ("cast", "paren"):
        outer = outer.this
    try:
        net = ipaddress.ip_network(str(outer.this), strict=False)
    except ValueError as error:
        raise NotUnderstoodError(str(outer.this)) from error
    if net.version != 4:
        raise NotUnderstoodError("a network of six")
    address = Part(base, ("address",), INTEGER)
    longer = [call(">=", Part(base, ("masklen",), INTEGER), Const(net.prefixlen + (e.key == "bitwiseleftshift")))]
    return both(
        call(">=", address, Const(int(net.network_address))),
        call("<=", address, Const(int(net.broadcast_address))),
        *(longer if kind.variant == "cidr" else []),
    )


def host_compared(sign: str, a: Node, b: Node) -> Node | None:
    """An address against a constant, as a number; None where neither side is one."""
    for one, other in ((a, b), (b, a)):
        if isinstance(one, Part) and one.path == ("host",) and isinstance(other, Const) and sign in ("=", "<>"):
            try:
                number = int(ipaddress.IPv4Address(str(other.value)))
            except ValueError:
                return TRUE if sign == "<>" else FALSE
            return call(sign, Part(one.value, ("address",), INTEGER), Const(number))
    return None


KEYED: dict[str, Callable[[Translator, Any], Node]] = {"host": lambda t, e: network_part("host")(t, [e.this])}

NAMED: dict[str, Callable[[Translator, list[Any]], Node]] = {
    "masklen": network_part("masklen"), "family": network_part("family"), "host": network_part("host"),
}  # fmt: skip
