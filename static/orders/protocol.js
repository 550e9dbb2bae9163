// The protocol on a weak network. What is typed is kept on the phone at once and sent as one goes; what could not be sent
// is sent when the line is back, see kept.js. Without this script the same forms are sent by their buttons.
"use strict";

const LONGEST_SIDE = 2000;
const QUALITY = 0.85;
const PAUSE = 900;

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

// Pages that open without a network, see worker.js. They are the signed-in person's, and go when that person goes.

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
    this.protocol = protocolOf(this.place);
    this.kept = { url: location.pathname, order: form.dataset.order };
    // The warnings that were read: with them one goes on.
    this.warned = new Set(Array.from(form.querySelectorAll("[name=warned]"), (input) => input.value));
    this.sender = new Sender(new Banner(form.querySelector("[data-unsent]")), () => this.send());
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
    writeKept(this.place, { ...this.kept, key: newKey(), fields, changed: [...changed] });
    this.sender.soon(PAUSE);
  }

  async chosen(event) {
    const input = event.target;
    if (input.type !== "file" || !input.files.length) return;
    forgetSigning();
    const kept = [];
    for (const file of Array.from(input.files)) {
      const photo = {
        ...this.kept, key: newKey(), place: this.place, name: input.name, at: Date.now() + kept.length,
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
    if (waiting.length || partPlaces(this.protocol).length) this.sender.soon(0);
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
      type: "button", className: "btn btn-secondary", textContent: WORDS.drop,
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
    for (const warning of this.form.querySelectorAll(".checklist-warning")) warning.remove();
    for (const [number, words] of Object.entries(answer.warnings || {})) this.showWarning(number, words);
  }

  showWarning(number, words) {
    const box = document.createElement("div");
    box.className = "box tone-attention checklist-warning";
    box.setAttribute("role", "status");
    box.append(Object.assign(document.createElement("input"), { type: "hidden", name: "warned", value: number }));
    box.append(Object.assign(document.createElement("p"), { textContent: words }));
    document.getElementById(`div_id_q${number}`)?.after(box);
  }

  // A warning that no press has met yet.
  newWarning() {
    const boxes = Array.from(this.form.querySelectorAll(".checklist-warning"));
    const fresh = boxes.filter((box) => !this.warned.has(box.querySelector("[name=warned]").value));
    for (const box of fresh) this.warned.add(box.querySelector("[name=warned]").value);
    return fresh[0];
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

  goToOdd(warning) {
    this.sender.banner.say("wrong");
    warning.scrollIntoView({ block: "center" });
    warning.previousElementSibling.querySelector("input, textarea")?.focus({ preventScroll: true });
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
    const odd = this.newWarning();
    if (refused.length > known) refused[0].scrollIntoView({ block: "center" });
    else if (wrong) this.goToWrong(wrong);
    else if (odd) this.goToOdd(odd);
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
  const { protocol } = box.dataset;
  const sender = new Sender(new Banner(box.querySelector("[data-unsent]")), async () => {
    const isNew = await sendProtocol(protocol);
    const answer = await sendSignature(protocol);
    if (answer?.next) location.assign(answer.next);
    else if (isNew) location.reload();
    return await stateOf(protocol);
  });
  const waiting = [...partPlaces(protocol), ...(await keptPhotos(protocol)).map((photo) => photo.place)];
  for (const link of box.querySelectorAll("[data-part]")) {
    link.classList.toggle("work-part-unsent", waiting.includes(`${protocol}.${link.dataset.part}`));
  }
  if (waiting.length || readKept(signaturePlace(protocol))) sender.soon(0);
  keepPages(box);
}

// A finger, a pen or a mouse draws the signature.
class Signature {
  constructor(box, drawn) {
    this.canvas = box.querySelector("canvas");
    this.isEmpty = true;
    box.hidden = false;
    this.fit();
    this.canvas.addEventListener("pointerdown", (event) => this.begin(event));
    this.canvas.addEventListener("pointermove", (event) => this.draw(event));
    for (const end of ["pointerup", "pointercancel"]) {
      this.canvas.addEventListener(end, () => {
        this.last = null;
        drawn();
      });
    }
    box.querySelector("[data-clear]").addEventListener("click", () => {
      this.fit();
      drawn();
    });
  }

  fit() {
    this.coming = "";
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

  // The address of the drawing with its bytes; nothing where nobody drew.
  drawing() {
    return this.coming || (this.isEmpty ? "" : this.canvas.toDataURL("image/png"));
  }

  // Until the browser has drawn it again, it counts as drawn.
  async redraw(drawing) {
    this.coming = drawing;
    const picture = Object.assign(new Image(), { src: drawing });
    await picture.decode();
    if (!this.coming) return;
    const { clientWidth, clientHeight } = this.canvas;
    const scale = Math.min(clientWidth / picture.width, clientHeight / picture.height);
    this.pen.drawImage(picture, 0, 0, picture.width * scale, picture.height * scale);
    this.coming = "";
    this.isEmpty = false;
  }
}

// The end of the visit. What is signed is kept on the phone at once, with the mark of the answers that were read. What the
// parts could not send goes first; without a network everything stays as it is and is sent when the line is back.
class Signing {
  constructor(form) {
    this.form = form;
    this.protocol = form.dataset.signForm;
    this.place = signaturePlace(this.protocol);
    this.signature = new Signature(form.querySelector("[data-signature]"), () => this.keep());
    this.sender = new Sender(new Banner(form.querySelector("[data-unsent]")), () => this.send());
    form.addEventListener("input", () => this.keep());
    form.addEventListener("submit", (event) => this.close(event));
    this.begun = this.begin();
  }

  // What was signed before this page was left. It is dropped only if the answers are others by now. Answers as sendParts.
  async begin() {
    const kept = readKept(this.place);
    if (kept && (kept.isOld || valueIn(kept, "shown") !== this.form.elements.shown.value)) {
      dropKept(this.place);
      this.sender.banner.say("changed");
    } else if (kept) await this.restore(kept);
    const isLate = await this.sendParts().catch(() => false);
    if (!isLate && readKept(this.place)?.isPressed) this.sender.soon(0);
    return isLate;
  }

  async restore(kept) {
    for (const name of ["signed_name", "visited_on"]) this.form.elements[name].value = valueIn(kept, name);
    if (kept.drawing) await this.signature.redraw(kept.drawing);
  }

  keep(isPressed = false) {
    const fields = ["key", "shown", "signed_name", "visited_on"].map((name) => [name, this.form.elements[name].value]);
    const { order } = this.form.dataset;
    writeKept(this.place, { url: location.pathname, order, fields, drawing: this.signature.drawing(), isPressed });
  }

  // The owner signs what is written here: if a part comes in late, the page is shown anew. Answers whether one did.
  async sendParts() {
    const isLate = await sendProtocol(this.protocol);
    if (isLate) location.reload();
    return isLate;
  }

  async close(event) {
    event.preventDefault();
    event.stopPropagation();
    this.keep(true);
    await this.sender.now();
  }

  async send() {
    if (await this.begun || await this.sendParts()) return;
    const answer = await sendSignature(this.protocol);
    if (answer?.next) location.assign(answer.next);
    else if (answer?.errors) this.submit();
    else location.reload();
  }

  // As without this script: the page that comes back says what is wrong.
  submit() {
    const { drawing } = readKept(this.place);
    if (drawing) {
      const files = new DataTransfer();
      files.items.add(drawingFile(drawing));
      this.form.elements.signature.files = files.files;
      for (const kept of this.form.querySelectorAll("[name=signature-kept]")) kept.remove();
    }
    this.form.submit();
  }
}

function valueIn(kept, name) {
  return kept.fields.find(([field]) => field === name)?.[1];
}

for (const form of document.querySelectorAll("[data-part-form]")) new Part(form);
for (const box of document.querySelectorAll("[data-protocol]")) overview(box);
for (const form of document.querySelectorAll("[data-sign-form]")) new Signing(form);
