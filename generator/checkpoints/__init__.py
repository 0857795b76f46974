"""What a file holds: readers -> index of tensors -> component, block, kind -> measured figures."""
