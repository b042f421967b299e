"""Asks two stores that hold the same samples the same things: each query of a dashboard, and each expression of a rule. PromQL
has dialects, and what is shipped says only what they agree on: the same rows, with nearly the same values."""

import math
import re
from pathlib import Path

import live
import yaml
from common import Place, filled, panels

TOLERANCE = 0.05
# How much a counter rose in a range: each store has its own idea of the ends, so of few events one more or less is seen.
RISE = re.compile(r"\b(increase|rate)\b")
# Moments of the range that are looked at: there is not the same trouble at each.
MOMENTS = 4


def check(dashboard: dict, stores: tuple[live.Prometheus, live.Prometheus], place: Place) -> None:
    """Each query with the first choice of each variable."""
    choice = live.choose(dashboard, stores[0], place)[0]
    for panel in panels(dashboard):
        for target in panel.get("targets") or []:
            intervals = stores[0].intervals(stores[0].step(panel.get("interval", "")))
            same(filled(target["expr"], choice | intervals), stores, place.within(panel["title"]))


def check_rules(file: Path, stores: tuple[live.Prometheus, live.Prometheus], place: Place) -> None:
    for group in yaml.safe_load(file.read_text())["groups"]:
        for rule in group["rules"]:
            same(rule["expr"], stores, place.within(rule.get("alert") or rule["record"]))


def same(query: str, stores: tuple[live.Prometheus, live.Prometheus], place: Place) -> None:
    place.findings.queries += 1
    for moment in range(MOMENTS):
        time = stores[0].end - moment * stores[0].range // MOMENTS
        try:
            ours, theirs = (rows(store, query, time) for store in stores)
        except live.Refused as refused:
            place.wrong(f"{refused}: {query}")
            return
        if difference := compared(ours, theirs, values=not RISE.search(query)):
            place.wrong(f"{difference}: {query}")
            return


def compared(ours: dict[tuple, float], theirs: dict[tuple, float], values: bool) -> str | None:
    for which, missing in ("first", theirs.keys() - ours.keys()), ("second", ours.keys() - theirs.keys()):
        if missing:
            return f"{len(missing)} rows are missing in the {which} store, one is {dict(min(missing))}"
    for labels, value in ours.items() if values else []:
        if not math.isclose(value, theirs[labels], rel_tol=TOLERANCE, abs_tol=1e-9):
            return f"{value} in the first store, {theirs[labels]} in the second, of {dict(labels)}"
    return None


def rows(store: live.Prometheus, query: str, time: int) -> dict[tuple, float]:
    """Labels and values that an instant query gives. Of what is no number, nothing: one store leaves such rows out."""
    found = store.ask("query", query=query, time=time)
    values = {tuple(sorted(row["metric"].items())): float(row["value"][1]) for row in found}
    return {labels: value for labels, value in values.items() if not math.isnan(value)}
