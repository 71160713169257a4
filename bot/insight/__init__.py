"""What goes on: questions, answers and opinions over time, and the library as a picture."""
