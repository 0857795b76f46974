"""Quantised tensors -> the float32 values they stand for."""
