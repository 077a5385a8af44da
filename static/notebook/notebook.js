/* Small help for the pages: copy a hash, count a compile's seconds. Every page works without it. */
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

/* The tabs of a world scroll where they have no room; the one that is shown stays in sight. */
for (const nav of document.querySelectorAll(".world-nav")) {
  const tab = nav.querySelector("[aria-current]");
  if (tab) nav.scrollLeft = tab.offsetLeft + tab.offsetWidth / 2 - nav.clientWidth / 2;
}

/* Which agents an operator acts for: who names some means these, and who chooses all names none. */
document.addEventListener("input", ({ target }) => {
  const limits = target.form?.elements.limit;
  if (!limits) return;
  if (target.name === "agents") limits.value = "some";
  if (target.name !== "limit" || target.value !== "all") return;
  for (const field of target.form.querySelectorAll("[name=agents]")) {
    if (field.type === "checkbox") field.checked = false;
    else field.value = "";
  }
});

function countSeconds() {
  for (const element of document.querySelectorAll("[data-since]")) {
    const seconds = Math.max(0, Math.floor((Date.now() - Date.parse(element.dataset.since)) / 1000));
    element.textContent = `${seconds} s`;
  }
}
countSeconds();
setInterval(countSeconds, 500);
