"""Draws the comparison with the peers as an SVG that reads on light and on dark pages."""

from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape

from tests.bench.tables import COLD_GOALS, PATHS, WARM_GOALS

WIDTH, LEFT, RIGHT = 720, 110, 60
BAR, GAP, TOP, LABEL = 20, 34, 66, 40
STYLE = """
  .page { fill: #ffffff; }
  text { font: 13px system-ui, sans-serif; fill: #1f2328; }
  .small { font-size: 11px; fill: #59636e; }
  .title { font-weight: 600; }
  .held { fill: #1a7f5a; } .missed { fill: #c4432b; } .free { fill: #6e7781; }
  .line { stroke: #8c959f; stroke-dasharray: 3 3; } .goal { stroke: #1f2328; stroke-width: 2; }
  @media (prefers-color-scheme: dark) {
    .page { fill: #0d1117; }
    text { fill: #e6edf3; } .small { fill: #9198a1; }
    .held { fill: #3fb68b; } .missed { fill: #f0816b; } .free { fill: #8b949e; }
    .goal { stroke: #e6edf3; }
  }
"""


def of_peers(figures: Mapping[str, Mapping[str, Any]]) -> str:
    """Bars of ours to the peer's processor time, cold and warm, with the goals as marks."""
    names = [name for name in PATHS if f"peer {name}" in figures]
    panels = [("Cold start", "cold_ms", COLD_GOALS), ("Warm request", "warm_ms", WARM_GOALS)]
    ratios = {key: {name: _ratio(figures, name, key) for name in names} for _, key, _ in panels}
    reach = max(1.1, *(value * 1.08 for found in ratios.values() for value in found.values()))
    height_of_panel = TOP + GAP * len(names)
    parts = []
    for index, (title, key, goals) in enumerate(panels):
        y = index * height_of_panel
        parts += _panel(title, ratios[key], goals, y, (WIDTH - LEFT - RIGHT) / reach)
    height = height_of_panel * len(panels) + 16
    label = "Processor time of Passerelle as a share of its peer's"
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img"'
            f' aria-label="{label}">',
            f"<title>{label}</title>",
            f"<style>{STYLE}</style>",
            # A page may be light where the system is dark, so the drawing brings its own ground.
            f'<rect class="page" width="{WIDTH}" height="{height}" rx="6"/>',
            *parts,
            "</svg>\n",
        ]
    )


def _ratio(figures: Mapping[str, Mapping[str, Any]], name: str, key: str) -> float:
    return float(figures[name][key] / figures[f"peer {name}"][key])


def _panel(
    title: str, ratios: Mapping[str, float], goals: Mapping[str, float], y: int, scale: float
) -> list[str]:
    bottom = y + TOP + GAP * len(ratios)
    one = LEFT + scale
    parts = [
        _text(LEFT, y + 26, title, "title"),
        _text(LEFT, y + 44, "processor time, Passerelle / peer; shorter is better; | is the goal", "small"),
        f'<line class="line" x1="{one:.1f}" x2="{one:.1f}" y1="{y + TOP - 10}" y2="{bottom - 8}"/>',
        _text(one, y + TOP - 14, "as the peer", "small", "middle"),
    ]
    for row, (name, ratio) in enumerate(ratios.items()):
        top = y + TOP + GAP * row
        goal = goals.get(name)
        kind = "free" if goal is None else "held" if ratio <= goal else "missed"
        parts.append(_text(LEFT - 8, top + 15, PATHS[name], "", "end"))
        parts.append(
            f'<rect class="{kind}" x="{LEFT}" y="{top}" width="{ratio * scale:.1f}" height="{BAR}" rx="2"/>'
        )
        end = LEFT + ratio * scale
        in_its_way = goal is not None and -6 < LEFT + goal * scale - end < LABEL
        parts.append(_text((LEFT + (goal or 0) * scale if in_its_way else end) + 6, top + 15, f"{ratio:.2f}"))
        if goal is not None:
            x = LEFT + goal * scale
            parts.append(
                f'<line class="goal" x1="{x:.1f}" x2="{x:.1f}" y1="{top - 4}" y2="{top + BAR + 4}"/>'
            )
    return parts


def _text(x: float, y: float, text: str, kind: str = "", anchor: str = "start") -> str:
    of_kind = f' class="{kind}"' if kind else ""
    return f'<text x="{x:.1f}" y="{y}" text-anchor="{anchor}"{of_kind}>{escape(text)}</text>'
