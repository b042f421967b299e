"""Checks Grafana dashboards as somebody would who clicks through all of them: what each says about itself (static), and what
each of its queries gives (live, with --prometheus).

    python dashcheck DASHBOARD.json... --metrics FILE --others FILE
        [--prometheus URL --time SECONDS --range SECONDS --scrape SECONDS]
    python dashcheck DASHBOARD.json... --rules FILE... --prometheus URL --agrees URL
        --time SECONDS --range SECONDS --scrape SECONDS

The files have the names of all metrics that there are, one a line: the exporter's, and those of other exporters that may be
asked for. --may-be-empty, which can be given more than once, names a panel whose queries need not find anything. With
--agrees, another store with the same samples must give the same answers as the first, and nothing else is checked. Prints a
line for each thing that is wrong, and how many panels and queries were looked at; fails if there is one.
"""

import argparse
import json
import sys
from pathlib import Path

import common
import dialect
import live
import static


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--metrics", type=Path)
    parser.add_argument("--others", type=Path)
    parser.add_argument("--prometheus")
    parser.add_argument("--time", type=int)
    parser.add_argument("--range", type=int)
    parser.add_argument("--scrape", type=int)
    parser.add_argument("--agrees")
    parser.add_argument("--rules", action="append", default=[], type=Path)
    parser.add_argument("--may-be-empty", action="append", default=[])
    options = parser.parse_args()

    found = common.Findings()
    if options.agrees:
        stores = [live.Prometheus(url, options.time, options.range, options.scrape) for url in (options.prometheus, options.agrees)]
        for file in options.files:
            dialect.check(json.loads(file.read_text()), stores, found.of(file.name))
        for file in options.rules:
            dialect.check_rules(file, stores, found.of(file.name))
        return told(found)
    metrics = static.Metrics(set(options.metrics.read_text().split()), set(options.others.read_text().split()))
    uids = []
    for file in options.files:
        dashboard = json.loads(file.read_text())
        uids.append(dashboard.get("uid"))
        static.check(dashboard, metrics, found.of(file.name))
        if options.prometheus:
            prometheus = live.Prometheus(options.prometheus, options.time, options.range, options.scrape)
            live.check(dashboard, prometheus, set(options.may_be_empty), found.of(file.name))
    if len(set(uids)) < len(uids):
        found.of("all").wrong("two dashboards have the same uid")
    return told(found)


def told(found: common.Findings) -> int:
    print("\n".join([*found.lines, f"{found.panels} panels, {found.queries} queries, {len(found.lines)} wrong"]))
    return 1 if found.lines else 0


if __name__ == "__main__":
    sys.exit(main())
