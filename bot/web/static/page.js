"use strict";
// What htmx does not do: quotes that open on touch and close on Escape, and Enter that asks.

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    document.querySelectorAll(".cite").forEach((cite) => cite.classList.add("closed"));
  }
  const form = event.target.closest && event.target.closest("form.ask");
  if (event.key === "Enter" && !event.shiftKey && form && event.target.tagName === "TEXTAREA") {
    event.preventDefault();
    form.requestSubmit();
  }
});

for (const kind of ["focusin", "pointerover"]) {
  document.addEventListener(kind, (event) => {
    const cite = event.target.closest && event.target.closest(".cite");
    if (!cite) {
      return;
    }
    // Whatever was closed with Escape opens again when it is come to anew.
    cite.classList.remove("closed");
    // A quote near the right edge opens to the left.
    const left = cite.getBoundingClientRect().left;
    cite.classList.toggle("leftward", left > document.documentElement.clientWidth / 2);
  });
}

// Once the answer is there, what came before it is put away, and the reader is led to it.
document.addEventListener("htmx:sseMessage", (event) => {
  const final = event.target.closest && event.target.closest(".final");
  if (final) {
    final.closest(".way").classList.add("finished");
  }
});
