"""The chapters: a folder a topic, with its measures, findings, figures, tables and words."""
