"""The formats of worksheets: writer and reader of each in one module, under one law."""
