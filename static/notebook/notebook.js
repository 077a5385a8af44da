/* Small help for the pages: copy a hash, count a compile's seconds, say when the line is lost.
   Every page works without it but for the live part. */
"use strict";

document.documentElement.classList.add("js");

async function copy(button) {
  const said = button.textContent;
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.textContent = "copied";
  } catch {
    // Without HTTPS a browser gives no clipboard; the full hash can be selected instead.
    const code = button.parentElement.querySelector("code");
    code.textContent = button.dataset.copy;
    getSelection().selectAllChildren(code);
    button.textContent = "selected";
  }
  setTimeout(() => { button.textContent = said; }, 1500);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button.copy");
  if (button) copy(button);
});

function countSeconds() {
  for (const element of document.querySelectorAll("[data-since]")) {
    const seconds = Math.max(0, Math.floor((Date.now() - Date.parse(element.dataset.since)) / 1000));
    element.textContent = `${seconds} s`;
  }
}
countSeconds();
setInterval(countSeconds, 500);

/* The live part. */
const live = document.getElementById("live");
const pulse = document.getElementById("pulse");

function tell(state, words) {
  if (pulse.dataset.state === state) return;
  pulse.dataset.state = state;
  pulse.firstElementChild.textContent = words;
}

if (live) {
  let seq = document.getElementById("live-version").dataset.seq;
  pulse.dataset.state = "live";
  live.addEventListener("htmx:beforeRequest", (event) => {
    if (document.hidden) event.preventDefault();
  });
  live.addEventListener("htmx:sendError", () => tell("lost", "No connection; trying again"));
  live.addEventListener("htmx:responseError", () => tell("lost", "The service does not answer; trying again"));
  live.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.successful) tell("live", "Connected");
  });
  live.addEventListener("htmx:afterSettle", () => {
    countSeconds();
    const now = document.getElementById("live-version").dataset.seq;
    if (now !== seq) pulse.firstElementChild.textContent = `Event ${now}`;
    seq = now;
  });
}
