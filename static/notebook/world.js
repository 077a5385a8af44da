/* The page of a world opens at its newest cell, where the next one is written, unless the address
   names another place. The page waits with its first picture until this has run, so nothing jumps. */
"use strict";

function openAtTheNewest() {
  if (location.hash || scrollY > 0) return;
  const end = document.querySelector(".notebook").getBoundingClientRect().bottom + scrollY;
  if (end > innerHeight) scrollTo({ top: end - innerHeight + 24, behavior: "instant" });
}
openAtTheNewest();
