"""Pure functions: frames in, a result object out. No plotting, no files, no global state."""
