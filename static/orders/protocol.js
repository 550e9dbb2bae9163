// The protocol on a weak network. What is typed is kept on the phone at once and sent as one goes; what could not be sent
// is sent when the line is back, once and not twice: each state of a part has a key that the server remembers.
// Without this script the same forms are sent by their buttons.
"use strict";

const KEPT_DAYS = 30;
const LONGEST_SIDE = 2000;
const QUALITY = 0.85;
const WAITS = [2000, 5000, 15000, 30000, 60000];
const PAUSE = 900;
const PATIENCE = 120000;
const PAGES = "protocols";
const PREFIX = "obok.part.";

// Where things are kept: words in localStorage, photos in IndexedDB, each under "<person>.<protocol>.<part>". A browser
// that refuses to keep words still sends them; photos that it refuses go with the form's button.

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

async function forgetOld() {
  const oldest = Date.now() - KEPT_DAYS * 24 * 3600 * 1000;
  for (const place of keptPlaces()) if (!(readKept(place)?.at > oldest)) dropKept(place);
  for (const photo of await keptPhotos("")) {
    if (photo.at < oldest) await photos("readwrite", (store) => store.delete(photo.key));
  }
}

// crypto.randomUUID is only there over https.
function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, "$1-$2-$3-$4-$5");
}

// A photo as large as a protocol needs. What the browser cannot draw (HEIC in most) goes as it is.
async function scaledDown(file) {
  try {
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const share = Math.min(1, LONGEST_SIDE / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(picture.width * share));
    canvas.height = Math.max(1, Math.round(picture.height * share));
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    picture.close();
    const small = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
    return small && small.size < file.size ? small : file;
  } catch { return file; }
}

// The line that says how things stand.
class Banner {
  constructor(box) {
    this.box = box;
  }

  say(state, words) {
    const text = words || this.box.dataset[state] || "";
    if (this.box.dataset.state === state && this.box.firstChild?.textContent === text) return;
    this.box.dataset.state = state;
    this.box.replaceChildren(Object.assign(document.createElement("span"), { textContent: text }));
    if (state === "signedOut") {
      const way = document.createElement("a");
      way.href = this.box.dataset.signInUrl;
      way.textContent = this.box.dataset.signIn;
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
    await keepPage(url);
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
    photo.refused = document.querySelector("[data-unsent]").dataset.tooLarge;
    return {};
  }
}

// Everything of a protocol. Answers whether there was anything.
async function sendProtocol(protocol, told = () => {}) {
  const mine = (place) => place.startsWith(`${protocol}.`);
  const waiting = [...keptPlaces().filter(mine), ...(await waitingPhotos(protocol)).map((photo) => photo.place)];
  for (const place of new Set(waiting)) await sendPlace(place, told);
  return waiting.length > 0;
}

// Does something that needs the line, again and again until it is done, one at a time. What it answers is said then.
class Sender {
  constructor(box, work) {
    this.banner = new Banner(box);
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

// Pages that open without a network, see worker.js. They are the signed-in person's, and go when that person goes.

async function keepPage(url) {
  if (!navigator.serviceWorker?.controller) return;
  try {
    const cache = await caches.open(PAGES);
    // First away with the old one: better no page than one with old answers.
    await cache.delete(url);
    await cache.add(url);
  } catch { /* the page needs a network then */ }
}

async function keepPages(box) {
  if (!navigator.serviceWorker || !box.dataset.worker) return;
  try {
    if (localStorage.getItem("obok.pages") !== box.dataset.protocol) await caches.delete(PAGES);
    localStorage.setItem("obok.pages", box.dataset.protocol);
    await navigator.serviceWorker.register(box.dataset.worker, { scope: box.dataset.scope });
    await navigator.serviceWorker.ready;
    const cache = await caches.open(PAGES);
    const own = document.querySelectorAll("link[rel=stylesheet], link[rel=icon], script[src]");
    const parts = Array.from(box.querySelectorAll("[data-part]"), (link) => link.pathname);
    const urls = [location.pathname, ...Array.from(own, (one) => one.href || one.src), ...parts, box.dataset.sign];
    // Each for itself: a line that dies half way leaves what it has brought.
    await Promise.allSettled(urls.map((url) => cache.add(url)));
    // While a new copy comes in the browser may have none for a moment.
    box.dataset.kept = "";
  } catch { /* the pages need a network then */ }
}

// The page to sign shows all answers; with older ones than these nobody is to sign it.
async function forgetSigning() {
  try { await (await caches.open(PAGES)).delete(signingPage()); } catch { /* none is kept */ }
}

function signingPage() {
  return location.pathname.replace(/protocol\/.*$/, "sign/");
}

async function hasPage(url) {
  try { return Boolean(navigator.serviceWorker?.controller && await caches.match(url)); } catch { return false; }
}

// One part of the protocol.
class Part {
  constructor(form) {
    this.form = form;
    this.place = form.dataset.partForm;
    this.protocol = this.place.split(".").slice(0, 2).join(".");
    this.url = location.pathname;
    this.sender = new Sender(form.querySelector("[data-unsent]"), () => this.send());
    form.addEventListener("input", (event) => this.typed(event));
    form.addEventListener("change", (event) => this.chosen(event));
    form.addEventListener("submit", (event) => this.goOn(event));
    this.restore();
  }

  // What is wrong is kept too, but "Saved." alone would hide it.
  async send() {
    await sendProtocol(this.protocol, (...told) => this.show(...told));
    if (await hasRefused(this.place)) return "refused";
    return this.form.querySelector(".field-error") ? "wrong" : "saved";
  }

  typed(event) {
    const { name, type } = event.target;
    if (type === "file" || !name) return;
    forgetSigning();
    const fields = Array.from(new FormData(this.form)).filter(([field, value]) => /^q\d/.test(field) && typeof value === "string");
    const changed = new Set([...(readKept(this.place)?.changed || []), name]);
    writeKept(this.place, { key: newKey(), url: this.url, fields, changed: [...changed], at: Date.now() });
    this.sender.soon(PAUSE);
  }

  async chosen(event) {
    const input = event.target;
    if (input.type !== "file" || !input.files.length) return;
    forgetSigning();
    const kept = [];
    for (const file of Array.from(input.files)) {
      const photo = {
        key: newKey(), place: this.place, url: this.url, name: input.name, at: Date.now() + kept.length,
        file: await scaledDown(file), title: file.name.replace(/\.[^.]*$/, ""),
      };
      try {
        await photos("readwrite", (store) => store.put(photo));
      } catch { return; /* no place to keep it: it goes with the form's button */ }
      kept.push(photo);
    }
    input.value = "";
    input.dispatchEvent(new Event("change", { bubbles: true }));
    for (const photo of kept) this.showWaiting(photo);
    this.sender.soon(0);
  }

  // What an earlier visit to this page could not send; and what other parts could not.
  async restore() {
    const words = readKept(this.place);
    if (words) this.fill(words);
    const waiting = await keptPhotos(this.protocol);
    for (const photo of waiting) if (photo.place === this.place) this.showWaiting(photo);
    if (waiting.length || keptPlaces().some((place) => place.startsWith(`${this.protocol}.`))) this.sender.soon(0);
  }

  fill({ fields, changed }) {
    for (const field of this.form.elements) {
      if (!changed.includes(field.name) || field.type === "file") continue;
      const values = fields.filter(([name]) => name === field.name).map(([, value]) => value);
      if (field.type === "radio" || field.type === "checkbox") field.checked = values.includes(field.value);
      else field.value = values[0] ?? "";
    }
    this.form.dispatchEvent(new Event("change", { bubbles: true }));
  }

  showWaiting(photo) {
    const field = this.form.querySelector(`[name="${CSS.escape(photo.name)}"]`)?.closest(".documents");
    if (!field || field.querySelector(`[data-waiting="${photo.key}"]`)) return;
    const line = document.createElement("p");
    line.className = "work-waiting";
    line.dataset.waiting = photo.key;
    const reader = new FileReader();
    reader.onload = () => {
      line.prepend(Object.assign(document.createElement("img"), { src: reader.result, alt: "", width: 96, height: 96 }));
    };
    reader.readAsDataURL(photo.file);
    line.append(photo.title);
    field.prepend(line);
    if (photo.refused) this.showRefused(photo, line);
  }

  showRefused(photo, line) {
    const why = Object.assign(document.createElement("span"), { className: "work-why", textContent: photo.refused });
    const drop = Object.assign(document.createElement("button"), {
      type: "button", className: "btn btn-secondary", textContent: this.sender.banner.box.dataset.drop,
    });
    drop.addEventListener("click", async () => {
      await photos("readwrite", (store) => store.delete(photo.key));
      line.remove();
      this.sender.soon(0);
    });
    line.classList.add("work-refused");
    line.append(why, drop);
  }

  show(place, answer, photo) {
    if (place !== this.place) return;
    const line = photo && this.form.querySelector(`[data-waiting="${photo.key}"]`);
    if (line && photo.refused) this.showRefused(photo, line);
    else line?.remove();
    for (const [name, html] of Object.entries(answer.photos || {})) {
      const old = this.form.querySelector(`input[name="${CSS.escape(name)}"]`)?.closest(".documents");
      const fresh = new DOMParser().parseFromString(html, "text/html").querySelector(".documents");
      if (!old || !fresh || keptNames(old) === keptNames(fresh)) continue;
      for (const waiting of [...old.querySelectorAll("[data-waiting]")].reverse()) fresh.prepend(waiting);
      old.replaceWith(fresh);
    }
    for (const error of this.form.querySelectorAll(".field-error")) this.dropError(error);
    for (const [name, sentences] of Object.entries(answer.errors || {})) this.showError(name, sentences);
  }

  showError(name, sentences) {
    const field = document.getElementById(`div_id_${name}`);
    if (!field) return;
    field.classList.add("field-wrong");
    const error = document.createElement("div");
    error.className = "field-error";
    error.id = `id_${name}_error`;
    error.append(...sentences.map((words) => Object.assign(document.createElement("p"), { textContent: words })));
    (field.querySelector("fieldset") || field).querySelector("legend, label")?.after(error);
    const told = controlOf(field);
    told?.setAttribute("aria-describedby", `${error.id} ${told.getAttribute("aria-describedby") || ""}`.trim());
    told?.setAttribute("aria-invalid", "true");
  }

  dropError(error) {
    const field = error.closest("[id^=div_id_]");
    field?.classList.remove("field-wrong");
    const told = field && controlOf(field);
    const rest = (told?.getAttribute("aria-describedby") || "").split(" ").filter((id) => id && id !== error.id);
    if (rest.length) told.setAttribute("aria-describedby", rest.join(" "));
    else told?.removeAttribute("aria-describedby");
    told?.removeAttribute("aria-invalid");
    error.remove();
  }

  // The first answer that is wrong gets the focus: a screen reader reads it with its error.
  goToWrong(error) {
    const field = error.closest("[id^=div_id_]");
    (field?.querySelector("fieldset") || error).scrollIntoView({ block: "center" });
    field?.querySelector("input:not([type=hidden]), select, textarea")?.focus();
  }

  // The button. What has no network is kept, and one goes on if the next page is on the phone; else one stays here.
  async goOn(event) {
    event.preventDefault();
    event.stopPropagation();
    if (Array.from(this.form.elements).some((field) => field.type === "file" && field.files.length)) {
      this.form.submit();
      return;
    }
    const { next } = this.form.dataset;
    const known = this.form.querySelectorAll(".work-refused").length;
    const trouble = await this.sender.now();
    const wrong = this.form.querySelector(".field-error");
    const refused = this.form.querySelectorAll(".work-refused");
    if (refused.length > known) refused[0].scrollIntoView({ block: "center" });
    else if (wrong) this.goToWrong(wrong);
    else if (trouble && !trouble.passes) return;
    else if (await hasPage(next) || (!trouble && navigator.onLine)) location.assign(next);
    else this.sender.banner.say("offline");
  }
}

// What a field's error belongs to: the control, or the group of them.
function controlOf(field) {
  return field.querySelector("fieldset") || field.querySelector("input:not([type=hidden]), select, textarea");
}

function keptNames(field) {
  return Array.from(field.querySelectorAll(".documents-name"), (name) => name.textContent).join("|");
}

// The overview sends what the parts could not, and then shows how things stand.
async function overview(box) {
  const sender = new Sender(box.querySelector("[data-unsent]"), async () => {
    if (await sendProtocol(box.dataset.protocol)) location.reload();
    if (await hasRefused(box.dataset.protocol)) return "refused";
  });
  const waiting = [...keptPlaces(), ...(await keptPhotos(box.dataset.protocol)).map((photo) => photo.place)];
  for (const link of box.querySelectorAll("[data-part]")) {
    if (!waiting.includes(`${box.dataset.protocol}.${link.dataset.part}`)) continue;
    link.classList.add("work-part-unsent");
    sender.soon(0);
  }
  keepPages(box);
}

// A finger, a pen or a mouse draws the signature.
class Signature {
  constructor(box) {
    this.canvas = box.querySelector("canvas");
    this.input = box.querySelector("input[type=file]");
    this.form = this.input.form;
    this.isEmpty = true;
    box.hidden = false;
    this.fit();
    this.canvas.addEventListener("pointerdown", (event) => this.begin(event));
    this.canvas.addEventListener("pointermove", (event) => this.draw(event));
    for (const end of ["pointerup", "pointercancel"]) this.canvas.addEventListener(end, () => { this.last = null; });
    box.querySelector("[data-clear]").addEventListener("click", () => this.fit());
  }

  fit() {
    const scale = window.devicePixelRatio || 1;
    this.canvas.width = this.canvas.clientWidth * scale;
    this.canvas.height = this.canvas.clientHeight * scale;
    this.pen = this.canvas.getContext("2d");
    this.pen.fillStyle = "#fff";
    this.pen.fillRect(0, 0, this.canvas.width, this.canvas.height);
    this.pen.scale(scale, scale);
    Object.assign(this.pen, { lineWidth: 2.5, lineCap: "round", lineJoin: "round", strokeStyle: "#10204a" });
    this.isEmpty = true;
  }

  begin(event) {
    event.preventDefault();
    this.canvas.setPointerCapture(event.pointerId);
    this.last = [event.offsetX, event.offsetY];
    this.draw(event);
  }

  draw(event) {
    if (!this.last) return;
    this.pen.beginPath();
    this.pen.moveTo(...this.last);
    this.last = [event.offsetX, event.offsetY];
    this.pen.lineTo(...this.last);
    this.pen.stroke();
    this.isEmpty = false;
  }

  // The drawing as a file of the form; nothing where nobody drew.
  async attach() {
    if (this.isEmpty) return;
    const drawing = await new Promise((resolve) => this.canvas.toBlob(resolve, "image/png"));
    const files = new DataTransfer();
    files.items.add(new File([drawing], "signature.png", { type: "image/png" }));
    this.input.files = files.files;
    for (const kept of this.form.querySelectorAll("[name=signature-kept]")) kept.remove();
  }
}

// The last button. What the parts could not send goes first; without a network everything stays as it is and is sent
// when the line is back.
class Signing {
  constructor(form) {
    this.form = form;
    this.signature = new Signature(form.querySelector("[data-signature]"));
    this.sender = new Sender(form.querySelector("[data-unsent]"), () => this.send());
    form.addEventListener("submit", (event) => this.close(event));
    this.sendParts().catch(() => {});
  }

  // The owner signs what is written here: if a part comes in late, the page is shown anew. Answers whether one did.
  async sendParts() {
    const isLate = await sendProtocol(this.form.dataset.signForm);
    if (isLate) location.reload();
    return isLate;
  }

  async close(event) {
    event.preventDefault();
    event.stopPropagation();
    await this.signature.attach();
    await this.sender.now();
  }

  async send() {
    if (await this.sendParts()) return;
    const answer = await post(location.pathname, new FormData(this.form));
    if (!answer.next) {
      this.form.submit();  // the page that comes back says what is wrong
      return;
    }
    try { await caches.delete(PAGES); } catch { /* none were kept */ }
    location.assign(answer.next);
  }
}

forgetOld();
for (const form of document.querySelectorAll("[data-part-form]")) new Part(form);
for (const box of document.querySelectorAll("[data-protocol]")) overview(box);
for (const form of document.querySelectorAll("[data-sign-form]")) new Signing(form);
