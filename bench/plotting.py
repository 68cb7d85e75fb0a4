"""The plot of growth: what one contact costs, over how many are read at once; drawn by hand, as SVG."""

import math
from collections.abc import Sequence

from bench.growing import Walk

_WIDTH, _HEIGHT, _LEFT, _TOP = 640, 320, 70, 40
_COLOURS = ("#1f6feb", "#bf4b00")


def plot(walks: Sequence[Walk]) -> str:
    """Two lines over the number of contacts, on a logarithmic axis: microseconds for one contact, and MiB."""
    lines = [
        _line([one.each for one in walks], walks, _COLOURS[0], "CPU, µs a contact", 0),
        _line([one.memory for one in walks], walks, _COLOURS[1], "memory, MiB", 1),
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="sans-serif"'
        ' font-size="12">\n<rect width="100%" height="100%" fill="white"/>\n'
        + "\n".join([*_axis(walks), *lines])
        + "\n</svg>\n"
    )


def _axis(walks: Sequence[Walk]) -> list[str]:
    bottom = _HEIGHT - _TOP
    ticks = [
        f'<text x="{_across(one.count, walks):.0f}" y="{bottom + 20}" text-anchor="middle">{one.count:,}</text>'
        for one in walks
    ]
    title = f'<text x="{_WIDTH / 2:.0f}" y="{_HEIGHT - 4}" text-anchor="middle">contacts read, page by page</text>'
    rule = f'<line x1="{_LEFT}" y1="{bottom}" x2="{_WIDTH - _LEFT}" y2="{bottom}" stroke="#888"/>'
    return [rule, title, *ticks]


def _line(values: Sequence[float], walks: Sequence[Walk], colour: str, name: str, place: int) -> str:
    """A line from nothing to a fifth above its highest value, each value written beside its point."""
    most = max(values) * 1.2
    points = [
        (_across(walk.count, walks), _HEIGHT - _TOP - value / most * (_HEIGHT - 2 * _TOP))
        for walk, value in zip(walks, values, strict=True)
    ]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    marks = [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in points]
    words = [
        f'<text x="{x:.1f}" y="{y - 8:.1f}" text-anchor="middle" fill="{colour}">{value:,.0f}</text>'
        for (x, y), value in zip(points, values, strict=True)
    ]
    legend = f'<text x="{_LEFT + place * 200}" y="20" fill="{colour}">{name}</text>'
    return "\n".join([f'<polyline points="{path}" fill="none" stroke="{colour}"/>', *marks, *words, legend])


def _across(count: int, walks: Sequence[Walk]) -> float:
    first, last = math.log10(walks[0].count), math.log10(walks[-1].count)
    return _LEFT + (math.log10(count) - first) / (last - first) * (_WIDTH - 2 * _LEFT)
