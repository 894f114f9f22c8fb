"""Draws our Grafana dashboards as SVG, from what a Prometheus has recorded: for the docs, and to look at a run."""

from __future__ import annotations

import math
import re
import time
from typing import Any, Callable
from xml.sax.saxutils import escape

Json = dict[str, Any]
Series = tuple[str, list[tuple[float, float]]]  # name, (time, value)
Range = Callable[[str], list[tuple[dict[str, str], list[tuple[float, float]]]]]

CELL_X, CELL_Y, GAP, HEAD = 56, 34, 6, 24
COLOURS = ("#56a64b", "#3274d9", "#e0752d", "#a352cc", "#e02f44", "#8f8f3b", "#1f9e9e", "#c15c17", "#705da0", "#508642")
NAMED = {"green": "#56a64b", "orange": "#e0752d", "red": "#e02f44"}
MOST_LINES = 10


def text(x: float, y: float, words: str, size: int = 11, colour: str = "#333", anchor: str = "start") -> str:
    return (f'<text x="{x:.0f}" y="{y:.0f}" font-size="{size}" fill="{colour}" text-anchor="{anchor}">'
            f"{escape(words)}</text>")


def shown(value: float, unit: str) -> str:
    """A value with its unit, short."""
    if math.isnan(value):
        return "-"
    if unit == "dateTimeAsIso":
        return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(value / 1000))
    if unit == "percentunit":
        return f"{value * 100:.1f} %"
    if unit == "s":
        return f"{value * 1000:.3g} ms" if value < 1 else f"{value:.3g} s"
    names = {"cps": "/s", "ops": "/s", "pps": "/s", "reqps": "/s", "Bps": "B/s"}
    return f"{value:.4g} {names.get(unit, '')}".strip()


class Picture:
    """One dashboard. `ask` answers a query over the time of the picture, the latest value last."""

    def __init__(self, board: Json, ask: Range, begin: float, end: float) -> None:
        self._board, self._ask, self._begin, self._end = board, ask, begin, end

    def svg(self) -> str:
        body = [self._panel(panel) for panel in self._board["panels"]]
        height = max(panel["gridPos"]["y"] + panel["gridPos"]["h"] for panel in self._board["panels"]) * CELL_Y
        return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {24 * CELL_X} {height}" '
                f'font-family="sans-serif"><rect width="100%" height="100%" fill="#f4f5f5"/>{"".join(body)}</svg>\n')

    def _panel(self, panel: Json) -> str:
        at = panel["gridPos"]
        x, y, width, height = at["x"] * CELL_X, at["y"] * CELL_Y, at["w"] * CELL_X, at["h"] * CELL_Y
        if panel["type"] == "row":
            return text(x + 8, y + 23, panel["title"], 15)
        draw = {"stat": self._number, "timeseries": self._lines, "state-timeline": self._states, "table": self._table}
        frame = f'<rect x="{GAP / 2}" y="{GAP / 2}" width="{width - GAP}" height="{height - GAP}" rx="3" fill="#fff" stroke="#ddd"/>'
        inside = draw[panel["type"]](panel, width - GAP, height - GAP)
        return f'<g transform="translate({x} {y})">{frame}{text(10, 20, panel["title"], 12)}{inside}</g>\n'

    def _series(self, panel: Json) -> list[Series]:
        found = []
        for target in panel["targets"]:
            for labels, values in self._ask(target["expr"]):
                name = re.sub(r"\{\{(\w+)\}\}", lambda label: labels.get(label.group(1), ""), target.get("legendFormat", ""))
                found.append((name, values))
        return found

    def _number(self, panel: Json, width: float, height: float) -> str:
        latest = self._series(panel)[0][1][-1][1]
        steps = panel["fieldConfig"]["defaults"]["thresholds"]["steps"]
        colour = [step["color"] for step in steps if step["value"] is None or latest >= step["value"]][-1]
        return text(width / 2, height / 2 + 26, shown(latest, panel["fieldConfig"]["defaults"]["unit"]), 34, NAMED[colour],
                    "middle")

    def _x(self, when: float, width: float) -> float:
        return 56 + (when - self._begin) / (self._end - self._begin) * (width - 70)

    def _axis(self, width: float, bottom: float) -> str:
        ticks = [self._begin + (self._end - self._begin) * part / 4 for part in range(5)]
        return "".join(text(self._x(tick, width), bottom + 14, time.strftime("%H:%M:%S", time.gmtime(tick)), 9, "#888", "middle")
                       for tick in ticks)

    def _lines(self, panel: Json, width: float, height: float) -> str:
        unit = panel["fieldConfig"]["defaults"]["unit"]
        series = [(name, [(when, value) for when, value in values if not math.isnan(value)])
                  for name, values in self._series(panel)]
        series = sorted(series, key=lambda each: -max((value for _, value in each[1]), default=0))[:MOST_LINES]
        legend = (len(series) + 1) // 2 * 14
        top, bottom = HEAD + 14, height - legend - 26
        most = max((value for _, values in series for _, value in values), default=0) or 1

        def y(value: float) -> float:
            return bottom - value / most * (bottom - top)

        parts = [f'<path d="M56 {y(most * part / 2):.1f}H{width - 14}" stroke="#eee"/>'
                 + text(52, y(most * part / 2) + 4, shown(most * part / 2, unit), 9, "#888", "end") for part in range(3)]
        for number, (name, values) in enumerate(series):
            colour = COLOURS[number % len(COLOURS)]
            points = " ".join(f"{self._x(when, width):.1f},{y(value):.1f}" for when, value in values)
            parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.5"/>')
            column, row = number % 2, number // 2
            said = f"{name}: {shown(values[-1][1], unit)}" if values else name
            parts.append(text(14 + column * width / 2, bottom + 32 + row * 14, said[:int(width / 13)], 10, colour))
        return "".join(parts) + self._axis(width, bottom)

    def _states(self, panel: Json, width: float, height: float) -> str:
        colours = {float(value): NAMED[each["color"]]
                   for mapping in panel["fieldConfig"]["defaults"]["mappings"] for value, each in mapping["options"].items()}
        series = self._series(panel)[:MOST_LINES]
        bottom = height - 22
        each = min(30.0, (bottom - HEAD - 8) / max(1, len(series)))
        step = (self._end - self._begin) / max(1, max((len(values) for _, values in series), default=1))
        parts = []
        for number, (name, values) in enumerate(series):
            y = HEAD + 8 + number * each
            for begin, end, value in spans(values, 3 * step):
                left, right = self._x(begin, width), self._x(end, width)
                parts.append(f'<rect x="{left:.1f}" y="{y:.1f}" width="{max(1.5, right - left):.1f}" height="{each - 3:.1f}" '
                             f'fill="{colours.get(value, "#999")}" opacity="0.8"/>')
            parts.append(text(60, y + each / 2 + 3, name, 10))
        return "".join(parts) + self._axis(width, bottom)

    def _table(self, panel: Json, width: float, height: float) -> str:
        changes = panel["transformations"][1]["options"]
        rows: dict[tuple[tuple[str, str], ...], dict[str, str]] = {}
        units = {each["matcher"]["options"]: each["properties"][0]["value"] for each in panel["fieldConfig"]["overrides"]}
        single = len(panel["targets"]) == 1
        for target in panel["targets"]:
            column = changes["renameByName"]["Value" if single else f"Value #{target['refId']}"]
            for labels, values in self._ask(target["expr"]):
                if values[-1][0] < self._end - 10:
                    continue  # no latest value
                row = rows.setdefault(tuple(sorted(labels.items())), dict(labels))
                row[column] = shown(values[-1][1], units.get(column, ""))
        names = [changes["renameByName"].get(source, source)
                 for source, _ in sorted(changes["indexByName"].items(), key=lambda entry: entry[1])]
        place = [10 + number * (width - 14) / len(names) for number in range(len(names))]
        parts = [text(x, HEAD + 18, name, 10, "#3274d9") for x, name in zip(place, names)]
        for number, row in enumerate(sorted(rows.values(), key=lambda each: [each.get(name, "") for name in names])):
            y = HEAD + 38 + number * 17
            if y > height - 8:
                break
            parts += [text(x, y, row.get(name, "")[:int(width / len(names) / 5.5)], 10) for x, name in zip(place, names)]
        return "".join(parts)


def spans(values: list[tuple[float, float]], gap: float) -> list[tuple[float, float, float]]:
    """Begin, end and value of each stretch of equal values without a gap."""
    found: list[tuple[float, float, float]] = []
    for when, value in values:
        if found and found[-1][2] == value and when - found[-1][1] <= gap:
            found[-1] = (found[-1][0], when, value)
        else:
            found.append((when, when, value))
    return found
