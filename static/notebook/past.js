/* The history page: the slider and the number say the same, and both what the panels show.
   Without this file each of the two is a form of its own. */
"use strict";

// What a reader has opened stays open from event to event.
Idiomorph.defaults.callbacks.beforeAttributeUpdated = (name, element) =>
  !(name === "open" && element.localName === "details");

document.addEventListener("input", (event) => {
  if (event.target.id === "place") document.getElementById("number").value = event.target.value;
});

/* Says in words where the slider stands; the bare number does not tell of how many. */
function say(place) {
  place.setAttribute("aria-valuetext", `event ${place.value} of ${place.max}`);
}

/* Whether the slider was moved since the last request went out, and another one is about to. */
let moved = false;

function follow() {
  const shown = document.getElementById("as-of");
  const place = document.getElementById("place");
  if (!shown || !place) return;
  const number = document.getElementById("number");
  place.max = number.max = shown.dataset.head;
  // Whoever still drags is further on than what has arrived.
  if (!moved && !place.matches(":active")) place.value = number.value = shown.dataset.seq;
  say(place);
}

document.addEventListener("input", (event) => {
  if (event.target.id !== "place") return;
  moved = true;
  say(event.target);
});
document.addEventListener("htmx:beforeRequest", () => { moved = false; });
document.addEventListener("htmx:afterSettle", follow);
document.addEventListener("htmx:beforeSwap", (event) => {
  // A broken journal is told of in place of the panels.
  if (event.detail.target.id === "past") event.detail.shouldSwap = true;
});
follow();
