"""Which bytes of a file its short hashes are of, as web UIs show them."""

# AUTOMATIC1111's first hash (AutoV1) looked at this window alone: it is 64 KiB from 1 MiB on.
AUTOV1_START, AUTOV1_SIZE = 0x100000, 0x10000


def autov1_bytes(size: int) -> int:
    """Of how many bytes the AutoV1 of a file of `size` bytes is: of none, if it is a small one."""
    return min(max(size - AUTOV1_START, 0), AUTOV1_SIZE)
