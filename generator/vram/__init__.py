"""Measured memory of the networks of a pipeline -> the peak of inference, without torch."""
