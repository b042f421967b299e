"""What the checks of dashboards share: panels, variables, findings."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

VARIABLE = re.compile(r"\$(\w+)|\$\{(\w+)(?::\w+)?\}")


def panels(dashboard: dict) -> Iterator[dict]:
    """All panels, those of collapsed rows too."""
    for panel in dashboard.get("panels", []):
        yield panel
        yield from panel.get("panels") or []


def variables(dashboard: dict) -> list[dict]:
    return dashboard.get("templating", {}).get("list", [])


def used(text: str) -> set[str]:
    """The names of the variables in a text."""
    return {plain or braced for plain, braced in VARIABLE.findall(text)}


def escaped(variable: dict, values: list[str]) -> str:
    """Values of a variable as Grafana's Prometheus data source writes them into a query: for a regular expression only if the
    variable can have several."""
    if not variable.get("multi") and not variable.get("includeAll"):
        return values[0].replace("\\", "\\\\").replace("'", "\\\\'")
    each = [re.sub(r"[$^*{}\[\]'+?.()|]", r"\\\\\g<0>", value.replace("\\", "\\" * 4)) for value in values]
    return each[0] if len(each) == 1 else f"({'|'.join(each)})"


def filled(text: str, values: dict[str, str]) -> str:
    """The text with values in the place of variables, as Grafana writes them: see escaped."""
    return VARIABLE.sub(lambda match: values.get(match[1] or match[2], match[0]), text)


@dataclass
class Findings:
    lines: list[str] = field(default_factory=list)
    panels: int = 0
    queries: int = 0

    def of(self, *where: str) -> "Place":
        return Place(self, where)


@dataclass
class Place:
    """Where something is wrong: a dashboard, or a panel of it."""

    findings: Findings
    where: tuple[str, ...]

    def within(self, part: str) -> "Place":
        return Place(self.findings, (*self.where, part))

    def wrong(self, what: str) -> None:
        self.findings.lines.append(f"{' / '.join(self.where)}: {what}")
