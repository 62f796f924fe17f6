"""The variant: what leaves the project folder."""
