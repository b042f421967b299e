"""What a dashboard says about itself: it must work wherever it is imported, and explain what it shows."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

import promql_parser as promql
from common import Place, filled, panels, used, variables

OURS = "${datasource}"
# What Grafana fills in, each with a time that nobody would write, so that it is found again in the parsed query.
INTERVALS = {"__rate_interval": "7919s", "__interval": "7933s", "__range": "7927s"}
# Made by Prometheus itself.
OF_PROMETHEUS = {"up", "ALERTS", "scrape_duration_seconds", "scrape_samples_scraped"}
# What projects' servers say. Where those are chosen, clients are not, and may call a project otherwise.
OF_SERVERS = re.compile(r"boinc_(server|account|team|batch|validation)_(?!manager_)")
FILTERS = {"==", "!=", ">", "<", ">=", "<=", "and", "or", "unless"}
COUNTS = {"rate", "irate", "increase"}
WIDTH = 24
# What all variables are in a query that is only parsed, but for text boxes, which are what they are at first.
ANY = "x"


@dataclass
class Metrics:
    ours: set[str]
    others: set[str]


def check(dashboard: dict, metrics: Metrics, place: Place) -> None:
    of_dashboard(dashboard, place)
    of_variables(dashboard, place)
    of_matchers(dashboard, place)
    of_grid(dashboard["panels"], place)
    ids = [panel.get("id") for panel in panels(dashboard)]
    if None in ids or len(set(ids)) < len(ids):
        place.wrong("panels need an id each, and no two the same")
    chosen = {variable["name"]: variable["query"] if variable["type"] == "textbox" else ANY for variable in variables(dashboard)}
    for panel in panels(dashboard):
        if panel["type"] != "row":
            place.findings.panels += 1
            of_panel(panel, metrics, chosen, place.within(panel.get("title") or "a panel without a title"))


def of_dashboard(dashboard: dict, place: Place) -> None:
    wanted = {
        "schemaVersion": lambda value: (value or 0) >= 39,
        "uid": lambda value: re.fullmatch(r"[a-z0-9-]{1,40}", value or ""),
        "graphTooltip": lambda value: value in (1, 2),
        "timezone": lambda value: value == "browser",
        "editable": lambda value: value is False,
    } | dict.fromkeys(("title", "description", "tags", "refresh", "time"), bool)
    for key, good in wanted.items():
        if not good(dashboard.get(key)):
            place.wrong(f"{key} must not be {dashboard.get(key)!r}")
    # Of the Grafana from which a dashboard was saved.
    for key in ("id", "version", "iteration", "gnetId", "__inputs", "__requires"):
        if key in dashboard:
            place.wrong(f"{key} has no place in a file that is shipped")


def of_variables(dashboard: dict, place: Place) -> None:
    known = {variable["name"]: variable for variable in variables(dashboard)}
    source = known.get("datasource", {})
    if (source.get("type"), source.get("query")) != ("datasource", "prometheus"):
        place.wrong("there must be a variable `datasource` that chooses a Prometheus")
    if "job" not in known:
        place.wrong("there must be a variable `job`")
    text = json.dumps(dashboard)
    for name in sorted(used(text) - set(known)):
        if not name.startswith("__") and not name.isdigit():
            place.wrong(f"${name} is used, and no variable")
    for name, variable in known.items():
        if name not in used(text):
            place.wrong(f"the variable {name} is not used")
        if variable["type"] != "query":
            continue
        if variable.get("refresh") != 2 or not variable.get("label"):
            place.wrong(f"the variable {name} needs a label, and refresh 2: on time range change")
        if variable.get("datasource", {}).get("uid") != OURS:
            place.wrong(f"the variable {name} does not use {OURS}")
        # A hidden one, which nobody can choose, has all values of its query.
        if variable.get("multi") and not variable.get("hide") and (variable.get("allValue") not in (".+", ".*") or not variable.get("includeAll")):
            place.wrong(f"the variable {name} takes several values, so it needs includeAll and allValue .+, or .* for a label that may be missing")


def of_matchers(dashboard: dict, place: Place) -> None:
    """Grafana escapes a variable for regular expressions only if it can have several values."""
    texts = {variable["query"]["query"]: f"the variable {variable['name']}" for variable in variables(dashboard) if variable["type"] == "query"}
    for panel in panels(dashboard):
        texts |= {target["expr"]: panel.get("title") for target in panel.get("targets") or []}
    for variable in variables(dashboard):
        several = variable.get("multi") or variable.get("includeAll")
        name = rf"\$(?:{variable['name']}\b|\{{{variable['name']}[:}}])"
        pattern = rf"""(?<![~!])(?:=|!=)\s*["'`]{name}""" if several else rf"""[=!]~\s*(["'`])(?:(?!\1).)*{name}"""
        for text, title in texts.items():
            if variable["type"] == "query" and re.search(pattern, text):
                kind = "several values, which need =~" if several else "a single value, which needs = and is not escaped in =~"
                place.within(title or "").wrong(f"the variable {variable['name']} has {kind}: {text}")


def of_grid(placed: list[dict], place: Place) -> None:
    boxes = []
    for panel in placed:
        box = panel["gridPos"]
        if box["x"] + box["w"] > WIDTH:
            place.wrong(f"{panel.get('title')} is wider than the grid")
        for title, other in boxes:
            aside = box["x"] + box["w"] <= other["x"] or other["x"] + other["w"] <= box["x"]
            above = box["y"] + box["h"] <= other["y"] or other["y"] + other["h"] <= box["y"]
            if not aside and not above:
                place.wrong(f"{panel.get('title')} stands upon {title}")
        boxes.append((panel.get("title"), box))
    for panel in placed:
        if panel.get("panels"):
            of_grid(panel["panels"], place)


def of_panel(panel: dict, metrics: Metrics, chosen: dict[str, str], place: Place) -> None:
    if not panel.get("title") or not panel.get("description"):
        place.wrong("a title and a description are needed")
    config = panel.get("fieldConfig", {})
    overridden = [each["id"] for override in config.get("overrides", []) for each in override["properties"]]
    if not config.get("defaults", {}).get("unit") and "unit" not in overridden and not only_labels(panel):
        place.wrong("no unit")
    if panel.get("datasource", {}).get("uid") != OURS:
        place.wrong(f"does not use {OURS}")
    targets = panel.get("targets", [])
    if not targets:
        place.wrong("no query")
    references = [target.get("refId") for target in targets]
    if None in references or len(set(references)) < len(references):
        place.wrong("queries need a refId each, and no two the same")
    for target in targets:
        place.findings.queries += 1
        if target.get("datasource", {}).get("uid") != OURS:
            place.wrong(f"query {target.get('refId')} does not use {OURS}")
        if bool(target.get("instant")) == bool(target.get("range")):
            place.wrong(f"query {target.get('refId')} must be either instant or range")
        of_query(target, metrics, chosen, place)


def only_labels(panel: dict) -> bool:
    """Whether a table hides the value of each of its queries."""
    transformations = panel.get("transformations", [])
    hidden = {name for each in transformations for name in each["options"].get("excludeByName", {})}
    values = [name for name in hidden if name.startswith("Value")]
    return panel["type"] == "table" and len(values) == len(panel.get("targets", []))


def of_query(target: dict, metrics: Metrics, chosen: dict[str, str], place: Place) -> None:
    values = dict.fromkeys(used(target["expr"]), ANY) | chosen | INTERVALS
    try:
        query = promql.parse(filled(target["expr"], values))
    except ValueError as error:
        place.wrong(f"{error}: {target['expr']}")
        return
    for node, parents in walk(query):
        in_quantile = any(isinstance(parent, promql.Call) and parent.func.name == "histogram_quantile" for parent in parents)
        if in_quantile and isinstance(node, promql.BinaryExpr) and str(node.op) in FILTERS:
            place.wrong(f"a filter in histogram_quantile takes empty buckets away: {target['expr']}")
        if isinstance(node, promql.VectorSelector):
            of_selector(node, parents, target, metrics, chosen, place)


def walk(node: promql.Expr, parents: tuple = ()) -> Iterator[tuple]:
    yield node, parents
    children = [getattr(node, name, None) for name in ("expr", "lhs", "rhs", "vector_selector", "param")]
    for child in [*children, *(getattr(node, "args", None) or [])]:
        if isinstance(child, promql.Expr):
            yield from walk(child, (*parents, node))


def of_selector(selector: promql.VectorSelector, parents: tuple, target: dict, metrics: Metrics, chosen: dict[str, str], place: Place) -> None:
    name = selector.name or ""
    matchers = {matcher.name: matcher.op for matcher in selector.matchers.matchers}
    base = re.sub(r"_(bucket|sum|count)$", "", name)
    if name in metrics.others:
        if not any(of_computer(matcher) for matcher in selector.matchers.matchers):
            place.wrong(f"{name} is not limited to the computers of the chosen clients")
    else:
        if not {name, base} & (metrics.ours | OF_PROMETHEUS):
            place.wrong(f"there is no metric {name}")
        if "job" not in matchers:
            place.wrong(f"{name} is not limited to the chosen job")
        if OF_SERVERS.match(name) and "project" not in matchers:
            place.wrong(f"{name} is not limited to the chosen projects")
        if chosen.keys() & {"client", "instance"} and "client" not in matchers and "instance" not in matchers:
            place.wrong(f"{name} is limited neither to the chosen clients nor to the chosen instances")
    functions = [parent.func.name for parent in parents if isinstance(parent, promql.Call)]
    if name.endswith("_total") and not COUNTS & set(functions):
        place.wrong(f"{name} only grows: it needs rate() or increase()")
    ranges = [parent.range.total_seconds() for parent in parents if isinstance(parent, promql.MatrixSelector)]
    if functions[-1:] in (["rate"], ["irate"]) and target.get("range") and ranges[-1] != 7919:
        # A whole day is meant; anything shorter depends on how often Prometheus scrapes.
        if ranges[-1] < 86400:
            place.wrong(f"{functions[-1]}({name}) over time must use $__rate_interval")


def of_computer(matcher: promql.Matcher) -> bool:
    """Whether it finds what other exporters tell of a client's computer, by any name that it may have, and no other's."""
    good = lambda name: re.fullmatch(matcher.value, name)
    names = (ANY, ANY.upper(), f"{ANY}:9100", f"{ANY}.lan:9100")
    return matcher.op == promql.MatchOp.Re and all(map(good, names)) and not any(map(good, (f"{ANY}{ANY}", f"my.{ANY}", "")))
