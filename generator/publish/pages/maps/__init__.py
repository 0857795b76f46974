"""Maps of prompts: records and points -> figures, scripts and pages."""
