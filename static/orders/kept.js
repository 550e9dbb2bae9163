// What the partner's pages keep on the phone until it is sent: words and photos of protocols, and signatures. Every page of
// the partner's place loads this, says what waits and sends it, once and not twice: each thing has a key that the server
// remembers. The pages of a protocol look after their own, see protocol.js. Nothing unsent goes unless somebody drops it.
"use strict";

const WAITS = [2000, 5000, 15000, 30000, 60000];
const PATIENCE = 120000;
const PAGES = "protocols";
const PREFIX = "obok.part.";
// The sentences that are said here, in the reader's language.
const WORDS = document.querySelector("[data-waiting]").dataset;

// Where things are kept: words in localStorage, photos in IndexedDB, each under "<person>.<protocol>.<part>"; a signature
// is among the words, as the part "sign". A browser that refuses to keep words still sends them; photos that it refuses
// go with the form's button.

const memory = new Map();

function readKept(place) {
  if (memory.has(place)) return memory.get(place);
  try { return JSON.parse(localStorage.getItem(PREFIX + place)); } catch { return null; }
}

function writeKept(place, words) {
  memory.set(place, words);
  try { localStorage.setItem(PREFIX + place, JSON.stringify(words)); } catch { /* lost with the page, unless sent */ }
}

function dropKept(place) {
  memory.delete(place);
  try { localStorage.removeItem(PREFIX + place); } catch { /* never was there */ }
}

function keptPlaces() {
  try {
    const stored = Object.keys(localStorage).filter((name) => name.startsWith(PREFIX));
    return [...new Set([...memory.keys(), ...stored.map((name) => name.slice(PREFIX.length))])];
  } catch { return [...memory.keys()]; }
}

function protocolOf(place) {
  return place.split(".").slice(0, 2).join(".");
}

function signaturePlace(protocol) {
  return `${protocol}.sign`;
}

// The parts of a protocol that have words waiting.
function partPlaces(protocol) {
  return keptPlaces().filter((place) => protocolOf(place) === protocol && place !== signaturePlace(protocol));
}

function openPhotos() {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open("obok", 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore("photos", { keyPath: "key" });
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error);
  });
}

async function photos(mode, act) {
  const database = await openPhotos();
  try {
    const store = database.transaction("photos", mode).objectStore("photos");
    return await new Promise((resolve, reject) => {
      const asked = act(store);
      asked.onsuccess = () => resolve(asked.result);
      asked.onerror = () => reject(asked.error);
    });
  } finally {
    database.close();
  }
}

// All that waits, the oldest first, of places that begin with these words.
async function keptPhotos(start) {
  try {
    const all = await photos("readonly", (store) => store.getAll());
    return all.filter((photo) => `${photo.place}.`.startsWith(`${start}.`)).sort((one, other) => one.at - other.at);
  } catch { return []; }
}

// Those that are still to be sent. One that the server refused stays, with the reason, until somebody drops it.
async function waitingPhotos(start) {
  return (await keptPhotos(start)).filter((photo) => !photo.refused);
}

async function hasRefused(start) {
  return (await keptPhotos(start)).some((photo) => photo.refused);
}

// crypto.randomUUID is only there over https.
function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, "$1-$2-$3-$4-$5");
}

// The line that says how things stand.
class Banner {
  constructor(box) {
    this.box = box;
  }

  say(state, words) {
    const text = words || WORDS[state] || "";
    if (this.box.dataset.state === state && this.box.firstChild?.textContent === text) return;
    this.box.dataset.state = state;
    this.box.replaceChildren(Object.assign(document.createElement("span"), { textContent: text }));
    if (state === "signedOut") {
      const way = document.createElement("a");
      way.href = WORDS.signInUrl;
      way.textContent = WORDS.signIn;
      this.box.append(" ", way);
    }
  }
}

// Why something could not be sent: "offline", "signedOut", "gone" (perhaps with words of the server), "tooLarge", or
// "failed".
class Trouble extends Error {
  constructor(state, words = "") {
    super(state);
    this.state = state;
    this.words = words;
  }

  get passes() {
    return this.state === "offline" || this.state === "failed";
  }
}

async function post(url, data, secondTry = false) {
  data.set("csrfmiddlewaretoken", document.querySelector("[name=csrfmiddlewaretoken]").value);
  let answer;
  try {
    answer = await fetch(url, {
      method: "POST", body: data, redirect: "manual", headers: { "X-Requested-With": "fetch" },
      credentials: "same-origin", signal: AbortSignal.timeout(PATIENCE),
    });
    // The token of a page from before one signed in again is refused; a new page has a new one.
    if (answer.status === 403 && !secondTry && await freshToken()) return await post(url, data, true);
    if (answer.status === 422 || answer.ok) return await answer.json();
    if (answer.status === 409) throw new Trouble("gone", (await answer.json()).refused);
  } catch (error) {
    throw error instanceof Trouble ? error : new Trouble("offline");
  }
  if (answer.type === "opaqueredirect") throw new Trouble("signedOut");
  throw new Trouble({ 404: "gone", 413: "tooLarge" }[answer.status] || "failed");
}

async function freshToken() {
  const page = await fetch(location.href, { redirect: "manual", credentials: "same-origin", cache: "reload" });
  if (page.type === "opaqueredirect") throw new Trouble("signedOut");
  if (!page.ok) return false;
  const token = new DOMParser().parseFromString(await page.text(), "text/html").querySelector("[name=csrfmiddlewaretoken]");
  if (token) for (const other of document.querySelectorAll("[name=csrfmiddlewaretoken]")) other.value = token.value;
  return Boolean(token);
}

// What waits for a part: its words first, then its photos, each under a key of its own. Only what was changed is sent
// as such: a page that is older than the server's answers takes nothing away.
async function sendPlace(place, told) {
  for (;;) {
    const words = readKept(place);
    const [photo] = words ? [] : await waitingPhotos(place);
    if (!words && !photo) return;
    const data = new FormData();
    for (const [name, value] of words?.fields || []) data.append(name, value);
    for (const name of words?.changed || []) data.append("changed", name);
    if (photo) data.append(photo.name, photo.file, photo.file.type === "image/jpeg" ? `${photo.title}.jpg` : photo.title);
    data.set("key", (words || photo).key);
    data.set("partial", "yes");
    const { url } = words || photo;
    const answer = photo ? await postPhoto(url, data, photo) : await post(url, data);
    // What was typed meanwhile has another key and stays.
    if (words && readKept(place)?.key === words.key) dropKept(place);
    if (photo) await photos("readwrite", (store) => photo.refused ? store.put(photo) : store.delete(photo.key));
    await keepPage(place, url);
    told(place, answer, photo);
  }
}

// A photo that is refused gets the reason as `refused`.
async function postPhoto(url, data, photo) {
  try {
    const answer = await post(url, data);
    photo.refused = (answer.errors?.[photo.name] || []).join(" ");
    delete answer.errors?.[photo.name];
    return answer;
  } catch (error) {
    if (error.state !== "tooLarge") throw error;
    photo.refused = WORDS.tooLarge;
    return {};
  }
}

// All parts of a protocol. Answers whether there was anything. A part that is gone keeps no other from being sent.
async function sendProtocol(protocol, told = () => {}) {
  const waiting = [...partPlaces(protocol), ...(await waitingPhotos(protocol)).map((photo) => photo.place)];
  await sendEach(new Set(waiting), (place) => sendPlace(place, told));
  return waiting.length > 0;
}

async function sendEach(things, send) {
  let gone = null;
  for (const thing of things) {
    try { await send(thing); } catch (trouble) {
      if (trouble.state !== "gone") throw trouble;
      gone = trouble;
    }
  }
  if (gone) throw gone;
}

// The signature of a protocol, once "Sign and close" was pressed. It names the answers that the owner had before them: to
// others it does not belong, and the server says so. Answers what the server said; null where nothing waits.
async function sendSignature(protocol) {
  const place = signaturePlace(protocol);
  const kept = readKept(place);
  if (!kept?.isPressed) return null;
  const data = new FormData();
  for (const [name, value] of kept.fields) data.set(name, value);
  if (kept.drawing) data.set("signature", drawingFile(kept.drawing));
  const answer = await post(kept.url, data);
  if (!answer.next) {
    writeKept(place, { ...kept, isPressed: false, isOld: Boolean(answer.changed) });
    return answer;
  }
  dropKept(place);
  try { await caches.delete(PAGES); } catch { /* none were kept */ }
  return answer;
}

function drawingFile(address) {
  const bytes = Uint8Array.from(atob(address.split(",")[1]), (letter) => letter.charCodeAt(0));
  return new File([bytes], "signature.png", { type: "image/png" });
}

// How things stand with what is left on the phone: "changed", "refused", "left", or nothing is.
async function stateOf(protocol) {
  const signature = readKept(signaturePlace(protocol));
  if (signature?.isOld) return "changed";
  if (await hasRefused(protocol)) return "refused";
  return signature ? "left" : "";
}

async function dropProtocol(protocol) {
  for (const place of [...partPlaces(protocol), signaturePlace(protocol)]) dropKept(place);
  for (const photo of await keptPhotos(protocol)) await photos("readwrite", (store) => store.delete(photo.key));
}

// Does something that needs the line, again and again until it is done, one at a time. What it answers is said then.
class Sender {
  constructor(banner, work) {
    this.banner = banner;
    this.work = work;
    this.tries = 0;
    this.running = null;
    this.isWanted = false;
    window.addEventListener("online", () => { if (this.isWanted) this.soon(0); });
    document.addEventListener("visibilitychange", () => { if (!document.hidden && this.isWanted) this.soon(0); });
  }

  soon(delay) {
    this.isWanted = true;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.now(), delay);
  }

  // Answers null when it is done, else the Trouble.
  async now() {
    while (this.running) await this.running;
    this.isWanted = true;
    this.running = this.attempt();
    try { return await this.running; } finally { this.running = null; }
  }

  async attempt() {
    clearTimeout(this.timer);
    this.banner.say("sending");
    try {
      const state = await this.work();
      this.isWanted = false;
      this.tries = 0;
      this.banner.say(state || "saved");
      return null;
    } catch (trouble) {
      if (!(trouble instanceof Trouble)) throw trouble;
      this.banner.say(trouble.state, trouble.words);
      if (trouble.passes) this.soon(WAITS[Math.min(this.tries, WAITS.length - 1)]);
      this.tries += 1;
      return trouble;
    }
  }
}

// The newest copy of a page of the protocol that opens without a network.
async function keepPage(place, url) {
  if (!navigator.serviceWorker?.controller) return;
  try {
    if (localStorage.getItem("obok.pages") !== protocolOf(place)) return;
    const cache = await caches.open(PAGES);
    // First away with the old one: better no page than one with old answers.
    await cache.delete(url);
    await cache.add(url);
  } catch { /* the page needs a network then */ }
}

// What is on the phone of other protocols than that of this page: says so, sends it, and lets one drop what cannot be sent.
class Waiting {
  constructor(box) {
    this.box = box;
    this.banner = new Banner(box.querySelector("[data-state-line]"));
    const own = document.querySelector("[data-protocol], [data-part-form], [data-sign-form]")?.dataset;
    this.own = protocolOf(own?.protocol || own?.partForm || own?.signForm || "");
    this.sender = new Sender(this, () => this.send());
    this.gone = new Set();
    this.turn = 0;
    this.begin();
  }

  async begin() {
    if ((await this.listed()).size) this.sender.soon(0);
  }

  // By protocol: the number of the order, a page that shows it, and the parts. Those of this person only.
  async listed() {
    const start = WORDS.person;
    const places = keptPlaces().filter((place) => place.startsWith(`${start}.`));
    const words = places.map((place) => ({ place, ...readKept(place) }));
    const found = new Map();
    for (const { place, order, url } of [...words, ...await keptPhotos(start)]) {
      const protocol = protocolOf(place);
      if (protocol === this.own) continue;
      if (!found.has(protocol)) found.set(protocol, { order, url: "", parts: new Set() });
      const one = found.get(protocol);
      const isSignature = place === signaturePlace(protocol);
      one.parts.add(isSignature ? WORDS.signature : `[${place.split(".")[2]}]`);
      if (isSignature) one.url = url;
      else one.url ||= url.replace(/\d+\/$/, "");
    }
    return found;
  }

  async send() {
    const protocols = [...(await this.listed()).keys()];
    this.gone.clear();
    await sendEach(protocols, async (protocol) => {
      try {
        await sendProtocol(protocol);
        await sendSignature(protocol);
      } catch (trouble) {
        if (trouble.state === "gone") this.gone.add(protocol);
        throw trouble;
      }
    });
    for (const protocol of protocols) {
      const state = await stateOf(protocol);
      if (state) return state;
    }
    return "saved";
  }

  async say(state, words) {
    const turn = this.turn += 1;
    const listed = await this.listed();
    if (turn !== this.turn) return;
    this.box.hidden = false;
    this.banner.say(state, words);
    this.box.querySelector("ul").replaceChildren(...Array.from(listed, ([protocol, one]) => this.line(protocol, one)));
  }

  line(protocol, { order, url, parts }) {
    const isGone = this.gone.has(protocol);
    const line = document.createElement("li");
    const name = document.createElement(isGone ? "span" : "a");
    name.textContent = WORDS.order.replace("{}", order);
    if (!isGone) name.href = url;
    line.append(name, `: ${[...parts].sort().join(", ")} `);
    if (isGone) line.append(this.dropButton(protocol));
    return line;
  }

  dropButton(protocol) {
    const drop = document.createElement("button");
    Object.assign(drop, { type: "button", className: "btn btn-secondary", textContent: WORDS.drop });
    drop.addEventListener("click", async () => {
      if (!window.confirm(WORDS.sure)) return;
      await dropProtocol(protocol);
      this.sender.soon(0);
    });
    return drop;
  }
}

new Waiting(document.querySelector("[data-waiting]"));
