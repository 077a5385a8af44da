/* The live part of a world's page: listens to the world's stream, has what changed drawn anew, and says
   how the line is and who else looks. What is drawn, and how the page keeps still meanwhile, stands
   elsewhere. Nothing that anybody typed is touched. */
"use strict";

{
  const live = document.getElementById("live");
  const pulse = document.getElementById("pulse");
  const said = document.getElementById("pulse-said");
  const over = document.getElementById("over");
  const presence = document.getElementById("presence");
  const seq = () => document.getElementById("live-version").dataset.seq;

  const LOST_MS = 5000;
  const POLL_MS = 1000;
  const TRY_STREAM_AGAIN_MS = 30000;
  const WORDS = {
    live: "Connected",
    reconnecting: "Connection lost; connecting again",
    lost: "No connection; trying again",
    over: "No longer connected",
  };

  function tell(state) {
    const before = pulse.dataset.state;
    // The browser tries anew each second, and reports each failure.
    if (state === before || (state === "reconnecting" && before === "lost")) return;
    clearTimeout(lostTimer);
    if (state === "reconnecting") lostTimer = setTimeout(tell, LOST_MS, "lost");
    // A page that is just open and well says nothing; only what changes is worth a word.
    if (before || state !== "live") said.textContent = WORDS[state];
    pulse.dataset.state = state;
    if (state === "live") document.dispatchEvent(new Event("service-reached"));
    // Who looks is told anew by the next line; of a lost one nothing is known.
    else presence.hidden = true;
  }

  /* Drawing anew. However much happens, a page asks no more often than the service answers well, and
     what happens meanwhile is asked for once more afterwards. */
  let lostTimer = null;
  let drawTimer = null;
  let soonest = 0;
  let began = 0;

  function drawAnew(delay = 30) {
    if (document.hidden || isOver() || drawTimer !== null) return;
    drawTimer = setTimeout(() => {
      drawTimer = null;
      if (!document.hidden && !isOver()) htmx.trigger(live, "stale");
    }, Math.max(delay, soonest - performance.now()));
  }

  /* How far a compile is stands in its panel, and in its cell too where that is on the page. */
  function showProgress() {
    for (const part of document.querySelectorAll("[data-progress-of]")) {
      document.getElementById(`progress-${part.dataset.progressOf}`)
        ?.replaceChildren(...[...part.childNodes].map((node) => node.cloneNode(true)));
    }
  }

  /* A check may find the history broken, its tables alone, or all mended, while the page is open. What
     is written stays. */
  function showFault() {
    const fault = document.getElementById("live-version").dataset.broken;
    const broken = fault !== undefined;
    if (broken) pulse.dataset.broken = fault;
    else delete pulse.dataset.broken;
    for (const button of document.querySelectorAll("#composer .send")) button.disabled = broken;
  }

  let shown = seq();
  live.addEventListener("htmx:beforeRequest", () => { began = performance.now(); });
  live.addEventListener("htmx:afterRequest", (event) => {
    const now = performance.now();
    soonest = now + Math.max(100, 2 * (now - began));
    if (event.detail.successful && !source) tell("live");
  });
  live.addEventListener("htmx:beforeOnLoad", (event) => {
    const status = event.detail.xhr.status;
    if (status !== 401 && status !== 403 && status !== 404) return;
    event.preventDefault();
    end(status === 401 ? "session_ended" : "access_ended");
  });
  for (const failure of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
    live.addEventListener(failure, () => {
      if (isOver()) return;
      if (!source || source.readyState !== EventSource.OPEN) tell("lost");
      drawAnew(POLL_MS);
    });
  }
  live.addEventListener("htmx:afterSettle", () => {
    showProgress();
    showFault();
    if (seq() !== shown) said.textContent = `Event ${seq()}`;
    shown = seq();
  });

  /* Listening. A browser comes back by itself after a lost connection and is sent what it missed. */
  let source = null;
  let poller = null;
  let tryAgain = null;

  function listen() {
    quiet();
    source = new EventSource(`${live.dataset.stream}?after=${seq()}`);
    for (const kind of ["ready", "reset", "journal", "changed"]) {
      source.addEventListener(kind, () => {
        tell("live");
        drawAnew();
      });
    }
    source.addEventListener("presence", (event) => tellWhoLooks(JSON.parse(event.data).people));
    source.addEventListener("end", (event) => {
      const { reason } = JSON.parse(event.data);
      if (reason === "session_ended" || reason === "access_ended") end(reason);
    });
    source.onerror = () => {
      if (source.readyState === EventSource.CLOSED) pollInstead();
      else tell("reconnecting");
    };
  }

  /* Where no stream is to be had, the page asks by and by; that also finds out why there is none. */
  function pollInstead() {
    quiet();
    drawAnew();
    poller = setInterval(drawAnew, POLL_MS);
    tryAgain = setTimeout(listen, TRY_STREAM_AGAIN_MS);
  }

  function quiet() {
    presence.hidden = true;
    source?.close();
    source = null;
    clearInterval(poller);
    clearTimeout(tryAgain);
  }

  /* The session may end before the page is closed. What was typed stays where it is. */
  const isOver = () => !over.hidden;

  function end(reason) {
    quiet();
    tell("over");
    presence.hidden = true;
    over.firstElementChild.textContent = over.dataset[reason === "session_ended" ? "session" : "access"];
    over.hidden = false;
  }

  async function comeBack() {
    const answer = await fetch(location.href, { redirect: "error" }).catch(() => null);
    if (!answer?.ok) return;
    // A new session has a new proof for forms; those on this page are given it.
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const proof = page.querySelector("input[name=csrfmiddlewaretoken]")?.value;
    for (const field of document.querySelectorAll("input[name=csrfmiddlewaretoken]")) field.value = proof;
    over.hidden = true;
    listen();
  }

  /* Who else looks. Names are text, whatever is in them. */
  function tellWhoLooks(people) {
    const others = people.filter((name) => name !== presence.dataset.me);
    const names = others.length > 3 ? [...others.slice(0, 2), `${others.length - 2} more`] : others;
    const words = new Intl.ListFormat("en").format(names);
    presence.textContent = others.length === 0 ? "" : `${words} ${others.length === 1 ? "is" : "are"} here too`;
    presence.title = others.join(", ");
    presence.hidden = others.length === 0;
  }

  /* A browser opens six lines to a service at most: a page that nobody sees holds none, and asks
     nothing. */
  function look() {
    if (document.hidden) quiet();
    else if (isOver()) comeBack();
    else listen();
  }

  document.addEventListener("visibilitychange", look);
  addEventListener("pagehide", quiet);
  addEventListener("pageshow", (event) => { if (event.persisted) look(); });
  look();
}
