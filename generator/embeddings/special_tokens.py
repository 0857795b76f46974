"""CLIP's special tokens, and how many tokens its text encoders have places for."""

START, END = 49406, 49407
START_TEXT, END_TEXT = "<|startoftext|>", "<|endoftext|>"
PLACES = 77
