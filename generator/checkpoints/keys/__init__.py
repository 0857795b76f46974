"""Names of tensors in a file -> canonical names, and back."""
