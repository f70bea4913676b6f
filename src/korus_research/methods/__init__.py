"""Estimators and decompositions: frames and arrays in, results out; no chapter, no sentence, no file."""
