"""The least that an agreement's file must say, about a toy country."""

MINIMAL = """
id = "toy"
short_name = "TOY"
source = "made up"
names = { en = "Toyland Free Trade Agreement" }

[reporter]
iso3 = "USA"
name = "United States"
short = "United States"
adjective = "US"
source = "ISO"

[partner]
iso3 = "CHL"
census_code = "3370"
name = "Chile"
short = "Chile"
adjective = "Chilean"
source = "ISO"

[dates]
signed = 2003-06-06
in_force = 2004-01-01
sources = { signed = "page 1", in_force = "page 2" }

[baseline]
year = 2003
reason = "last year before"
source = "page 2"

[first_full]
year = 2004
reason = "in force on 1 January"
source = "page 2"

[evaluation]
year = 2008
reason = "five years"
source = "page 3"

[baselines]
years = [2002, 2003]
reason = "before"
source = "page 2"

[[comparator]]
census_code = "3330"
iso3 = "PER"
name = "Peru"
role = "peer"
why = "neighbour"
source = "page 4"
"""
