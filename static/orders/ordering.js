// Ordering a service: the lists narrow as one chooses. Without this the server says what does not go together.
"use strict";

const ordering = document.querySelector("[data-ordering]");
const siteList = ordering.querySelector("[name=site]");
const deviceList = ordering.querySelector("[name=device]");
const partnerList = ordering.querySelector("[name=partner]");
const groups = Array.from(deviceList.querySelectorAll("optgroup"));
const partners = Array.from(partnerList.options).slice(1);
const choices = Array.from(ordering.querySelectorAll("[data-kind]"));
// What stands there for no device in particular.
const general = Object.fromEntries(choices.map((choice) => [choice.dataset.kind, reasonOf(choice)]));
let suitable = null;

function reasonOf(choice) {
  return choice.querySelector("input").disabled ? choice.querySelector("[data-reason]").textContent : "";
}

// Only the devices of the chosen site.
function narrowDevices() {
  const site = siteList.value;
  const chosen = deviceList.value;
  for (const group of groups) group.remove();
  const shown = groups.filter((group) => !site || group.children[0].dataset.site === site);
  deviceList.append(...shown);
  deviceList.value = chosen;
  if (deviceList.value !== chosen) deviceList.selectedIndex = 0;
  const devices = shown.flatMap((group) => Array.from(group.children));
  if (site && devices.length === 1) devices[0].selected = true;
  if (deviceList.value !== chosen) askForChoices();
}

// What can be ordered for the chosen device, and who does it there.
async function askForChoices() {
  const device = deviceList.value;
  if (!device) {
    for (const choice of choices) showReason(choice, general[choice.dataset.kind]);
    return;
  }
  try {
    const answer = await fetch(`${ordering.dataset.ordering}?device=${encodeURIComponent(device)}`);
    if (!answer.ok || deviceList.value !== device) return;
    const { faults, partners: found } = await answer.json();
    suitable = found;
    for (const choice of choices) showReason(choice, faults[choice.dataset.kind]);
    narrowPartners();
  } catch {
    // Without the answer all choices stay; the server checks them.
  }
}

function showReason(choice, reason) {
  const radio = choice.querySelector("input");
  radio.disabled = Boolean(reason);
  if (reason) radio.checked = false;
  choice.classList.toggle("choice-barred", Boolean(reason));
  choice.querySelector("[data-reason]").textContent = reason;
}

// Only partners who do the chosen service; none chosen yet: who does any.
function narrowPartners() {
  if (!suitable) return;
  const kind = ordering.querySelector("[name=kind]:checked")?.value;
  const able = new Set((kind ? suitable[kind] : Object.values(suitable).flat()).map(String));
  const chosen = partnerList.value;
  for (const partner of partners) partner.remove();
  partnerList.append(...partners.filter((partner) => able.has(partner.value)));
  partnerList.value = able.has(chosen) ? chosen : "";
}

siteList.addEventListener("change", narrowDevices);
deviceList.addEventListener("change", askForChoices);
for (const radio of ordering.querySelectorAll("[name=kind]")) radio.addEventListener("change", narrowPartners);
narrowDevices();
askForChoices();
