"""Builds Grafana dashboards (schema 39: Grafana 10 and 11) from a few words each: see dashboards.py."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

SCHEMA = 39
WIDTH = 24
SOURCE = {"type": "prometheus", "uid": "${datasource}"}
GREEN, ORANGE, RED = "green", "orange", "red"


@dataclass(frozen=True)
class Query:
    expr: str
    legend: str = ""
    now: bool = False  # only the latest value

    def json(self, ref: str, table: bool) -> Json:
        target: Json = {"refId": ref, "datasource": SOURCE, "editorMode": "code", "expr": self.expr}
        if self.legend:
            target["legendFormat"] = self.legend
        if self.now:
            target |= {"instant": True, "range": False}
        if table:
            target["format"] = "table"
        return target


@dataclass
class Panel:
    kind: str
    title: str
    description: str
    queries: list[Query]
    unit: str = "short"
    width: int = 8
    height: int = 8
    defaults: Json = field(default_factory=dict)
    options: Json = field(default_factory=dict)
    overrides: list[Json] = field(default_factory=list)
    transformations: list[Json] = field(default_factory=list)

    def json(self, number: int, x: int, y: int) -> Json:
        table = self.kind == "table"
        panel: Json = {
            "id": number, "type": self.kind, "title": self.title, "description": self.description,
            "datasource": SOURCE, "gridPos": {"x": x, "y": y, "w": self.width, "h": self.height},
            "fieldConfig": {"defaults": {"unit": self.unit, **self.defaults}, "overrides": self.overrides},
            "options": self.options,
            "targets": [query.json(chr(ord("A") + at), table) for at, query in enumerate(self.queries)],
        }
        if self.transformations:
            panel["transformations"] = self.transformations
        return panel


def steps(*limits: tuple[float | None, str]) -> Json:
    """Colours by value: (None, colour) is where it begins."""
    return {"mode": "absolute", "steps": [{"value": value, "color": colour} for value, colour in limits]}


def number(title: str, description: str, expr: str, *, unit: str = "short", bad_above: float | None = None,
           width: int = 4) -> Panel:
    """One big number, red when it is above what may be."""
    limits = [(None, GREEN)] if bad_above is None else [(None, GREEN), (bad_above, RED)]
    return Panel("stat", title, description, [Query(expr, now=True)], unit, width, 4,
                 {"thresholds": steps(*limits), "color": {"mode": "thresholds"}, "noValue": "none"},
                 {"reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
                  "colorMode": "value", "graphMode": "none", "textMode": "auto", "justifyMode": "auto"})


def lines(title: str, description: str, *queries: Query, unit: str = "short", width: int = 8, stacked: bool = False,
          bars: bool = False, steps_only: bool = False) -> Panel:
    """Values over time."""
    custom: Json = {"drawStyle": "bars" if bars else "line", "lineWidth": 1, "fillOpacity": 80 if bars else 10,
                    "showPoints": "never", "spanNulls": False,
                    "lineInterpolation": "stepAfter" if steps_only else "linear",
                    "stacking": {"mode": "normal" if stacked else "none", "group": "A"}}
    return Panel("timeseries", title, description, list(queries), unit, width, 8,
                 {"custom": custom, "min": 0, "color": {"mode": "palette-classic"}},
                 {"legend": {"displayMode": "table", "placement": "bottom", "showLegend": True, "calcs": ["lastNotNull"]},
                  "tooltip": {"mode": "multi", "sort": "desc"}})


def states(title: str, description: str, *queries: Query, values: dict[str, tuple[str, str]], width: int = 12,
           height: int = 8) -> Panel:
    """A bar per series over time; `values` names and colours each value."""
    mapping = {value: {"text": text, "color": colour, "index": at}
               for at, (value, (text, colour)) in enumerate(values.items())}
    return Panel("state-timeline", title, description, list(queries), "none", width, height,
                 {"mappings": [{"type": "value", "options": mapping}], "custom": {"fillOpacity": 80, "lineWidth": 0},
                  "color": {"mode": "thresholds"}, "thresholds": steps((None, GREEN))},
                 {"mergeValues": True, "showValue": "auto", "rowHeight": 0.8, "alignValue": "left",
                  "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True},
                  "tooltip": {"mode": "single", "sort": "none"}})


@dataclass(frozen=True)
class Column:
    """A table's column: the value of `query`, or with no query the label of that name."""
    name: str
    query: Query | None = None
    unit: str = ""


def table(title: str, description: str, *columns: Column, width: int = 12, height: int = 8) -> Panel:
    """A row for each set of labels, a column for each label and each query."""
    valued = [column for column in columns if column.query is not None]
    renames, order, overrides = {}, {}, []
    for place, column in enumerate(columns):
        source = column.name
        if column.query is not None:
            ref = chr(ord("A") + valued.index(column))
            source = "Value" if len(valued) == 1 else f"Value #{ref}"
            renames[source] = column.name
        order[source] = place
        if column.unit:
            overrides.append({"matcher": {"id": "byName", "options": column.name},
                              "properties": [{"id": "unit", "value": column.unit}]})
    transformations = [{"id": "merge", "options": {}},
                       {"id": "organize", "options": {"excludeByName": {"Time": True}, "renameByName": renames,
                                                      "indexByName": order}}]
    return Panel("table", title, description, [column.query for column in valued if column.query], "none", width, height,
                 {"custom": {"align": "auto", "filterable": True, "cellOptions": {"type": "auto"}}},
                 {"showHeader": True, "cellHeight": "sm", "footer": {"show": False}}, overrides, transformations)


@dataclass(frozen=True)
class Variable:
    name: str
    label: str
    values_of: str  # label_values(...)


@dataclass
class Dashboard:
    uid: str
    title: str
    description: str
    variables: list[Variable]
    parts: list[str | Panel] = field(default_factory=list)  # a text begins a row of that name

    def row(self, title: str, *panels: Panel) -> Dashboard:
        self.parts += [title, *panels]
        return self

    def json(self) -> Json:
        return {
            "uid": self.uid, "title": self.title, "description": self.description, "tags": ["lvs-operator"],
            "schemaVersion": SCHEMA, "version": 1, "editable": True, "graphTooltip": 1, "refresh": "30s",
            "time": {"from": "now-1h", "to": "now"}, "timezone": "browser", "annotations": {"list": []},
            "links": [{"type": "dashboards", "title": "lvs-operator", "tags": ["lvs-operator"], "asDropdown": True,
                       "includeVars": True, "keepTime": True, "targetBlank": False, "icon": "external link", "url": "",
                       "tooltip": ""}],
            "templating": {"list": [_source_variable(), *map(_label_variable, self.variables)]},
            "panels": self._panels(),
        }

    def _panels(self) -> list[Json]:
        panels: list[Json] = []
        x = y = tallest = 0
        for number_, part in enumerate(self.parts, start=1):
            width = WIDTH if isinstance(part, str) else part.width
            if x + width > WIDTH:
                x, y, tallest = 0, y + tallest, 0
            if isinstance(part, str):
                panels.append({"id": number_, "type": "row", "title": part, "collapsed": False, "panels": [],
                               "gridPos": {"x": 0, "y": y, "w": WIDTH, "h": 1}})
                x, y, tallest = 0, y + 1, 0
                continue
            panels.append(part.json(number_, x, y))
            x, tallest = x + width, max(tallest, part.height)
        return panels


def _source_variable() -> Json:
    return {"name": "datasource", "label": "Prometheus", "type": "datasource", "query": "prometheus", "regex": "",
            "hide": 0, "includeAll": False, "multi": False, "refresh": 1, "options": [], "current": {}}


def _label_variable(variable: Variable) -> Json:
    return {"name": variable.name, "label": variable.label, "type": "query", "datasource": SOURCE,
            "definition": variable.values_of, "query": {"query": variable.values_of, "refId": variable.name},
            "regex": "", "hide": 0, "includeAll": True, "allValue": ".*", "multi": True, "refresh": 2, "sort": 1,
            "options": [], "current": {"selected": True, "text": ["All"], "value": ["$__all"]}}
