// Passkeys. The browser asks the person; its answer is sent by the form. Loaded after allauth's webauthn-json.js.
"use strict";

// A form with data-passkey waits with being sent until the browser has answered. The question stands in the page, or,
// where there is none because nobody is known yet, at the address that the form is sent to.
async function answerFor(form) {
  const { request_options: known, creation_options: wanted } = await questionFor(form);
  if (known) return webauthnJSON.get(known);
  // One that the device offers by itself, so that nobody has to type an address.
  Object.assign(wanted.publicKey.authenticatorSelection, { residentKey: "required", requireResidentKey: true });
  return webauthnJSON.create(wanted);
}

async function questionFor(form) {
  const inPage = document.getElementById("passkey-question");
  if (inPage) return JSON.parse(inPage.textContent);
  const answer = await fetch(form.action, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  return answer.json();
}

function prepare(form) {
  const problem = form.querySelector("[data-passkey-problem]");
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    event.stopPropagation();
    problem.hidden = true;
    try {
      form.elements.credential.value = JSON.stringify(await answerFor(form));
      form.submit();
    } catch {
      // The person has changed their mind, or the device has no passkey for this place.
      problem.hidden = false;
    }
  });
}

if (window.PublicKeyCredential) {
  document.querySelectorAll("[data-passkey-missing]").forEach((words) => { words.hidden = true; });
  document.querySelectorAll("form[data-passkey]").forEach(prepare);
}
