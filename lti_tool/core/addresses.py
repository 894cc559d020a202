"""What kind of host an address names. Shared by the settings and by the guard of outgoing requests."""

import ipaddress


def is_loopback(host: str) -> bool:
    """Whether the host can only be this machine: browsers treat http there as trustworthy."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
