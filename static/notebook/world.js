/* The page of a world: where it opens, how it stays still while cells arrive, and its keys. How it
   learns that something arrived stands elsewhere; this only looks at what changes in #cells.

   The page waits with its first picture until this has run, so that it opens without a jump. */
"use strict";

{
  const cells = document.getElementById("cells");
  /* Its form is drawn anew whenever it was sent, so it is looked up each time. */
  const composer = () => document.getElementById("new");
  const told = document.getElementById("new-cells");
  const below = () => composer() ?? document.getElementById("new-end");

  /* It opens at the newest cell, with as much of the new one below it as leaves that in sight, unless
     the address names a place. */
  if (!location.hash && scrollY === 0) {
    const end = document.querySelector(".notebook").getBoundingClientRect().bottom + 24 - innerHeight;
    const newest = below().getBoundingClientRect().top - 0.6 * innerHeight;
    scrollTo({ top: Math.max(0, Math.min(end, newest)), behavior: "instant" });
  }

  /* What a visitor opened stays open, and what was loaded into it stays, when a cell is drawn anew. */
  Object.assign(Idiomorph.defaults.callbacks, {
    beforeAttributeUpdated: (name, element) => !(name === "open" && element.tagName === "DETAILS"),
    beforeNodeMorphed: (old) => !(old instanceof Element && old.matches("details[open] > [data-kept]")),
  });

  /* New cells: who is at the end stays there, with the composer where it was on the screen; who reads
     further up is told how many there are, and is not moved. */
  let place = below().getBoundingClientRect().top;
  let unread = 0;
  let read = null;

  /* Either this keeps the page still or the browser's own anchoring does, never both. */
  function anchor() {
    document.documentElement.style.overflowAnchor = place < innerHeight || read ? "none" : "auto";
  }

  function note() {
    place = below().getBoundingClientRect().top;
    if (place < innerHeight) unread = 0;
    anchor();
    tellUnread();
  }

  function tellUnread() {
    told.hidden = unread === 0;
    told.textContent = unread === 1 ? "1 new cell" : `${unread} new cells`;
  }

  function arrived(changes) {
    const last = [...cells.querySelectorAll(".cell")].at(-1);
    const added = changes.flatMap((change) => [...change.addedNodes])
      .filter((node) => node instanceof Element && node.matches(".cell"));
    if (!added.includes(last)) return note();
    if (place < innerHeight) scrollBy({ top: below().getBoundingClientRect().top - place, behavior: "instant" });
    else unread += added.length;
    note();
  }

  addEventListener("scroll", note, { passive: true });
  addEventListener("resize", note);
  new ResizeObserver(note).observe(cells);
  new MutationObserver(arrived).observe(cells, { childList: true });

  /* Who submits at the foot of a long form is led to what became of it, and to the cell that comes. */
  function showAnswer() {
    const answer = composer()?.querySelector("#answer");
    if (!answer || answer === document.activeElement) return;
    const { top, bottom } = answer.getBoundingClientRect();
    const bar = document.querySelector(".world-bar").getBoundingClientRect().bottom;
    if (top >= Math.max(0, bar) && bottom <= innerHeight) return;
    scrollBy({ top: composer().getBoundingClientRect().top - 0.5 * innerHeight, behavior: "instant" });
    note();
  }

  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.target.id === "new") showAnswer();
  });

  /* Earlier cells are put above what is read, which stays where it is. */
  document.addEventListener("htmx:beforeSwap", (event) => {
    const next = event.target.id === "earlier" ? event.target.nextElementSibling : null;
    if (next) read = { cell: next, top: next.getBoundingClientRect().top };
    anchor();
  });
  document.addEventListener("htmx:afterSettle", () => {
    if (read) scrollBy({ top: read.cell.getBoundingClientRect().top - read.top, behavior: "instant" });
    read = null;
    anchor();
  });

  /* A link to a cell that is on the page leads there. */
  function goTo(cell) {
    cell.focus({ preventScroll: true });
    cell.scrollIntoView({ block: "nearest" });
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-cell]");
    const cell = link && document.getElementById(`cell-${link.dataset.cell}`);
    if (!cell || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    history.pushState(null, "", `#${cell.id}`);
    goTo(cell);
  });

  /* Keys. None of them is taken from a field, or together with another key. */
  const dialog = document.getElementById("keys");
  const opener = document.getElementById("show-keys");
  opener.hidden = false;
  opener.addEventListener("click", () => dialog.showModal());

  const current = () => document.activeElement.closest("#cells .cell");

  function step(by) {
    const all = [...cells.querySelectorAll(".cell")];
    const from = all.indexOf(current());
    const to = from < 0 ? (by < 0 ? all.length - 1 : 0) : from + by;
    if (all[to]) goTo(all[to]);
    else if (to >= all.length) toNew();
  }

  function toNew() {
    const form = composer();
    if (!form) return;
    for (const details of form.querySelectorAll(":scope > details")) details.open = true;
    form.scrollIntoView({ block: "nearest" });
    (form.querySelector("select, input:not([type=hidden]), textarea") ?? form).focus();
  }

  const KEYS = {
    j: () => step(1),
    k: () => step(-1),
    n: toNew,
    e: () => document.getElementById("earlier-link")?.click(),
    g: () => document.getElementById("find-q").focus(),
    r: () => current()?.querySelector("a.again")?.click(),
    "?": () => dialog.showModal(),
  };
  const ON_A_CELL = {
    ArrowDown: KEYS.j,
    ArrowUp: KEYS.k,
    Enter: () => current().querySelector("a.open").click(),
  };

  document.addEventListener("keydown", (event) => {
    const at = document.activeElement;
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || dialog.open) return;
    if (at.closest("input, textarea, select, [contenteditable=true], [role=textbox], [role=tablist]")) return;
    const act = KEYS[event.key] ?? (at === current() ? ON_A_CELL[event.key] : undefined);
    if (!act) return;
    event.preventDefault();
    act();
  });
}
