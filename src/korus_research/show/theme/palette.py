"""The colours of figures: each has one role in the whole report, with a tone for a light page and one for a dark page.

Figures are drawn with the light tones; a page puts the variable of the role in their place (publish/blocks/svg.py).
From Okabe and Ito's palette, which colour-blind readers can tell apart; the orange-red is darker than theirs, since
names of lines have it too (4.5 to 1 on white).
"""

from __future__ import annotations

EXPORTS = "#0072B2"
IMPORTS = "#BF5300"
BALANCE = "#3A3A3A"
OTHERS = "#8C8C8C"
INK = "#1C1C1C"
QUIET = "#5E5E5E"
PAPER = "#FFFFFF"
GRID = "#E3E1DC"
AXIS = "#8A8A8A"
HAIRLINE = "#777777"
LEADER = "#BDBAB3"
BAND = "#DAD8D2"
WASH = "#F1EFEA"
EXPORTS_TINT = "#A9CDE4"
IMPORTS_TINT = "#EFBE9C"
ENERGY_TINT = "#8CC4E8"
ENERGY_INK = "#2B6F9E"
SERVICES = "#7A4A9E"
SECURITY = "#8C2D8C"
FORECAST = "#EADFC8"
PARTNER = EXPORTS
COLOURS = {"exports": EXPORTS, "imports": IMPORTS}

# Role: the tone on a light page and the tone on a dark one.
TONES: dict[str, tuple[str, str]] = {
    "exports": (EXPORTS, "#5CB3EA"),
    "imports": (IMPORTS, "#F58B4C"),
    "balance": (BALANCE, "#C9CED3"),
    "others": (OTHERS, "#8A929A"),
    "ink": (INK, "#E4E8EC"),
    "quiet": (QUIET, "#A8B2BC"),
    "paper": (PAPER, "#12171C"),
    "grid": (GRID, "#2B343C"),
    "axis": (AXIS, "#7D8790"),
    "hairline": (HAIRLINE, "#8D97A0"),
    "leader": (LEADER, "#4A5560"),
    "band": (BAND, "#39434D"),
    "wash": (WASH, "#1F272E"),
    "exports-tint": (EXPORTS_TINT, "#2D5F80"),
    "imports-tint": (IMPORTS_TINT, "#84502C"),
    "energy-tint": (ENERGY_TINT, "#2F6D96"),
    "energy-ink": (ENERGY_INK, "#86C5F0"),
    "services": (SERVICES, "#C79BE6"),
    "security": (SECURITY, "#E29BE2"),
    "forecast": (FORECAST, "#453C28"),
}
