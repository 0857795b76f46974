"""Two checkpoints compared: the records of pairs -> their pages and downloads."""
