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

// Who opens a form wants to write.
document.addEventListener("toggle", (event) => {
  if (event.target.matches?.("details.act[open]")) {
    event.target.querySelector("input:not([type=hidden]), select, textarea")?.focus();
  }
}, true);

// On a narrow screen a wide table is read row by row, each value with its column's name.
const STACKS_FROM = 3;
for (const table of document.querySelectorAll("table.plain, table.counts, #result_list")) {
  const heads = [...table.querySelectorAll("thead th")].map((head) => head.querySelector(".visually-hidden") ? "" : (head.querySelector(".text") ?? head).textContent.trim());
  const hasOwnWay = table.closest(".model-order, .model-failedpayload") && table.id === "result_list";
  if (heads.length < STACKS_FROM || hasOwnWay) continue;
  table.classList.add("stacks");
  for (const row of table.querySelectorAll("tbody tr")) {
    const cells = [...row.children];
    if (cells.length !== heads.length) continue;
    cells.forEach((cell, at) => {
      cell.dataset.label = heads[at];
      if (["", "·", "–"].includes(cell.textContent.trim()) && !cell.querySelector("svg, img, input, button")) cell.classList.add("is-blank");
    });
  }
}

// On a narrow screen the navigation starts folded.
const fold = document.querySelector(".side-fold");
if (fold && window.matchMedia("(width <= 48rem)").matches) fold.open = false;

// A button is pressed once.
document.addEventListener("submit", (event) => {
  const button = event.target.querySelector(".act-button[type=submit]");
  if (button) window.setTimeout(() => { button.disabled = true; }, 0);
});

// The home page reads itself again while it is looked at, nothing is open, and nobody is
// on the way through it by keyboard.
const made = document.querySelector("[data-refresh]");
if (made) {
  window.setInterval(() => {
    const isBusy = document.hidden || document.querySelector(`${menus}, :focus-visible`) || document.activeElement?.matches("input, textarea");
    if (!isBusy) window.location.reload();
  }, Number(made.dataset.refresh) * 1000);
}

// Copy buttons show themselves where copying works.
if (navigator.clipboard) {
  for (const button of document.querySelectorAll("button[data-copy]")) button.hidden = false;
  document.addEventListener("click", async (event) => {
    const button = event.target.closest?.("button[data-copy]");
    if (!button) return;
    const words = button.textContent;
    await navigator.clipboard.writeText(button.dataset.copy);
    button.textContent = "Copied";
    window.setTimeout(() => { button.textContent = words; }, 1500);
  });
}

// Times are written in UTC. Who wants those of their own clock presses the switch.
const twoDigits = (number) => String(number).padStart(2, "0");
const dayOf = (at) => `${at.getFullYear()}-${twoDigits(at.getMonth() + 1)}-${twoDigits(at.getDate())}`;
const hourOf = (at) => [at.getHours(), at.getMinutes(), at.getSeconds()].map(twoDigits).join(":");
const zoneName = new Intl.DateTimeFormat([], { timeZoneName: "short" }).formatToParts().find((part) => part.type === "timeZoneName").value;

function tellTimes(isLocal) {
  document.documentElement.dataset.zone = isLocal ? "local" : "utc";
  for (const time of document.querySelectorAll("time[datetime]")) {
    const at = new Date(time.dateTime);
    if (Number.isNaN(at.valueOf())) continue;
    const utc = `${at.toISOString().slice(0, 19).replace("T", " ")} UTC`;
    const local = `${dayOf(at)} ${hourOf(at)} ${zoneName}`;
    time.title = isLocal ? `${local} (${utc})` : `${utc} (${local})`;
    if (time.matches(".exact")) time.textContent = isLocal ? local : utc;
    if (time.matches(".clock")) time.textContent = isLocal ? `${dayOf(at).slice(5)} ${hourOf(at)}` : utc.slice(11, 19);
  }
}

const zoneSwitch = document.querySelector(".zone-toggle");
if (zoneSwitch) {
  const kept = "shipsync.zone";
  const show = () => {
    const isLocal = window.localStorage.getItem(kept) === "local";
    zoneSwitch.textContent = isLocal ? zoneName : "UTC";
    zoneSwitch.setAttribute("aria-label", `Times in ${isLocal ? zoneName : "UTC"}: change`);
    tellTimes(isLocal);
  };
  zoneSwitch.hidden = false;
  zoneSwitch.addEventListener("click", () => {
    window.localStorage.setItem(kept, window.localStorage.getItem(kept) === "local" ? "utc" : "local");
    show();
  });
  show();
}

// The page that is shown is in sight in the navigation, without moving anything else.
const here = document.querySelector(".side [aria-current=page]");
const menu = document.querySelector(".side-fold");
if (here && menu && here.offsetTop + here.offsetHeight > menu.clientHeight) menu.scrollTop = here.offsetTop - menu.clientHeight / 2;

// j and k go down and up the rows of a list.
const ROWS = "#result_list tbody tr, .causes tbody tr, .hits li, .rows-form tbody tr";
document.addEventListener("keydown", (event) => {
  const isTyping = event.target instanceof Element && event.target.closest("input:not([type=checkbox]), textarea, select");
  if (isTyping || event.ctrlKey || event.metaKey || event.altKey || !["j", "k"].includes(event.key)) return;
  const links = [...document.querySelectorAll(ROWS)].map((row) => row.querySelector("th a, a")).filter(Boolean);
  if (!links.length) return;
  const at = links.findIndex((link) => link.closest("tr, li")?.contains(document.activeElement));
  const next = event.key === "j" ? Math.min(at + 1, links.length - 1) : Math.max(at - 1, 0);
  links[next].focus();
});

// One tick for all rows of the page.
for (const box of document.querySelectorAll("input[data-tick-all]")) {
  box.hidden = false;
  box.addEventListener("change", () => {
    for (const one of box.form.querySelectorAll("input[name=pk]")) one.checked = box.checked;
  });
}
