"""Worksheets that came back: from files to adaptations."""
