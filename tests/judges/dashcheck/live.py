"""Runs every query of a dashboard as Grafana would, and looks at what it shows of the answer."""

import json
import math
import re
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass

import promql_parser as promql
from common import Place, escaped, filled, panels, variables
from static import walk

QUERY_RESULT = re.compile(r"query_result\((.+)\)", re.S)
LABEL_VALUES = re.compile(r"label_values\((.+),\s*(\w+)\)", re.S)
IN_LEGEND = re.compile(r"\{\{\s*(\w+)\s*\}\}")
POINTS = 500
# Seconds that an answer may take. They end a hang, and decide nothing else.
PATIENCE = 600
MOMENTS = 48


class Refused(Exception):
    """Prometheus's own words."""


@dataclass
class Prometheus:
    url: str
    end: int
    range: int
    scrape: int

    def ask(self, path: str, **parameters: object) -> list:
        query = urllib.parse.urlencode(parameters).encode()
        # Queries are long; the values of a label can only be asked for with GET.
        address = f"{self.url}/api/v1/{path}"
        request = (address, query) if path.startswith("query") else (f"{address}?{query.decode()}", None)
        try:
            with urllib.request.urlopen(*request, timeout=PATIENCE) as answer:
                data = json.load(answer)["data"]
        except urllib.error.HTTPError as error:
            raise Refused(json.load(error).get("error")) from error
        return data["result"] if isinstance(data, dict) else data

    def step(self, minimum: str) -> int:
        return max(self.range // POINTS, self.scrape, seconds(minimum))

    def intervals(self, step: int) -> dict[str, str]:
        rate = max(step + self.scrape, 4 * self.scrape)
        return {"__interval": f"{step}s", "__rate_interval": f"{rate}s", "__range": f"{self.range}s"}

    def run(self, target: dict, query: str, step: int) -> list[dict]:
        if target.get("instant"):
            now = self.ask("query", query=query, time=self.end)
            if now:
                return now
            # Of what is rare there may be nothing at this moment, but there was at another.
            step = max(1, self.range // MOMENTS)
        return self.ask("query_range", query=query, start=self.end - self.range, end=self.end, step=step)


def seconds(duration: str) -> int:
    return int(duration[:-1]) * {"s": 1, "m": 60, "h": 3600, "d": 86400}[duration[-1]] if duration else 0


def check(dashboard: dict, prometheus: Prometheus, may_be_empty: set[str], place: Place) -> None:
    choices = choose(dashboard, prometheus, place)
    of_groups(dashboard, choices[0], prometheus, place)
    for panel in panels(dashboard):
        if panel["type"] != "row":
            within = place.within(panel["title"])
            for target in panel["targets"]:
                of_target(panel, target, choices, prometheus, panel["title"] in may_be_empty, within)


def choose(dashboard: dict, prometheus: Prometheus, place: Place) -> list[dict[str, str]]:
    """Values for all variables: all of those that can be chosen together, one after the other of those that cannot."""
    choices: list[dict[str, str]] = [{v["name"]: v["query"] for v in variables(dashboard) if v["type"] == "textbox"}]
    for variable in variables(dashboard):
        if variable["type"] != "query":
            continue
        further = []
        for choice in choices:
            label, values = options(variable, choice, prometheus)
            # A label that nobody need set, and the clients without it.
            if not values and variable.get("allValue") != ".*" and variable["name"] != "others":
                place.wrong(f"the variable {variable['name']} has no values")
            elif variable.get("allValue"):
                further.append({**choice, variable["name"]: variable["allValue"]})
            elif variable.get("multi"):
                further.append({**choice, variable["name"]: escaped(variable, values)})
            else:
                for value in values:
                    of_choice(label, value, choice | {variable["name"]: escaped(variable, [value])}, dashboard, prometheus, place)
                    further.append({**choice, variable["name"]: escaped(variable, [value])})
        choices = further
    return choices


def options(variable: dict, choice: dict[str, str], prometheus: Prometheus) -> tuple[str, list[str]]:
    """The values among which one chooses, and the label that they are of."""
    query = filled(variable["query"]["query"], choice)
    if parts := QUERY_RESULT.fullmatch(query):
        # Grafana makes a text of each series, and takes out of it what the expression finds.
        labels = lambda metric: ",".join(f'{name}="{value}"' for name, value in metric.items())
        texts = [f"{{{labels(each['metric'])}}}" for each in prometheus.ask("query", query=parts[1], time=prometheus.end)]
        return variable["name"], [re.search(variable["regex"].strip("/"), text)[1] for text in texts]
    selector, label = LABEL_VALUES.fullmatch(query).groups()
    start = prometheus.end - prometheus.range
    return label, prometheus.ask(f"label/{label}/values", **{"match[]": selector}, start=start, end=prometheus.end)


def of_groups(dashboard: dict, choice: dict[str, str], prometheus: Prometheus, place: Place) -> None:
    """A client is either among those of a group or among the others, where clients can be chosen."""
    known = {variable["name"]: variable for variable in variables(dashboard)}
    if not {"client", "others"} <= known.keys():
        return
    of = lambda name, group: sorted(options(known[name], choice | {"group": group}, prometheus)[1])
    for group in options(known["group"], choice, prometheus)[1]:
        chosen, others = of("client", group), of("others", group)
        if not chosen or sorted(chosen + others) != of("client", ".*"):
            place.wrong(f"the group {group} has {chosen}, and others are {others}")


OPERATORS = [(promql.MatchOp.Equal, "="), (promql.MatchOp.NotEqual, "!="), (promql.MatchOp.Re, "=~"), (promql.MatchOp.NotRe, "!~")]


def by_label(selector: promql.VectorSelector, label: str) -> str | None:
    """A selector with its matchers for a label alone, if it has any."""
    of_label = [matcher for matcher in selector.matchers.matchers if matcher.name == label]
    # The parser writes strings without escapes.
    sign = lambda matcher: next(text for op, text in OPERATORS if op == matcher.op)
    texts = [f"{label}{sign(matcher)}{json.dumps(matcher.value, ensure_ascii=False)}" for matcher in of_label]
    return f"{selector.name}{{{','.join(texts)}}}" if texts else None


def of_choice(label: str, value: str, choice: dict, dashboard: dict, prometheus: Prometheus, place: Place) -> None:
    """A chosen value is shown alone: no selector finds another, and one finds it."""
    times = prometheus.intervals(60) | {"project": ".+", "computer": "x"}
    queries = [filled(target["expr"], times | choice) for panel in panels(dashboard) for target in panel.get("targets") or []]
    nodes = [node for query in queries for node, _ in walk(promql.parse(query)) if isinstance(node, promql.VectorSelector)]
    found = set()
    for selector in sorted({text for node in nodes if (text := by_label(node, label))}):
        try:
            found |= {each["metric"].get(label) for each in prometheus.ask("query", query=f"count by ({label}) ({selector})", time=prometheus.end)}
        except Refused as refused:
            place.wrong(f"{refused}: {selector}")
    if found != {value}:
        place.wrong(f"for {label} {value!r} there is shown {sorted(map(str, found))}")


def of_target(panel: dict, target: dict, choices: list, prometheus: Prometheus, may_be_empty: bool, place: Place) -> None:
    step = prometheus.step(panel.get("interval", ""))
    found = False
    for choice in choices:
        query = filled(target["expr"], choice | prometheus.intervals(step))
        try:
            result = prometheus.run(target, query, step)
        except Refused as refused:
            place.wrong(f"{refused}: {query}")
            return
        if result:
            found = True
            of_result(target, result, place)
    if not found and not may_be_empty:
        place.wrong(f"query {target['refId']} finds nothing: {target['expr']}")


def of_result(target: dict, result: list[dict], place: Place) -> None:
    points = [point[1] for series in result for point in series.get("values", [series.get("value")])]
    if not any(math.isfinite(float(point)) for point in points):
        place.wrong(f"query {target['refId']} gives no number")
    labels = set(IN_LEGEND.findall(target.get("legendFormat") or ""))
    for series in result:
        if labels - set(series["metric"]):
            place.wrong(f"legend {target['legendFormat']}: there is no such label in {series['metric']}")
            break
    names = [tuple(sorted((name, series["metric"].get(name)) for name in labels)) for series in result]
    if target.get("format") != "table" and len(set(names)) < len(names):
        place.wrong(f"legend {target.get('legendFormat') or 'without labels'}: {len(names)} series have {len(set(names))} names")
