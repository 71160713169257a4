"""The bot's commands, menus and what their buttons do; each module adds its own to the tree."""
