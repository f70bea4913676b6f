"""The storyboard: what the brief and each section of the report show, and the three documents made by it."""
