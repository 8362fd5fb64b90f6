"""A sheet to draw on: a few shapes as SVG, readable in light and in dark, without a library."""

from __future__ import annotations

from html import escape

_FONTS = (
    "system-ui, -apple-system, 'Segoe UI', 'Noto Sans CJK SC', 'Noto Sans SC', 'PingFang SC', "
    "'Microsoft YaHei', 'WenQuanYi Micro Hei', sans-serif"
)
_STYLE = """
svg { --paper: #ffffff; --ink: #1c2430; --soft: #5a6675; --line: #d5dbe3; --track: #eef1f5;
  --good: #2166ac; --fair: #b35806; --mark: #7b3294; }
@media (prefers-color-scheme: dark) { svg { --paper: #12161c; --ink: #e8edf3; --soft: #9fabba;
  --line: #38424f; --track: #222a34; --good: #6cb0ea; --fair: #f0a35e; --mark: #c89be0; } }
text { font-family: %s; fill: var(--ink); }
.soft { fill: var(--soft); } .paper { fill: var(--paper); } .track { fill: var(--track); }
.good { fill: var(--good); } .fair { fill: var(--fair); } .mark { fill: var(--mark); }
.line { stroke: var(--line); fill: none; } .dashed { stroke: var(--soft); stroke-dasharray: 4 4; }
"""


class Sheet:
    """Shapes in the order they were drawn; `mark` names a colour of the style."""

    def __init__(self, width: int, height: int, *, title: str, description: str) -> None:
        self._size = width, height
        self._said = title, description
        self._shapes: list[str] = []

    def text(
        self,
        x: float,
        y: float,
        words: str,
        *,
        size: float = 13,
        mark: str = "",
        bold: bool = False,
        anchor: str = "start",
    ) -> None:
        """Words with their foot at (x, y); `anchor` is start, middle or end."""
        weight = ' font-weight="600"' if bold else ""
        self._shapes.append(
            f'<text x="{x:g}" y="{y:g}" font-size="{size:g}" class="{mark}" '
            f'text-anchor="{anchor}"{weight}>{escape(words)}</text>'
        )

    def box(self, x: float, y: float, width: float, height: float, mark: str) -> None:
        """A filled box with round corners."""
        self._shapes.append(
            f'<rect x="{x:g}" y="{y:g}" width="{max(width, 0):g}" height="{height:g}" rx="3" '
            f'class="{mark}"/>'
        )

    def line(self, x: float, y: float, to_x: float, to_y: float, mark: str = "line") -> None:
        """A straight line."""
        self._shapes.append(
            f'<line x1="{x:g}" y1="{y:g}" x2="{to_x:g}" y2="{to_y:g}" class="{mark}"/>'
        )

    def dot(self, x: float, y: float, radius: float, mark: str) -> None:
        """A filled circle."""
        self._shapes.append(f'<circle cx="{x:g}" cy="{y:g}" r="{radius:g}" class="{mark}"/>')

    def bar(self, x: float, y: float, width: float, share: float, *, fair: bool) -> None:
        """A share in 0..1 on its track; `fair` marks what is not good yet."""
        self.box(x, y, width, 10, "track")
        self.box(x, y, width * min(max(share, 0), 1), 10, "fair" if fair else "good")

    def svg(self) -> str:
        """The whole sheet."""
        width, height = self._size
        title, description = map(escape, self._said)
        return "\n".join(
            [
                (
                    f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
                    f'width="{width}" height="{height}" role="img" aria-labelledby="t d">'
                ),
                f'<title id="t">{title}</title>',
                f'<desc id="d">{description}</desc>',
                f"<style>{_STYLE % _FONTS}</style>",
                f'<rect width="{width}" height="{height}" class="paper"/>',
                *self._shapes,
                "</svg>\n",
            ]
        )
