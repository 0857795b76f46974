"""One read of a checkpoint -> hashes, statistics, record."""
