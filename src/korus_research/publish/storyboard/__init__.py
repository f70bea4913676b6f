"""The storyboard: the blocks of the brief and of each section of the report, and the three resulting documents."""
