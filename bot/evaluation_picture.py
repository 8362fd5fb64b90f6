"""The report of `xiaoge evaluate` as one picture for the docs."""

from __future__ import annotations

from bot.svg import Sheet
from handlers.understanding.evaluate import CategoryFigure, Report
from handlers.zh import picture as words

_WIDTH, _EDGE = 980, 36
_GOOD = 0.85
"""Shares below are drawn in the other colour."""
_HALF = (_WIDTH - 3 * _EDGE) / 2
_RIGHT = _EDGE * 2 + _HALF
_PLOT = 230
_BIG_TOP, _MIDDLE_TOP = 96, 196


def drawn(report: Report, source: str) -> str:
    """The picture as SVG; `source` says what was measured."""
    rows = -(-len(report.categories) // 2)
    below = _MIDDLE_TOP + _PLOT + 96
    head = words.SUBTITLE.format(
        source=source,
        messages=report.messages,
        requests=report.requests,
        emergencies=report.emergencies,
        chatter=report.chatter,
    )
    height = below + 36 + 22 * rows + 24
    sheet = Sheet(_WIDTH, height, title=words.TITLE, description=_described(report, head))
    sheet.text(_EDGE, 42, words.TITLE, size=22, bold=True)
    sheet.text(_EDGE, 66, head, size=12, mark="soft")
    _big(sheet, report)
    _shares(sheet, report)
    _calibration(sheet, report)
    _categories(sheet, report.categories, below, rows)
    return sheet.svg()


def _described(report: Report, head: str) -> str:
    """The figures in words, for those who cannot see the picture."""
    named = {**words.BIG, **words.SHARE_NAMES}
    return head + "; " + "; ".join(f"{named[n][1]} {getattr(report, n):.3f}" for n in named)


def _big(sheet: Sheet, report: Report) -> None:
    step = (_WIDTH - 2 * _EDGE) / len(words.BIG)
    for place, (name, (chinese, english)) in enumerate(words.BIG.items()):
        x, value = _EDGE + place * step, getattr(report, name)
        shown = f"{value:.0f}" if name == "false_per_1000_chatter" else f"{value:.3f}"
        sheet.text(x, _BIG_TOP + 30, shown, size=34, bold=True)
        sheet.text(x, _BIG_TOP + 50, chinese, size=13)
        sheet.text(x, _BIG_TOP + 66, english, size=11, mark="soft")


def _shares(sheet: Sheet, report: Report) -> None:
    sheet.text(_EDGE, _MIDDLE_TOP + 14, words.SHARES, size=14, bold=True)
    legend = words.LEGEND.format(good=_GOOD)
    sheet.text(_EDGE + _HALF, _MIDDLE_TOP + 14, legend, size=10, mark="soft", anchor="end")
    for place, (name, (chinese, english)) in enumerate(words.SHARE_NAMES.items()):
        y, share = _MIDDLE_TOP + 44 + place * 31, float(getattr(report, name))
        sheet.text(_EDGE, y, chinese, size=12)
        sheet.text(_EDGE, y + 13, english, size=10, mark="soft")
        sheet.bar(_EDGE + 170, y - 4, _HALF - 220, share, fair=share < _GOOD)
        sheet.text(_EDGE + _HALF, y + 5, f"{share:.3f}", size=12, anchor="end")


def _calibration(sheet: Sheet, report: Report) -> None:
    """Said against true: on the slanted line the reader is as right as it says."""
    left, top = _RIGHT + 40, _MIDDLE_TOP + 40
    sheet.text(_RIGHT, _MIDDLE_TOP + 14, words.CALIBRATION, size=14, bold=True)
    for part in range(0, 11, 2):
        at = _PLOT * part / 10
        sheet.line(left, top + at, left + _PLOT, top + at)
        sheet.line(left + at, top, left + at, top + _PLOT)
        sheet.text(left + at, top + _PLOT + 16, f"{part / 10:g}", size=10, anchor="middle")
        sheet.text(left - 8, top + _PLOT - at + 4, f"{part / 10:g}", size=10, anchor="end")
    sheet.line(left, top + _PLOT, left + _PLOT, top, "dashed")
    most = max((b.count for b in report.calibration), default=1) or 1
    for found in report.calibration:
        if found.count:
            radius = 3 + 6 * (found.count / most) ** 0.5
            x, y = left + _PLOT * found.said, top + _PLOT * (1 - found.true)
            sheet.dot(x, y, radius, "mark")
    side = left + _PLOT + 16
    sheet.text(
        left + _PLOT / 2, top + _PLOT + 34, words.SAID, size=11, mark="soft", anchor="middle"
    )
    sheet.text(side, top + 10, words.TRUE, size=11, mark="soft")
    sheet.text(side, top + 30, words.ERROR.format(error=report.calibration_error), size=11)


def _categories(sheet: Sheet, figures: tuple[CategoryFigure, ...], top: float, rows: int) -> None:
    sheet.text(_EDGE, top + 14, words.CATEGORIES, size=14, bold=True)
    for place, figure in enumerate(figures):
        x = _EDGE if place < rows else _RIGHT
        y = top + 42 + 22 * (place % rows)
        sheet.text(x, y, words.CATEGORY_NAMES[figure.key], size=12)
        sheet.text(x + 82, y, figure.key, size=10, mark="soft")
        sheet.bar(x + 215, y - 9, _HALF - 300, figure.f1, fair=figure.f1 < _GOOD)
        shown = f"{figure.f1:.2f} ({figure.requests})"
        sheet.text(x + _HALF, y, shown, size=12, anchor="end")
