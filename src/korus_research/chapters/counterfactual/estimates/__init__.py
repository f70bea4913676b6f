"""What the chapter estimates: the declared choices, placed in calendar years, and one choice changed at a time."""
