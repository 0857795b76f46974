// The theme asks for this file, and only when the site is opened from disk, where it cannot search.
var __index = { config: {}, docs: [] };
