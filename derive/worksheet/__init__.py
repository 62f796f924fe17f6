"""Worksheets: files for people, one row a unit."""
