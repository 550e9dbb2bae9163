// Lets the pages of a protocol open without a network: the newest copy is used where the line is dead. It keeps nothing
// but these pages and the files that draw them; they go when one signs out, when one is signed out, and at the closing.
"use strict";

const PAGES = "protocols";
const KEPT = /^\/work\/\d+\/protocol\/(\d+\/)?$/;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate" && KEPT.test(url.pathname)) event.respondWith(page(request, url.pathname));
  else if (["style", "script", "image"].includes(request.destination) && url.pathname.startsWith("/static/")) {
    event.respondWith(asset(request));
  }
});

async function page(request, path) {
  let answer;
  try {
    answer = await fetch(request);
  } catch (error) {
    const copy = await caches.match(path);
    if (copy) return copy;
    throw error;
  }
  if (answer.type === "opaqueredirect") await caches.delete(PAGES);
  else await (await caches.open(PAGES))[answer.ok ? "put" : "delete"](path, answer.clone());
  return answer;
}

async function asset(request) {
  try {
    return await fetch(request);
  } catch (error) {
    const copy = await caches.match(request.url);
    if (copy) return copy;
    throw error;
  }
}
