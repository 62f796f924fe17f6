"""A release comes in: read, inspected, checked."""
