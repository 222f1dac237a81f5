"""What is told: the events of a house, announced by operations and kept in its journal."""
