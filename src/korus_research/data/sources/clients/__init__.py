"""How each official source answers: one module a form of answer, each with the same four functions.

`refused(answer)` gives the error that an answer is, or None; `rows(answer, dataset)` the observations as texts under
the source's own names; `mark(answer)` its sign of the vintage, or ""; `more(request, answer)` the call for the next
page, or None. None of them asks anything.
"""
