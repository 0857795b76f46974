"""CLIP's special tokens, and the number of positions of its text encoders."""

START, END = 49406, 49407
START_TEXT, END_TEXT = "<|startoftext|>", "<|endoftext|>"
PLACES = 77
