"""The bytes of a file behind the short hashes of web UIs."""

# AUTOMATIC1111's first hash (AutoV1) covers only this window: 64 KiB from 1 MiB on.
AUTOV1_START, AUTOV1_SIZE = 0x100000, 0x10000


def autov1_bytes(size: int) -> int:
    """Number of bytes that AutoV1 hashes in a file of `size` bytes (0 below 1 MiB)."""
    return min(max(size - AUTOV1_START, 0), AUTOV1_SIZE)
