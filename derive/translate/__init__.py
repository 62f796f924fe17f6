"""Drafts: the machine's texts in the target language, with findings."""
