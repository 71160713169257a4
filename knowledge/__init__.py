"""What is known: documents, the library that stores them, and a question's way to an answer."""
