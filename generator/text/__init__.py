"""Codes and numbers -> English, for pages and terminal alike. The only room with sentences."""
