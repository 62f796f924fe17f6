"""What is wrong with somebody's derivation, beside the release that it was made from."""
