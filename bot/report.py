"""An evaluation as one self-contained HTML page: figures, charts, every answer by its quotes."""

from __future__ import annotations

from collections.abc import Sequence

from jinja2 import Environment

from bot.wire import Json

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{{ title }} · Footnote evaluation</title>
<style>
:root { color-scheme: light dark; --line: #8884; --good: #2e8b57; --bad: #c0392b; --dim: #888; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem } h2 { font-size: 1.15rem; margin-top: 2rem }
.tiles { display: flex; flex-wrap: wrap; gap: .75rem }
.tile { border: 1px solid var(--line); border-radius: .5rem; padding: .6rem 1rem; min-width: 8rem }
.tile b { display: block; font-size: 1.4rem }
.row { display: grid; grid-template-columns: 11rem 1fr 5rem; gap: .75rem; align-items: center }
.bar { background: var(--line); border-radius: .3rem; height: .8rem }
.bar i { display: block; background: var(--good); border-radius: .3rem; height: 100% }
.hist { display: flex; align-items: end; gap: 3px; height: 7rem }
.hist div { flex: 1; background: #4a7fc1; border-radius: 3px 3px 0 0; min-height: 1px }
.axis { display: flex; justify-content: space-between; color: var(--dim); font-size: .85rem }
details { border-top: 1px solid var(--line); padding: .5rem 0 } summary { cursor: pointer }
.good { color: var(--good) } .bad { color: var(--bad) } .dim { color: var(--dim) }
blockquote { margin: .4rem 0 .4rem 1rem; padding-left: .8rem; border-left: 3px solid var(--line) }
s { color: var(--dim) }
</style></head><body>
<h1>{{ title }}</h1>
<div class="tiles">
{% for name, value in tiles %}<div class="tile"><b>{{ value }}</b>{{ name }}</div>{% endfor %}
</div>
<h2>Right, by kind of question</h2>
{% for kind, values in kinds.items() %}<div class="row"><span>{{ kind }}</span>
<div class="bar"><i style="width: {{ (values.right * 100) | round(1) }}%"></i></div>
<span>{{ (values.right * 100) | round | int }} % of {{ values.cases }}</span></div>{% endfor %}
<h2>Seconds to the whole answer</h2>
<div class="hist">
{% for count in histogram %}<div style="height: {{ count * 100 / tallest }}%"
 title="{{ loop.index0 }}–{{ loop.index }} s: {{ count }}"></div>{% endfor %}
</div>
<div class="axis"><span>0 s</span><span>{{ histogram | length }} s</span></div>
<h2>Every answer</h2>
{% for case in cases %}<details
{%- if not case.right %} open{% endif %}>
<summary>
<span class="{{ 'good' if case.right else 'bad' }}">
{{- '✓' if case.right else '✗' }}</span>
{{ case.question }}
<span class="dim">{{ case.id }} · {{ case.kind }} · {{ case.status }} ·
{{ case.timings.total_s | round(1) }} s</span></summary>
{% if case.answer %}<p>{{ case.answer }}</p>
{% else %}<p class="dim">{{ case.reason }}</p>{% endif %}
{% for sentence in case.sentences if not sentence.supported %}
<p><s>{{ sentence.text }}</s> <span class="dim">{{ sentence.reason }}</span></p>{% endfor %}
{% for quote in case.citations %}<blockquote>[{{ quote.n }}] {{ quote.quote }}<br>
<span class="dim">{{ quote.title }} › {{ quote.location }}</span></blockquote>{% endfor %}
{% if case.must %}<p class="dim">Must hold:
{% for group in case.must %}{{ group | join(' or ') }}{{ '; ' if not loop.last }}{% endfor %}</p>
{% else %}<p class="dim">Must be refused.</p>{% endif %}
</details>{% endfor %}
</body></html>
"""


def page(report: Json, *, title: str) -> str:
    """The page of a report as `bot.evaluate.report_object` makes it."""
    scores, cases = report["scores"], report["cases"]
    assert isinstance(scores, dict)
    assert isinstance(cases, list)
    histogram = seconds_histogram([case["timings"]["total_s"] for case in cases])
    tiles = [
        ("right", f"{scores['right']:.1%}"),
        ("wrongly refused", f"{scores['wrongly_refused']:.1%}"),
        ("refused where due", f"{scores['refused']:.1%}"),
        ("cites a right document", f"{scores['cited_documents_right']:.1%}"),
        ("evidence, median", f"{scores['evidence_s']:.2f} s"),
        ("answer, median", f"{scores['total_s']:.2f} s"),
    ]
    # Autoescape: documents' and users' text is data here too.
    template = Environment(autoescape=True).from_string(_PAGE)
    return template.render(
        title=title,
        tiles=tiles,
        kinds=report["kinds"],
        cases=cases,
        histogram=histogram,
        tallest=max(histogram, default=1) or 1,
    )


def seconds_histogram(seconds: Sequence[float]) -> list[int]:
    """How many answers took 0 to 1 s, 1 to 2 s, and so on up to the slowest (at most 60)."""
    bins = [0] * (min(60, int(max(seconds, default=0.0)) + 1))
    for each in seconds:
        bins[min(len(bins) - 1, int(each))] += 1
    return bins
