"""Codes and numbers -> English, for pages and terminal. The only room with sentences."""
