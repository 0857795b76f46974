"""Records -> figures for papers and chats: PNG, PDF or SVG, by Matplotlib."""
