// Makes pages nicer; every one of them works without it.
"use strict";

// A form is sent once, however often its button is pressed. Coming back to the page makes it ready again.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  // After this turn, so that the pressed button's own name and value are sent along.
  setTimeout(() => setButtons(form, true));
});

function setButtons(form, sent) {
  for (const button of form.elements) {
    if (button.type !== "submit") continue;
    if (sent) button.setAttribute("aria-disabled", "true");
    else button.removeAttribute("aria-disabled");
  }
}

window.addEventListener("pageshow", () => {
  for (const form of document.forms) {
    delete form.dataset.sent;
    setButtons(form, false);
  }
});

// Whoever made a mistake starts at the list of mistakes.
document.querySelector(".error-summary")?.focus();

// Chosen files: their names and sizes, and a word when one is above the cap (data-cap, in bytes).
function showFiles(input) {
  const size = (bytes) => {
    const [unit, count, digits] = bytes < 1e5 ? ["kilobyte", bytes / 1e3, 0] : ["megabyte", bytes / 1e6, 1];
    return new Intl.NumberFormat(document.documentElement.lang, {
      style: "unit", unit, maximumFractionDigits: digits, minimumFractionDigits: digits,
    }).format(count);
  };
  const list = input.nextElementSibling?.matches(".file-list")
    ? input.nextElementSibling
    : input.insertAdjacentElement("afterend", document.createElement("ul"));
  list.className = "file-list";
  list.setAttribute("role", "status");
  list.replaceChildren(...Array.from(input.files, (file) => {
    const line = document.createElement("li");
    const large = input.dataset.cap && file.size > Number(input.dataset.cap);
    line.textContent = `${file.name}, ${size(file.size)}`;
    if (large) {
      line.className = "too-large";
      line.textContent += ` – ${input.dataset.tooLarge}`;
    }
    return line;
  }));
}

document.addEventListener("change", (event) => {
  if (event.target.type === "file") showFiles(event.target);
});

// Forms with data-autosave="address" send what was typed, without files and passwords, while it is typed.
function autosave(form) {
  const status = form.querySelector("[data-save-status]");
  let timer = null;
  const save = () => {
    clearTimeout(timer);
    timer = null;
    if (form.dataset.sent) return;
    const fields = new URLSearchParams();
    for (const [name, value] of new FormData(form)) {
      if (typeof value === "string" && form.elements[name]?.type !== "password") fields.append(name, value);
    }
    fetch(form.dataset.autosave, { method: "POST", body: fields, keepalive: true, redirect: "error" })
      .then((answer) => { if (status) status.textContent = answer.ok ? status.dataset.saved : ""; })
      .catch(() => { if (status) status.textContent = ""; });
  };
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(save, 800);
  });
  const saveNow = () => { if (timer) save(); };
  document.addEventListener("visibilitychange", () => { if (document.hidden) saveNow(); });
  window.addEventListener("pagehide", saveNow);
}
document.querySelectorAll("form[data-autosave]").forEach(autosave);

// Forms with data-keep="person" keep what is typed in this tab until it has been taken: a session may end meanwhile.
// Whoever signs in again and comes back finds it there, and data-kept says so. Files cannot be kept.
const NOT_KEPT = ["hidden", "file", "submit", "button", "password"];
const keptAt = (form) => `kept ${form.dataset.keep} ${location.pathname}`;
const typedFields = (form) => Array.from(form.elements).filter((field) => field.name && !NOT_KEPT.includes(field.type));
function keep(form, isSent) {
  const typed = typedFields(form).map((field) => [field.name, field.value, Boolean(field.checked)]);
  try {
    sessionStorage.setItem(keptAt(form), JSON.stringify({ isSent, typed }));
  } catch { /* No room, or not allowed: then it is as without this. */ }
}
function bringBack(form) {
  const { typed } = JSON.parse(sessionStorage.getItem(keptAt(form)) ?? '{"typed": []}');
  let changed = false;
  for (const field of typedFields(form)) {
    const isChoice = field.type === "radio" || field.type === "checkbox";
    const was = typed.find(([name, value]) => name === field.name && (!isChoice || value === field.value));
    if (!was || (isChoice ? field.checked === was[2] : field.value === was[1])) continue;
    if (isChoice) field.checked = was[2];
    else field.value = was[1];
    changed = true;
  }
  if (!changed) return;
  const told = document.createElement("p");
  told.className = "box tone-neutral";
  told.setAttribute("role", "status");
  told.textContent = form.dataset.kept;
  form.before(told);
}
const keepers = document.querySelectorAll("form[data-keep]");
for (const form of keepers) {
  bringBack(form);
  form.addEventListener("input", () => keep(form, false));
  form.addEventListener("submit", () => keep(form, true));
}
// Another page of somebody who is signed in: what was sent has arrived.
function forgetKept(all) {
  for (const key of Object.keys(sessionStorage)) {
    if (key.startsWith("kept ") && (all || JSON.parse(sessionStorage.getItem(key)).isSent)) sessionStorage.removeItem(key);
  }
}
if (!keepers.length && document.querySelector('form[action$="/sign-out/"]')) forgetKept(false);

// What a worker is making: while a part with data-refresh-while is there, the page is asked for anew, for a minute at most.
// That part, and whatever has data-refresh, gets what the new page has in its place; both need an id for that.
const REFRESH_EVERY = 2000;
const REFRESH_FOR = 60000;
async function refresh(until) {
  try {
    const answer = document.hidden ? null : await fetch(location.href);
    if (answer?.ok && !answer.redirected) {
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const part of document.querySelectorAll("[data-refresh][id], [data-refresh-while][id]")) {
        replacePart(part, page.getElementById(part.id));
      }
    }
  } catch { /* The next time, perhaps. */ }
  refreshLater(until);
}
function replacePart(part, fresh) {
  if (!fresh || part.innerHTML === fresh.innerHTML || part.contains(document.activeElement)) return;
  part.toggleAttribute("data-refresh-while", fresh.hasAttribute("data-refresh-while"));
  part.replaceChildren(...fresh.childNodes);
  part.querySelectorAll("time[data-countdown]").forEach(countDown);
}
function refreshLater(until) {
  if (document.querySelector("[data-refresh-while]") && Date.now() < until) setTimeout(refresh, REFRESH_EVERY, until);
}
refreshLater(Date.now() + REFRESH_FOR);

// <time data-countdown>: what is left until then, in two units; once it is over, that word and the class "overdue".
function countDown(time) {
  const minutes = Math.floor((new Date(time.dateTime) - Date.now()) / 60000);
  const over = minutes < 0;
  time.title ||= time.textContent;
  time.classList.toggle("overdue", over);
  time.textContent = over ? time.dataset.over : time.dataset.left.replace("{}", inUnits(minutes));
}
function inUnits(minutes) {
  const days = Math.floor(minutes / 1440);
  const hours = Math.floor(minutes / 60) % 24;
  const all = days ? [[days, "day"], [hours, "hour"]] : [[hours, "hour"], [minutes % 60, "minute"]];
  const shown = all.filter(([amount], place) => amount || (place && !all[0][0]));
  return shown.map(([amount, unit]) => new Intl.NumberFormat(document.documentElement.lang, {
    style: "unit", unit, unitDisplay: unit === "day" ? "long" : "short",
  }).format(amount)).join(" ");
}
function countAllDown() { document.querySelectorAll("time[data-countdown]").forEach(countDown); }
countAllDown();
setInterval(countAllDown, 15000);

// An open menu closes when one looks elsewhere.
function closeMenus(except) {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(except)) menu.open = false;
  }
}
document.addEventListener("click", (event) => closeMenus(event.target));
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  document.querySelector("details.menu[open] > summary")?.focus();
  closeMenus(null);
});

// Pages that a partner's phone keeps for boiler rooms without a network (orders/worker.js) go with the person.
document.addEventListener("submit", (event) => {
  if (event.target.getAttribute("action")?.endsWith("/sign-out/")) {
    self.caches?.delete("protocols");
    forgetKept(true);
  }
});
