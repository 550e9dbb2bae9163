// Lets the pages of a protocol open without a network: the newest copy is used where the line is dead. It keeps nothing
// but these pages and the files that draw them; they go when one signs out, when one is signed out, and at the closing.
"use strict";

const PAGES = "protocols";
const PATIENCE = 4000;
const KEPT = /^\/work\/\d+\/(protocol\/(\d+\/)?|sign\/)$/;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate" && KEPT.test(url.pathname)) {
    const fresh = fetch(request).then((answer) => keep(answer, url.pathname));
    event.waitUntil(fresh.catch(() => {}));
    event.respondWith(firstOf(fresh, url.pathname));
  } else if (["style", "script", "image"].includes(request.destination) && url.pathname.startsWith("/static/")) {
    event.respondWith(firstOf(fetch(request), request.url));
  }
});

// On a line that is neither dead nor alive one does not wait for long.
async function firstOf(fresh, path) {
  const copy = await caches.match(path);
  if (!copy) return fresh;
  return Promise.race([fresh.catch(() => copy), new Promise((resolve) => setTimeout(resolve, PATIENCE, copy))]);
}

async function keep(answer, path) {
  try {
    const cache = await caches.open(PAGES);
    if (answer.ok) await cache.put(path, answer.clone());
    else await (answer.type === "opaqueredirect" ? caches.delete(PAGES) : cache.delete(path));
  } catch { /* no room: the page needs a network then */ }
  return answer;
}
