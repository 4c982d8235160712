"use strict";
// Comfort only: every page works without it.

// A menu closes when something else is clicked, or with Escape.
const menus = "details.act[open], details.filter[open]";

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll(menus)) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    for (const menu of document.querySelectorAll(menus)) {
      menu.open = false;
      menu.querySelector("summary")?.focus();
    }
  }
  const isTyping = event.target instanceof Element && event.target.closest("input, textarea, select");
  if (event.key === "/" && !isTyping && !event.ctrlKey && !event.metaKey) {
    const finder = document.querySelector("#searchbar, #finder");
    if (finder) {
      event.preventDefault();
      finder.focus();
    }
  }
});

// On a narrow screen the navigation starts folded.
const fold = document.querySelector(".side-fold");
if (fold && window.matchMedia("(width <= 48rem)").matches) fold.open = false;

// A button is pressed once.
document.addEventListener("submit", (event) => {
  const button = event.target.querySelector(".act-button[type=submit]");
  if (button) window.setTimeout(() => { button.disabled = true; }, 0);
});

// The home page reads itself again while it is looked at and nothing is open.
const made = document.querySelector("[data-refresh]");
if (made) {
  window.setInterval(() => {
    const isBusy = document.hidden || document.querySelector(menus) || document.activeElement?.matches("input, textarea");
    if (!isBusy) window.location.reload();
  }, Number(made.dataset.refresh) * 1000);
}
