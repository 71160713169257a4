"""The pictures of the README, made anew: python -m tests.discord.pictures docs/pictures

A visit with the models and the library of the settings, over the loopback Discord; what was really
sent is drawn by chromium, for a desktop in dark colours and for a phone in light ones.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image, ImageChops

from bot.app import App
from bot.config import BotSettings
from bot.serving import Shelves
from tests.discord.preview import Shot, page
from tests.discord.server import TOKEN
from tests.discord.stage import Stage

QUESTION = "What is mode collapse?"
UNANSWERED = "When did Apple buy OpenAI?"
CLAIMS = "Ian Goodfellow introduced GANs in June 2014. GPT-3 has 500 billion parameters."
LOOKS = {"": (True, 640), "-phone": (False, 390)}
TALLEST = 2400
MARGIN = 12


class Sitting(Stage):
    """The stage with everything real behind it."""

    def let_go(self) -> None:
        """Nothing is ever held back here."""


async def visit(app: App) -> dict[str, Shot]:
    """What was sent, by the picture's name."""
    with tempfile.TemporaryDirectory() as home:
        settings = BotSettings(_env_file=None, home=Path(home), discord_token=TOKEN)
        stage = Sitting(
            Path(home), settings, answerer=app.answerer, library=Shelves(app), patience_s=300.0
        )
        async with stage:
            ada = stage.person("ada")
            answer = await stage.finished(await ada.slash("ask", question=QUESTION))
            written = [body for _, body in answer.history if "▍" in body["content"]]
            sources = await stage.told(await ada.press(answer, "Sources"))
            refusal = await stage.finished(await ada.slash("ask", question=UNANSWERED))
            said = await stage.person("bob").say(CLAIMS)
            checked = await stage.told(await ada.menu("Fact-check", said))
            return {
                "writing": Shot("", written[-1], used="ask"),
                "answer": Shot("", answer.body, used="ask"),
                "sources": Shot("", sources.body, ephemeral=True),
                "refusal": Shot("", refusal.body, used="ask"),
                "fact-check": Shot("", checked.body, ephemeral=True),
            }


def draw(shot: Shot, file: Path, *, dark: bool, width: int) -> None:
    """One message as a picture, no larger than it is."""
    with tempfile.TemporaryDirectory() as folder:
        html, png = Path(folder) / "shot.html", Path(folder) / "shot.png"
        html.write_text(page([shot], dark=dark, width=width))
        size = f"--window-size={width},{TALLEST}"
        options = ["--headless", "--no-sandbox", "--hide-scrollbars", "--disable-gpu"]
        subprocess.run(
            ["chromium", *options, size, f"--screenshot={png}", html.as_uri()],
            check=True,
            capture_output=True,
        )
        drawn = Image.open(png).convert("RGB")
        empty = Image.new("RGB", drawn.size, drawn.getpixel((drawn.width - 1, drawn.height - 1)))
        box = ImageChops.difference(drawn, empty).getbbox()
        assert box is not None, "nothing was drawn"
        drawn.crop((0, 0, width, box[3] + MARGIN)).quantize(128).save(file, optimize=True)


def main() -> None:
    """The command line."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    app = App(BotSettings())
    app.index_shipped()
    app.load()
    for name, shot in asyncio.run(visit(app)).items():
        for suffix, (dark, width) in LOOKS.items():
            draw(shot, folder / f"{name}{suffix}.png", dark=dark, width=width)
    app.library.close()


if __name__ == "__main__":
    main()
