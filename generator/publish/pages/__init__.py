"""Loaded records -> one context per page."""
