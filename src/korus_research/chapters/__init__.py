"""The chapters: a folder for each topic, with what it measures, its findings, its figures and tables, and its words."""
