// Questions that apply only after a certain answer show and hide as one answers. Without this they all show, with a
// sentence that says when they apply; the server drops what does not.
"use strict";

function answerOf(form, name) {
  const field = form.elements[name];
  return field && "value" in field ? field.value : "";
}

function showWhatApplies(form) {
  // In the order of the page: what depends on a hidden question is hidden too.
  for (const item of form.querySelectorAll("[data-shown-if]")) {
    const name = item.dataset.shownIf;
    const other = form.querySelector(`[name="${CSS.escape(name)}"]`)?.closest(".checklist-item");
    const applies = !other?.hidden && item.dataset.shownFor.split(" ").includes(answerOf(form, name));
    item.hidden = !applies;
    for (const condition of item.querySelectorAll("[data-condition]")) condition.hidden = true;
  }
}

for (const form of document.forms) {
  if (!form.querySelector("[data-shown-if]")) continue;
  showWhatApplies(form);
  form.addEventListener("change", () => showWhatApplies(form));
}
window.addEventListener("pageshow", () => {
  for (const form of document.forms) if (form.querySelector("[data-shown-if]")) showWhatApplies(form);
});
