"""Prompts -> tokens -> vectors of each text encoder -> maps."""
