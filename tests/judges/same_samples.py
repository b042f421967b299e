"""Reads one scrape in both formats with the parsers of prometheus_client.

usage: same_samples.py OPENMETRICS TEXT

Prints one line for each difference and ends with 1; silent and 0 when the strict parser of OpenMetrics and the parser of
the text format accept their file, no series comes twice, every metric has a type and a help, and both files hold the
same series, types and values. The values of a few metrics change from scrape to scrape: of these, only the series are
compared.
"""

import math
import re
import sys

from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families as classic

# Costs of a scrape, the process itself, and what moves with the clock of a client.
MOVES = re.compile(
    r"process_|boinc_exporter_|boinc_scrape_|boinc_client_clock_|boinc_task(s)?_(elapsed|remaining|cpu|fraction|progress)"
    r"|boinc_task(s)?_(working_set|virtual|swap|uncheckpointed|checkpoint)|boinc_client_(on|connected|cpu_and|active|gpu_active|previous|session|first|running)|boinc_project_elapsed"
    r"|boinc_project_(schedule_priority|recent_estimated)|boinc_messages_|boinc_disk_|boinc_host_disk_|_backoff_"
    r"|boinc_tasks?_(least_slack|longest_without_|without_)|boinc_queue_drain"
)


def read(parse, path):
    """Returns series -> value, name -> (type, help), and what is wrong with this file alone."""
    with open(path, encoding="utf-8", newline="") as file:
        text = file.read()
    values, families, faults = {}, {}, []
    try:
        for family in parse(text):
            if family.type == "unknown" or not family.documentation:
                faults.append(f"{path}: {family.name} has type {family.type} and help {family.documentation!r}")
            families[family.name] = (family.type, family.documentation)
            for sample in family.samples:
                series = (sample.name, tuple(sorted((name, bound(name, value)) for name, value in sample.labels.items())))
                if series in values:
                    faults.append(f"{path}: twice: {series}")
                values[series] = sample.value
    except ValueError as error:
        faults.append(f"{path}: {error}")
    if not values:
        faults.append(f"{path}: no samples")
    return values, families, faults


def bound(name, value):
    """Bounds of histograms are floats in OpenMetrics, le="60.0", and any number in the text format, le="60"."""
    return float(value) if name == "le" else value


def same(a, b):
    return a == b or (math.isnan(a) and math.isnan(b))


def main(open_path, classic_path):
    values, families, faults = read(openmetrics, open_path)
    classic_values, classic_families, classic_faults = read(classic, classic_path)
    faults += classic_faults
    for series in sorted(values.keys() ^ classic_values.keys()):
        faults.append(f"in one format only: {series}")
    for series in sorted(values.keys() & classic_values.keys()):
        ours, theirs = values[series], classic_values[series]
        if not MOVES.search(series[0]) and not same(ours, theirs):
            faults.append(f"{series} is {ours} and {theirs}")
    for name in sorted(families.keys() | classic_families.keys()):
        if families.get(name) != classic_families.get(name):
            faults.append(f"{name}: {families.get(name)} and {classic_families.get(name)}")
    print("\n".join(faults), end="")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
