"""Whether an address is one of a private network: what a stranger must not make us read."""

from __future__ import annotations

import ipaddress
import socket


def refusal(host: str) -> str:
    """Why a host may not be read on behalf of others; "" where it may. All addresses of its name must be public."""
    try:
        found = {str(info[4][0]).split("%")[0] for info in socket.getaddrinfo(host.strip("[]"), None)}
    except (OSError, UnicodeError):
        return "there is no host of that name"
    for text in sorted(found):
        address = ipaddress.ip_address(text)
        mapped = getattr(address, "ipv4_mapped", None)
        if not (mapped or address).is_global:
            return f"{host} is in a private network ({text})"
    return ""
