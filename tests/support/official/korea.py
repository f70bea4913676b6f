"""To be filled."""

from official.server import Reply


def ecos(call, table):
    return Reply("not yet", 501)


kosis = customs = ecos
