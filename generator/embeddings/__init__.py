"""What a text encoder thinks: prompts -> tokens -> vectors -> maps."""
