"""What a running bot says of itself: whether it lives, whether it is ready, and its figures."""
