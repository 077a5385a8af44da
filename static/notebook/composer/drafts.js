/* Drafts: what is written is saved on the server as it is typed, with the version that it was
   written from. What the server has not got lies in this browser meanwhile, and is brought there
   when the page opens again. What a conflict offers is the server's page to say. */

const WAIT_MS = 1200;
const RETRY_MS = 5000;
const LATE_MS = 3000;
/* An entry so young is another tab's, which still saves it by itself; a closed tab marks its own. */
const OWNED_MS = 15000;
const NOT_KEPT = new Set(["csrfmiddlewaretoken", "key", "choice", "wasm_file"]);

let timer = null;
let saving = null;
let keptAs = null;
let dirty = false;
let savedAt = null;
let held = false;
/* What was sent and never answered; the server may have it. */
let unanswered = null;

const form = () => document.getElementById("composer");
const prefix = () => `worldsim:unsaved:${form().dataset.account}:${form().dataset.world}:`;
const tab = crypto.randomUUID?.() ?? String(Math.random());
const keyOf = () => `${prefix()}${form().elements.draft.value || tab}`;

function entriesOf(element) {
  return [...new FormData(element)].filter(([name, value]) => typeof value === "string" && !NOT_KEPT.has(name));
}

function isBlank(entries) {
  const written = entries.filter(([name, value]) => /^(field\.|path|text|decision)/.test(name) && value.trim());
  const files = entries.find(([name]) => name === "source_files")?.[1];
  return written.length === 0 && (!files || JSON.parse(files).every((pair) => !pair[0] && !pair[1]));
}

/* The second line: a copy in this browser. It may be full or forbidden; then there is the server. */
function keepHere(closed = false) {
  // A save that is on its way may not arrive when the page closes.
  if (!form() || !(dirty || saving)) return;
  try {
    keptAs = keyOf();
    localStorage.setItem(keptAs, JSON.stringify({ at: Date.now(), closed, entries: entriesOf(form()) }));
  } catch { /* the sign says whether the server has it */ }
}

const ownEntries = (element) => entriesOf(element).filter(([name]) => name !== "draft" && name !== "version");

/* What stands in the form, to be compared; the same whether or not the editor has come yet. */
export function written() {
  if (!form()) return null;
  const entries = ownEntries(form());
  const all = (wanted) => entries.filter(([name]) => name === wanted).map(([, value]) => value);
  const texts = all("text");
  const pairs = all("path").map((path, at) => [path, texts[at]]);
  const files = all("source_files")[0] ?? JSON.stringify(pairs);
  return JSON.stringify([files, entries.filter(([name]) => !["path", "text", "source_files"].includes(name))]);
}

/* What is about to be replaced by an answer becomes a draft of its own. */
export function keepAside() {
  const entries = ownEntries(form());
  if (isBlank(entries)) return;
  try {
    const key = `${prefix()}aside-${Date.now()}`;
    localStorage.setItem(key, JSON.stringify({ at: Date.now(), closed: true, aside: true, entries }));
    setTimeout(bringUnsaved);
  } catch { /* where nothing may be kept, nothing is */ }
}

function forget(key) {
  try {
    localStorage.removeItem(key);
  } catch { /* where nothing may be kept, nothing is */ }
}

function keptHere() {
  try {
    return Object.keys(localStorage)
      .filter((key) => key.startsWith(prefix()))
      .map((key) => [key, JSON.parse(localStorage.getItem(key))]);
  } catch {
    return [];
  }
}

function tell(words, state) {
  const place = document.getElementById("draft-said");
  if (!place || place.textContent === words) return;
  place.textContent = words;
  place.dataset.state = state;
}

function countSeconds() {
  const place = document.getElementById("draft-age");
  if (!place) return;
  const seconds = savedAt === null ? null : Math.floor((Date.now() - savedAt) / 1000);
  place.textContent = seconds === null || dirty ? "" : seconds < 60 ? ` ${seconds} s ago` : ` ${Math.floor(seconds / 60)} min ago`;
}
setInterval(countSeconds, 1000);

export function noteChange() {
  if (!form()) return;
  dirty = true;
  if (!held) tell("Not saved yet", "waiting");
  clearTimeout(timer);
  timer = setTimeout(save, WAIT_MS);
  keepHere();
}

async function post(entries) {
  const body = new FormData();
  for (const [name, value] of entries) body.append(name, value);
  body.append("csrfmiddlewaretoken", form().elements.csrfmiddlewaretoken.value);
  return fetch(form().dataset.drafts, { method: "POST", body, headers: { Accept: "application/json" } });
}

/* After a new log-in the form's token is of the old one. */
async function renewToken() {
  const page = await fetch(form().dataset.drafts);
  if (page.url.includes("/login/")) return false;
  const fresh = new DOMParser().parseFromString(await page.text(), "text/html").querySelector("[name=csrfmiddlewaretoken]");
  if (!fresh) return false;
  form().elements.csrfmiddlewaretoken.value = fresh.value;
  return true;
}

async function save() {
  if (saving || !dirty || held || !form()) return;
  const written = form();
  const entries = entriesOf(written);
  if (isBlank(entries) && !written.elements.draft.value) return;
  dirty = false;
  saving = send(entries, written);
  await saving;
  saving = null;
  if (!dirty || held) return;
  clearTimeout(timer);
  timer = setTimeout(save, document.getElementById("draft-said")?.dataset.state === "bad" ? RETRY_MS : WAIT_MS);
}

async function deliver(entries) {
  const answer = await post(entries);
  return answer.status === 403 && (await renewToken()) ? post(entries) : answer;
}

async function send(entries, written) {
  try {
    let answer = null;
    if (unanswered !== null) {
      // Sent once more as it was, it gets the answer that was lost, and is no other's change.
      answer = await deliver([...unanswered, ["again", "1"]]);
      if (form() !== written) return;
      unanswered = null;
      if (answer.status === 200 && !answer.url.includes("/login/")) {
        adopt(await answer.json(), written);
        entries = entriesOf(written);
        answer = null;
      }
    }
    if (answer === null) {
      unanswered = entries;
      answer = await deliver(entries);
      if (form() === written) unanswered = null;
    }
    if (form() === written) await settle(answer, written);
  } catch {
    if (form() === written) fail("Not saved: no connection. Your text is kept in this browser.");
  }
}

function fail(words) {
  dirty = true;
  keepHere();
  tell(words, "bad");
}

async function settle(answer, written) {
  if (answer.url.includes("/login/")) return fail("Not saved: you are logged out. Your text is kept in this browser; log in again in another tab.");
  if (answer.status === 409) {
    document.getElementById("draft-conflict").innerHTML = await answer.text();
    held = true;
    return fail("Not saved: this draft was changed elsewhere.");
  }
  if (answer.status === 422) {
    held = true;
    return fail(`Not saved: ${(await answer.json()).rejection.message}`);
  }
  if (!answer.ok) return fail("Not saved: the service does not take it. Your text is kept in this browser.");
  adopt(await answer.json(), written);
  if (dirty) return keepHere();
  savedAt = Date.now();
  tell("Saved", "good");
  countSeconds();
  history.replaceState(history.state, "", `?draft=${written.elements.draft.value}${location.hash}`);
}

function adopt({ draft, version }, written) {
  document.dispatchEvent(new Event("service-reached"));
  forget(keyOf());
  written.elements.draft.value = draft;
  written.elements.version.value = version;
}

/* Bring to the server what a closed page, a log-out or a lost connection left in this browser. */
async function bringUnsaved() {
  if (!form()) return;
  for (const [key, { at, closed, aside, entries }] of keptHere()) {
    if (key === keyOf() && dirty) continue;
    if (!closed && Date.now() - at < OWNED_MS) continue;
    let answer = await post(entries);
    const stale = answer.status === 409;
    if (stale) answer = await post([...entries, ["resolve", "both"]]);
    if (!answer.ok || answer.url.includes("/login/")) continue;
    forget(key);
    show((await answer.json()).draft, stale || aside);
  }
}

function bring(address) {
  history.replaceState(history.state, "", address + location.hash);
  htmx.ajax("GET", form().action + address, { target: "#new", swap: "outerHTML" });
}

function show(draft, stale) {
  const open = form().elements.draft.value;
  const address = `?draft=${draft}`;
  if (!dirty && !stale && (open === draft || (!open && isBlank(entriesOf(form()))))) {
    bring(address);
    return;
  }
  const place = document.getElementById("draft-found");
  place.querySelector("a").href = `${address}#new`;
  place.hidden = false;
}

/* Another form stands there: what is written into it is another matter. */
export function openDraft() {
  // The server was sent what was kept here, and its answer shows it.
  if (keptAs !== null) forget(keptAs);
  keptAs = null;
  held = document.getElementById("draft-conflict")?.childElementCount > 0;
  unanswered = null;
  dirty = false;
  // A field that was taken away while it had the focus may have told of a last change.
  tell("", "");
  savedAt = null;
  clearTimeout(timer);
}

export function markUnsaved() {
  // A refused or switched form shows what the server may not have as a draft yet.
  if (form() && !isBlank(entriesOf(form())) && !held) noteChange();
}

for (const kind of ["input", "change"]) {
  document.addEventListener(kind, (event) => {
    if (event.target.form?.id === "composer" && event.target.name !== "choice") noteChange();
  });
}
addEventListener("pagehide", () => keepHere(true));
addEventListener("online", () => save());
/* A save that is on its way would leave a draft of what is submitted meanwhile: let it arrive. */
document.addEventListener("htmx:confirm", (event) => {
  if (!event.target.closest?.("#new") || event.detail.verb !== "post") return;
  clearTimeout(timer);
  if (!saving) return;
  event.preventDefault();
  const late = new Promise((resolve) => { setTimeout(resolve, LATE_MS); });
  Promise.race([saving, late]).then(() => event.detail.issueRequest(true));
});
/* After a request that did not arrive, saving goes on. */
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.target.closest?.("#new") && !event.detail.successful && dirty && !held) noteChange();
});
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-take-theirs]");
  if (!link) return;
  event.preventDefault();
  dirty = false;
  bring(new URL(link.href).search);
});
openDraft();
bringUnsaved();
setInterval(bringUnsaved, OWNED_MS + 1000);
