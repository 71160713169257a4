"""The local page: the same services as the bot's, in a browser on the same machine."""
