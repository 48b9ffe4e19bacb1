"""Charts as SVG, with nothing but the standard library: panels of curves on a percentile axis, of bars, and of lines over time."""
import math
from xml.sax.saxutils import escape

COLOURS = {"rtpengine": "#666666", "engine-io_uring": "#0072b2", "engine-epoll": "#56b4e9", "engine-srtp": "#009e73", "engine-quiet": "#cc79a7",
           "c-io_uring": "#d55e00", "c-epoll": "#e69f00"}
SPARE = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00"]
INK, GRID, FONT = "#222222", "#dddddd", "system-ui, 'DejaVu Sans', sans-serif"


def colour(name, index):
    return COLOURS.get(name, SPARE[index % len(SPARE)])


def number(value):
    if value >= 1e6:
        return f"{value / 1e6:g} M"
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


class Drawing:
    """A sheet with a title, a legend and room for panels."""

    def __init__(self, width, height, title, subtitle):
        self.width, self.height, self.parts = width, height, []
        self.text(20, 28, title, 17, weight="bold")
        self.text(20, 48, subtitle, 12, fill="#555555")

    def text(self, x, y, what, size=12, anchor="start", fill=INK, weight="normal", turn=False):
        at = f' transform="rotate(-90 {x:.1f} {y:.1f})"' if turn else ""
        self.parts.append(f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" fill="{fill}" '
                          f'font-weight="{weight}"{at}>{escape(what)}</text>')

    def line(self, x1, y1, x2, y2, stroke=GRID, width=1.0):
        self.parts.append(f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{stroke}" '
                          f'stroke-width="{width}"/>')

    def box(self, x, y, width, height, fill):
        self.parts.append(f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{max(0, height):.1f}" fill="{fill}"/>')

    def curve(self, points, stroke, joined=True):
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        if joined:
            self.parts.append(f'<polyline points="{path}" fill="none" stroke="{stroke}" stroke-width="2" stroke-linejoin="round"/>')
        for x, y in points:
            self.parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{2.6 if joined else 1.6}" fill="{stroke}"/>')

    def legend(self, names, x=20, y=70):
        for index, name in enumerate(names):
            self.box(x, y - 10, 12, 12, colour(name, index))
            self.text(x + 17, y, name)
            x += 34 + 7.2 * len(name)

    def write(self, path):
        head = (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width} {self.height}" width="{self.width}" '
                f'height="{self.height}" font-family="{FONT}">\n<rect width="100%" height="100%" fill="#ffffff"/>\n')
        path.write_text(head + "\n".join(self.parts) + "\n</svg>\n")


class Panel:
    """A plot's frame: where values are on the sheet."""

    def __init__(self, sheet, x, y, width, height, title, x_label, y_label):
        self.sheet, self.x, self.y, self.width, self.height = sheet, x, y, width, height
        sheet.text(x, y - 10, title, 13, weight="bold")
        sheet.text(x + width / 2, y + height + 38, x_label, 12, "middle")
        sheet.text(x - 58, y + height / 2, y_label, 12, "middle", turn=True)

    def frame(self):
        for x1, y1, x2, y2 in ((0, 1, 1, 1), (0, 0, 0, 1)):
            self.sheet.line(self.x + x1 * self.width, self.y + y1 * self.height, self.x + x2 * self.width, self.y + y2 * self.height, INK)

    def x_tick(self, at, label):
        self.sheet.text(self.x + at * self.width, self.y + self.height + 18, label, 11, "middle")

    def y_tick(self, at, label):
        y = self.y + (1 - at) * self.height
        self.sheet.line(self.x, y, self.x + self.width, y)
        self.sheet.text(self.x - 6, y + 4, label, 11, "end")

    def place(self, at_x, at_y):
        return self.x + at_x * self.width, self.y + (1 - at_y) * self.height


def linear_ticks(most):
    step = 10 ** math.floor(math.log10(most))
    step = next(step * f for f in (0.1, 0.2, 0.25, 0.5, 1, 2) if most / (step * f) <= 6)
    return [i * step for i in range(int(most / step) + 1)]


def log_range(values):
    """The decades that hold all values."""
    values = [v for v in values if v > 0] or [1]
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    return low, max(high, low + 1)


def percentile_panel(sheet, area, title, curves, y_range):
    """curves: {name: [(quantile, us)]}; percentiles are as far apart as the packets beyond them are rare."""
    panel = Panel(sheet, *area, title, "percentile of packets", "latency, µs")
    low, high = y_range
    for decade in range(low, high + 1):
        panel.y_tick((decade - low) / (high - low), number(10.0 ** decade))
    nines = 5.0

    def across(quantile):
        return -math.log10(1 - quantile) / nines

    for quantile, label in ((0, "0"), (.5, "50"), (.9, "90"), (.99, "99"), (.999, "99.9"), (.9999, "99.99"), (.99999, "99.999 %")):
        panel.x_tick(across(quantile), label)
        sheet.line(*panel.place(across(quantile), 0), *panel.place(across(quantile), 1))
    for index, (name, points) in enumerate(curves.items()):
        sheet.curve([panel.place(across(q), (math.log10(max(us, 10.0 ** low)) - low) / (high - low)) for q, us in points],
                    colour(name, index))
    panel.frame()


def bar_panel(sheet, area, title, groups, x_label, y_label):
    """groups: {label: {name: (median, least, most, mark)}}; the mark, a few letters, stands over its bar."""
    panel = Panel(sheet, *area, title, x_label, y_label)
    top = max([v[2] for bars in groups.values() for v in bars.values()] or [1]) * 1.12 or 1
    for tick in linear_ticks(top):
        panel.y_tick(tick / top, number(tick) if tick else "0")
    slot = 1 / max(1, len(groups))
    for place, (label, bars) in enumerate(groups.items()):
        panel.x_tick((place + .5) * slot, label)
        wide = slot * .84 / max(1, len(bars))
        for index, (name, (middle, least, most, mark)) in enumerate(bars.items()):
            left = place * slot + slot * .08 + index * wide
            x, y = panel.place(left, middle / top)
            sheet.box(x, y, wide * panel.width * .92, middle / top * panel.height, colour(name, index))
            centre = x + wide * panel.width * .46
            sheet.line(centre, panel.place(0, least / top)[1], centre, panel.place(0, most / top)[1], INK, 1.2)
            sheet.text(centre, panel.place(0, most / top)[1] - 5, mark, 10, "middle")
    panel.frame()


def time_panel(sheet, area, title, series, y_label, log=True, joined=True):
    """series: {name: [(minute, value)]}."""
    panel = Panel(sheet, *area, title, "minutes", y_label)
    values = [v for points in series.values() for _, v in points]
    last = max([m for points in series.values() for m, _ in points] or [1])
    low, high = log_range(values) if log else (0, max(values or [1]) * 1.1 or 1)
    for tick in range(low, high + 1) if log else linear_ticks(high):
        panel.y_tick((tick - low) / (high - low), number(10.0 ** tick if log else tick) if tick or log else "0")
    for tick in linear_ticks(last):
        panel.x_tick(tick / last, f"{tick:g}")
    for index, (name, points) in enumerate(series.items()):
        sheet.curve([panel.place(m / last, ((math.log10(max(v, 10.0 ** low)) if log else v) - low) / (high - low)) for m, v in points],
                    colour(name, index), joined)
    panel.frame()
