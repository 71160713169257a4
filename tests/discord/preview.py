"""Messages as a person would see them in Discord, roughly: recorded payloads to one HTML page."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import Any

Payload = dict[str, Any]

DARK = {
    "page": "#313338", "text": "#dbdee1", "muted": "#949ba4", "card": "#2b2d31", "line": "#4e5058",
    "button": "#4e5058", "button_text": "#ffffff", "code": "#1e1f22", "link": "#00a8fc",
    "name": "#f2f3f5", "mention": "#3c4270", "mention_text": "#c9cdfb", "border": "#1e1f22",
}  # fmt: skip
LIGHT = {
    "page": "#ffffff", "text": "#313338", "muted": "#5c5e66", "card": "#f2f3f5", "line": "#c4c9ce",
    "button": "#e3e5e8", "button_text": "#313338", "code": "#f2f3f5", "link": "#006ce7",
    "name": "#060607", "mention": "#e6e8fd", "mention_text": "#4650b8", "border": "#e3e5e8",
}  # fmt: skip
STYLES = {1: "#5865f2", 3: "#248046", 4: "#da373c"}


@dataclass(frozen=True)
class Shot:
    """One message with what stands above it."""

    title: str
    body: Payload
    ephemeral: bool = False
    reply_to: str | None = None
    used: str | None = None


def page(shots: list[Shot], *, dark: bool, width: int) -> str:
    """A page of messages, as wide as a window or a phone."""
    colours = DARK if dark else LIGHT
    messages = "\n".join(_message(shot) for shot in shots)
    return f"""<!doctype html><meta charset="utf-8"><style>{_style(colours, width)}</style>
<body><main>{messages}</main></body>"""


def markdown(text: str) -> str:
    """Discord's Markdown as HTML, as far as a bot uses it."""
    parts = re.split(r"```(\w*)\n(.*?)\n?```", text, flags=re.DOTALL)
    shown = []
    for index in range(0, len(parts), 3):
        shown.append(_blocks(parts[index].strip("\n")))
        if index + 2 < len(parts):
            shown.append(f"<pre>{html.escape(parts[index + 2])}</pre>")
    return "".join(shown)


def _blocks(text: str) -> str:
    shown: list[str] = []
    quote: list[str] = []
    for line in [*text.split("\n"), None]:
        if line is not None and line.startswith("> "):
            quote.append(_line(line[2:]))
            continue
        if quote:
            shown.append(f"<blockquote>{''.join(quote)}</blockquote>")
            quote = []
        if line is not None:
            shown.append(_line(line))
    return "".join(shown)


def _line(line: str) -> str:
    if match := re.match(r"(#{1,3}) (.*)", line):
        size = len(match[1])
        return f"<h{size}>{_inline(match[2])}</h{size}>"
    if line.startswith("-# "):
        return f"<small>{_inline(line[3:])}</small>"
    if match := re.match(r"( *)[-*] (.*)", line):
        indent = 18 + 9 * len(match[1])
        return f'<div class="item" style="margin-left:{indent}px">{_inline(match[2])}</div>'
    return f"<div>{_inline(line) or '&nbsp;'}</div>"


def _inline(text: str) -> str:
    kept: list[str] = []

    def keep(shown: str) -> str:
        kept.append(shown)
        return f"\x00{len(kept) - 1}\x00"

    text = re.sub(r"`([^`]+)`", lambda m: keep(f"<code>{html.escape(m[1])}</code>"), text)
    text = re.sub(r"\\([^0-9A-Za-z\s])", lambda m: keep(html.escape(m[1])), text)
    text = re.sub(r"<#\d+>", lambda m: keep('<span class="mention">#reading-room</span>'), text)
    text = re.sub(r"<@&?\d+>", lambda m: keep('<span class="mention">@readers</span>'), text)
    text = html.escape(text, quote=False)
    text = re.sub(r"\[([^\]]+)\]\((https?://[^)]+)\)", r'<a href="\2">\1</a>', text)
    text = re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", text)
    text = re.sub(r"(?<!\w)\*(.+?)\*", r"<i>\1</i>", text)
    while "\x00" in text:
        text = re.sub(r"\x00(\d+)\x00", lambda m: kept[int(m[1])], text)
    return text


def _message(shot: Shot) -> str:
    above = ""
    if shot.reply_to:
        above = f'<div class="above">╭─ <b>Ada</b> {html.escape(shot.reply_to)}</div>'
    if shot.used:
        above = f'<div class="above">╭─ <b>Ada</b> used <a>/{html.escape(shot.used)}</a></div>'
    content = shot.body.get("content") or ""
    below = '<div class="only">👁 Only you can see this · <a>Dismiss message</a></div>'
    embeds = "".join(_embed(embed) for embed in shot.body.get("embeds") or [])
    rows = "".join(_row(row) for row in shot.body.get("components") or [])
    title = f"<h6>{html.escape(shot.title)}</h6>" if shot.title else ""
    return f"""{title}<section>{above}<div class="avatar">F</div>
<div class="body"><div><span class="name">Footnote</span><span class="app">APP</span>
<span class="when">Today at 14:02</span></div>
<div class="content">{markdown(content) if content else ""}</div>{embeds}{rows}
{below if shot.ephemeral else ""}</div></section>"""


def _embed(embed: Payload) -> str:
    colour = f"#{embed['color']:06x}" if embed.get("color") else "transparent"
    title = _inline(embed.get("title") or "")
    if embed.get("url"):
        title = f"<a>{title}</a>"
    title = f'<div class="title">{title}</div>' if title else ""
    text = markdown(embed["description"]) if embed.get("description") else ""
    for each in embed.get("fields") or []:
        text += f'<div class="field"><b>{_inline(each["name"])}</b>{markdown(each["value"])}</div>'
    footer = html.escape((embed.get("footer") or {}).get("text") or "").replace("\n", "<br>")
    footer = f'<div class="footer">{footer}</div>' if footer else ""
    return f'<div class="embed" style="border-left-color:{colour}">{title}{text}{footer}</div>'


def _row(row: Payload) -> str:
    items = []
    for item in row["components"]:
        if item["type"] == 3:
            items.append(f'<div class="select">{html.escape(item["placeholder"])}<b>⌄</b></div>')
            continue
        emoji = (item.get("emoji") or {}).get("name") or ""
        style = STYLES.get(item["style"])
        colour = f"background:{style};color:#fff" if style else ""
        faded = "opacity:.5" if item.get("disabled") else ""
        label = html.escape(item.get("label") or "")
        items.append(f'<button style="{colour};{faded}">{emoji} {label}</button>')
    return f'<div class="row">{"".join(items)}</div>'


def _style(c: dict[str, str], width: int) -> str:
    phone = width < 500
    return f"""
*{{box-sizing:border-box}}
body{{margin:0;background:{c["page"]};color:{c["text"]};
 font:{"15px/1.3" if phone else "16px/1.375"} "Noto Sans","Noto Color Emoji",sans-serif}}
main{{width:{width}px;padding:12px {"12px" if phone else "20px"}}}
h6{{color:{c["muted"]};font-weight:500;font-size:11px;letter-spacing:.06em;margin:18px 0 6px;
 text-transform:uppercase;border-top:1px solid {c["border"]};padding-top:8px}}
section{{position:relative;padding-left:{"48px" if phone else "56px"};margin-bottom:14px}}
.avatar{{position:absolute;left:0;width:40px;height:40px;border-radius:50%;background:#5b8def;
 color:#fff;text-align:center;line-height:40px;font-weight:700}}
.above{{font-size:14px;color:{c["muted"]};margin:0 0 3px -34px;white-space:nowrap;overflow:hidden;
 text-overflow:ellipsis}} .above b{{color:{c["name"]};font-weight:500}}
.name{{color:{c["name"]};font-weight:500}} .app{{background:#5865f2;color:#fff;font-size:10px;
 border-radius:3px;padding:1px 4px;margin:0 6px;vertical-align:2px}}
.when{{color:{c["muted"]};font-size:12px}}
h1,h2,h3{{color:{c["name"]};font-weight:700;margin:4px 0 2px}} h1{{font-size:24px}}
h2{{font-size:20px}} h3{{font-size:{"16px" if phone else "18px"}}}
small{{display:block;font-size:13px;color:{c["muted"]};line-height:1.4}}
blockquote{{margin:2px 0;padding:0 8px 0 12px;border-left:4px solid {c["line"]};border-radius:4px}}
.item{{display:list-item;list-style:disc}}
code{{background:{c["code"]};border-radius:3px;padding:1px 4px;
 font:13px "Noto Sans Mono",monospace;white-space:pre-wrap}}
pre{{background:{c["code"]};border:1px solid {c["border"]};border-radius:4px;padding:8px;
 margin:6px 0;font:13px/1.3 "Noto Sans Mono",monospace;overflow:auto;white-space:pre-wrap}}
a{{color:{c["link"]};text-decoration:none}} b{{font-weight:700}}
.mention{{background:{c["mention"]};color:{c["mention_text"]};border-radius:3px;padding:0 2px}}
.embed{{background:{c["card"]};border-left:4px solid;border-radius:4px;margin-top:6px;
 padding:10px 14px 12px 12px;max-width:520px;font-size:14px;line-height:1.3}}
.title{{font-weight:600;font-size:16px;color:{c["name"]};margin-bottom:6px}}
.field{{margin-top:10px}} .footer{{font-size:12px;color:{c["muted"]};margin-top:10px}}
.row{{display:flex;flex-wrap:wrap;gap:8px;margin-top:8px}}
button{{border:0;border-radius:8px;padding:{"7px 11px" if phone else "8px 14px"};
 font:500 14px "Noto Sans","Noto Color Emoji",sans-serif;background:{c["button"]};
 color:{c["button_text"]}}}
.select{{border:1px solid {c["border"]};background:{c["code"]};border-radius:6px;padding:9px 12px;
 width:100%;max-width:400px;display:flex;justify-content:space-between;color:{c["muted"]}}}
.only{{font-size:12px;color:{c["muted"]};margin-top:6px}}
"""
