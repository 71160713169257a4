"""How people reach the library: Discord, and the same jobs from the command line."""
