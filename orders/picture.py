"""Draws the way of a service order from the table in `orders.states`: docs/orders.svg and the table in docs/orders.md.

`python -m orders.picture` writes both. `make check` says so where they no longer show what the code does.
Each state is a box with a line below it; each act is a row with an arrow from where it may begin to where it leads.
"""

from collections.abc import Iterator
from pathlib import Path

from orders.states import ROLES, STATES, STEPS, Step

DOCS = Path(__file__).resolve().parent.parent / "docs"
PICTURE, PAGE = DOCS / "orders.svg", DOCS / "orders.md"
BEGIN, END = "<!-- table: made by python -m orders.picture -->", "<!-- end of table -->"

# In pixels.
LABELS, COLUMN, ROW, HEAD, MARGIN = 190, 104, 36, 64, 16
BOX_WIDTH, BOX_HEIGHT, DOT = 92, 32, 4.5
STYLE = """
    text { font: 13px "Source Sans 3", "Source Sans Pro", "Segoe UI", Helvetica, Arial, sans-serif; fill: #1c2422; }
    .page { fill: #ffffff; } .band { fill: #f3f5f4; }
    .box { fill: #e3f1ec; stroke: #0b6e4f; } .line { stroke: #c9d1ce; }
    .state { font-weight: 600; text-anchor: middle; }
    .act { font-weight: 600; } .who { font-size: 11.5px; fill: #55605c; }
    .way { stroke: #0b6e4f; stroke-width: 1.6; fill: none; } .dot, .tip { fill: #0b6e4f; }
    .ring { fill: #ffffff; stroke: #0b6e4f; stroke-width: 1.6; }
    @media (prefers-color-scheme: dark) {
      text { fill: #e8ecea; } .page { fill: #14181a; } .band { fill: #1e2427; }
      .box { fill: #17352b; stroke: #5cc49f; } .line { stroke: #3a4447; } .who { fill: #b3bdb9; }
      .way { stroke: #5cc49f; } .dot, .tip { fill: #5cc49f; } .ring { fill: #14181a; stroke: #5cc49f; }
    }"""


def words(name: str) -> str:
    """A name of the code as people read it: "under way"."""
    return name.replace("_", " ")


def in_order(names: frozenset[str], among: list[str]) -> list[str]:
    return [name for name in among if name in names]


def who(step: Step) -> str:
    return ", ".join(in_order(step.roles, ROLES))


# The picture


def column(state: str) -> float:
    """The middle of a state's column, in pixels from the left."""
    return LABELS + COLUMN * (STATES.index(state) + 0.5)


def svg() -> str:
    width, height = LABELS + COLUMN * len(STATES) + MARGIN, HEAD + ROW * len(STEPS) + MARGIN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
        ' role="img" aria-labelledby="title about">',
        '  <title id="title">The way of a service order</title>',
        '  <desc id="about">Each state is a column, each act a row: a dot where the act may begin, an arrow to where it'
        " leads, a ring where the order stays as it is. docs/orders.md has the same as a table.</desc>",
        f"  <style>{STYLE}\n  </style>",
        f'  <rect class="page" width="{width}" height="{height}"/>',
        *_bands(width),
        *(part for state in STATES for part in _column(state, height)),
        *(part for number, step in enumerate(STEPS.values()) for part in _row(number, step)),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _bands(width: int) -> Iterator[str]:
    for number in range(0, len(STEPS), 2):
        yield f'  <rect class="band" y="{HEAD + ROW * number}" width="{width}" height="{ROW}"/>'


def _column(state: str, height: int) -> Iterator[str]:
    x, y = column(state), (HEAD - BOX_HEIGHT) / 2
    yield f'  <line class="line" x1="{x:g}" y1="{y + BOX_HEIGHT:g}" x2="{x:g}" y2="{height - MARGIN}"/>'
    left = x - BOX_WIDTH / 2
    yield f'  <rect class="box" x="{left:g}" y="{y:g}" width="{BOX_WIDTH}" height="{BOX_HEIGHT}" rx="6"/>'
    yield f'  <text class="state" x="{x:g}" y="{HEAD / 2 + 4.5:g}">{words(state)}</text>'


def _row(number: int, step: Step) -> Iterator[str]:
    y = HEAD + ROW * (number + 0.5)
    yield f'  <text class="act" x="{MARGIN}" y="{y - 2:g}">{words(step.act)}</text>'
    yield f'  <text class="who" x="{MARGIN}" y="{y + 12:g}">{who(step)}</text>'
    sources, targets = in_order(step.sources, STATES), in_order(step.targets, STATES)
    for target in targets:
        for source in sources:
            if source != target:
                yield from _arrow(column(source), column(target), y)
    for source in sources:
        stays = not targets or source in targets
        yield f'  <circle class="{"ring" if stays else "dot"}" cx="{column(source):g}" cy="{y:g}" r="{DOT}"/>'


def _arrow(start: float, end: float, y: float) -> Iterator[str]:
    way = 1 if end > start else -1
    tip = end - way * 6
    yield f'  <path class="way" d="M{start:g} {y:g}H{tip - way * 6:g}"/>'
    yield f'  <path class="tip" d="M{tip:g} {y:g}l{-way * 10} -5v10z"/>'


# The table


def table() -> str:
    rows = [f"| {words(step.act)} | {who(step)} | {_begins(step)} | {_leads(step)} |" for step in STEPS.values()]
    return "\n".join(["| act | who | from | to |", "|---|---|---|---|", *rows])


def _begins(step: Step) -> str:
    return ", ".join(map(words, in_order(step.sources, STATES)))


def _leads(step: Step) -> str:
    return " or ".join(map(words, in_order(step.targets, STATES))) or "stays"


def page(text: str) -> str:
    """The page with the table of this moment."""
    before, _, rest = text.partition(BEGIN)
    return f"{before}{BEGIN}\n\n{table()}\n\n{END}{rest.partition(END)[2]}"


def faults() -> list[str]:
    """What in docs/ no longer shows the table of the code."""
    text = PAGE.read_text()
    wanted = {PICTURE: svg(), PAGE: page(text)}
    return [
        f"{path.relative_to(DOCS.parent)} is older than orders/states.py: run python -m orders.picture"
        for path, content in wanted.items()
        if not path.exists() or path.read_text() != content
    ]


if __name__ == "__main__":
    PICTURE.write_text(svg())
    PAGE.write_text(page(PAGE.read_text()))
