"""The lists that a trader may begin with, one JSON file each, offered in the order of their file names."""
