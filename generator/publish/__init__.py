"""`data/` -> the pages of the site. Needs neither torch nor weights."""
