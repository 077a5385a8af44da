/* The composer: what it sends, and what becomes of the answer. The form works without it; with it
   a refusal, a switch or a submit leaves the rest of the page as it is.
   Drafts, the source editor and uploads stand in files of their own. */

import { keepAside, markUnsaved, noteChange, openDraft, written } from "./drafts.js";
import { takeUploads } from "./uploads.js";

const here = () => document.getElementById("new");

/* `passing` says that it is so only while the service cannot be reached. */
function tellUnsent(words, passing = false) {
  const place = document.getElementById("unsent");
  if (!place) return;
  place.textContent = words;
  place.toggleAttribute("data-passing", passing);
  place.hidden = false;
}

/* What was said of a lost connection is no longer true once there is one; that it was not sent is. */
document.addEventListener("service-reached", () => {
  if (document.querySelector("#unsent[data-passing]:not([hidden])")) {
    tellUnsent("Not sent yet. The service can be reached again: submit once more.");
    document.getElementById("unsent").dataset.reached = "";
  }
});
document.addEventListener("input", (event) => {
  const place = document.getElementById("unsent");
  if (event.target.form?.id === "composer" && place && "reached" in place.dataset) place.hidden = true;
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !event.shiftKey || event.isComposing) return;
  const form = document.getElementById("composer");
  if (!form || !event.target.closest("#new")) return;
  event.preventDefault();
  event.stopPropagation();
  const button = document.getElementById("send");
  if (!button.disabled) form.requestSubmit(button);
}, { capture: true });

/* What stood in the form when it was last sent. */
let sent = null;

document.addEventListener("htmx:beforeRequest", (event) => {
  if (!event.target.closest("#new")) return;
  document.getElementById("unsent").hidden = true;
  sent = written();
});

/* The answer takes the form's place. What was typed while it was on its way is not in it: another
   form is asked for once more, with that; beside the answer to a submit it becomes a draft. */
function keepWhatWasTyped(detail) {
  const { elt, formData, triggeringEvent, verb } = detail.requestConfig;
  if (verb !== "post" || sent === null || written() === sent) return;
  const button = triggeringEvent?.submitter;
  const again = elt.matches("input") ? () => htmx.trigger(elt, "change") : button?.name === "show" && (() => button.click());
  if (!formData.has("show") || !again) return keepAside();
  detail.shouldSwap = false;
  // Not before this request has ended.
  setTimeout(again);
}

/* A refusal is an answer like any other: it brings the composer with the fault at its field. What
   brings none (a log-in page, a failure) leaves what is written where it stands. */
document.addEventListener("htmx:beforeSwap", (event) => {
  const { target, xhr } = event.detail;
  if (target?.id !== "new") return;
  if (xhr.responseText.includes('id="new"')) {
    event.detail.shouldSwap = true;
    event.detail.isError = false;
    keepWhatWasTyped(event.detail);
    return;
  }
  event.detail.shouldSwap = false;
  event.detail.isError = false;
  const words = {
    403: "Not sent: this form is too old, or you may not act here any more. What you wrote is kept; reload the page to send it.",
    404: "Not sent: this world is not there any more. What you wrote is kept on this page.",
    413: "Not sent: it is larger than the service takes. Send fewer or smaller files.",
  };
  const status = xhr.responseURL.includes("/login/") ? 401 : xhr.status;
  const isOut = status === 401 || status === 200;
  tellUnsent(
    isOut
      ? "Not sent: you are logged out. What you wrote is kept; log in again in another tab, then submit here."
      : words[status] ?? "Not sent: the service failed. What you wrote is kept; try again.",
    isOut,
  );
});

document.addEventListener("htmx:sendError", (event) => {
  if (event.target.closest("#new")) tellUnsent("Not sent: no connection to the service. What you wrote is kept; try again.", true);
});

let editor = null;

/* The editor is half a megabyte: it comes when a form with sources is shown, and not before. It is
   opened once in each place, since drawing may begin again before it has come. */
const opened = new WeakMap();

async function openIn(place) {
  // Where it does not come, the text areas stay.
  const { openSources } = await import("./sources.js").catch(() => ({}));
  return openSources && place.isConnected ? openSources(place, noteChange) : null;
}

async function draw() {
  editor = null;
  takeUploads(noteChange);
  const place = document.querySelector("#new .files");
  if (!place) return;
  if (!opened.has(place)) opened.set(place, openIn(place));
  const come = await opened.get(place);
  if (place.isConnected) editor = come;
}

document.addEventListener("formdata", (event) => {
  if (event.target.id !== "composer" || !editor) return;
  event.formData.set("source_files", JSON.stringify(editor.pairs));
});

draw();

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.target.id !== "new" && !event.target.closest?.("#new")) return;
  // Otherwise who is quicker than the settling sends the form past htmx, and the page is left.
  htmx.process(here());
  openDraft();
  draw().then(markUnsaved);
  const answer = here()?.querySelector("#answer");
  if (answer?.getAttribute("role") === "alert") {
    // For pages without script. htmx would obey it a moment later, when the focus may have moved on.
    answer.removeAttribute("autofocus");
    answer.focus();
  } else if (answer && !answer.closest("[data-dry]")) here().querySelector(".pick input:checked")?.focus({ preventScroll: true });
});
