"""What in an item is tied to the source culture, and which way each item goes."""
