"""What does the field's standard model say? The three-way gravity model of the agreement, randomised over pairs.

`choices` and gravity.toml declare what is asked, `panel` says what the data must be, `estimate` fits one window of
years, `measures` all of them. The estimator is methods/poisson; `tables` also compares with the synthetic control.
"""

from korus_research.chapters.topic import topic

__getattr__, __dir__ = topic(__name__)
