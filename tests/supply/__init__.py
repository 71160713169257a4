"""What the project stands on, and how it is put up: locked packages, a container, a unit."""
