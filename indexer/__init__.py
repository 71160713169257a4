"""How documents get in: bytes to text, text to passages, passages to the library."""
