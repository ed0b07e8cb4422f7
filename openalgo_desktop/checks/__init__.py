"""What the doctor looks at, a file for each part of the world."""
