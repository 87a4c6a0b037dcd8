// The start page: faults lead to their line, a changed text is not replaced unasked, one start.

const form = document.getElementById("start-form");
const text = () => document.getElementById("id_strategy_yaml");

function showLine(number) {
  if (!document.dispatchEvent(new CustomEvent("show-line", { detail: number, cancelable: true }))) return; // editor.js
  const lines = text().value.split("\n");
  const begin = lines.slice(0, number - 1).join("\n").length + (number > 1 ? 1 : 0);
  text().focus();
  text().setSelectionRange(begin, begin + (lines[number - 1] ?? "").length);
  const height = text().scrollHeight / lines.length;
  text().scrollTop = Math.max(0, (number - 5) * height);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-line]");
  if (button) showLine(Number(button.dataset.line));
});

document.body.addEventListener("htmx:confirm", (event) => {
  if (event.detail.elt.id !== "id_shipped" || text().value === text().defaultValue) return;
  if (!confirm("Replace the text that you changed?")) event.preventDefault();
});

// Who is told to come again, or that a newer preview counts, reads so where the preview would be.
document.body.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.target.id === "preview" && [409, 429].includes(detail.xhr.status)) {
    detail.shouldSwap = true;
  }
});

document.body.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target.id === "text") form.dispatchEvent(new Event("input"));
  if (event.detail.target.id !== "preview") return;
  event.detail.target.classList.toggle("stale", wasChanged);
  form.dispatchEvent(new Event("previewed")); // the check knows what the preview has found
});

// A preview takes its time: what is changed meanwhile is not what it shows.
let wasChanged = false;
document.body.addEventListener("htmx:beforeRequest", ({ detail }) => {
  if (detail.target.id === "preview") wasChanged = false;
});

form.addEventListener("input", () => {
  wasChanged = true;
  document.getElementById("preview").classList.add("stale");
});

form.addEventListener("submit", (event) => {
  if (event.submitter?.id !== "start-button") return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
});

addEventListener("pageshow", () => delete form.dataset.sent);

// -- What is typed survives the end of its session: kept in this tab under its user's id, put back
// when the same user comes back to it, thrown away when anybody else comes. Another page of one's
// own ends it, too (dashboard.js).

const DRAFT = "start-draft";
const KEPT = "textarea[name], input[name]:not([type=hidden]), select[name]";

function keep() {
  const fields = [...form.querySelectorAll(KEPT)].map(({ name, value }) => [name, value]);
  const draft = { user: form.dataset.user, search: location.search, fields: Object.fromEntries(fields) };
  sessionStorage.setItem(DRAFT, JSON.stringify(draft));
}

function putBack() {
  const draft = JSON.parse(sessionStorage.getItem(DRAFT) ?? "null");
  sessionStorage.removeItem(DRAFT);
  if (draft?.user !== form.dataset.user || !["", draft.search].includes(location.search)) return;
  for (const field of form.querySelectorAll(KEPT)) {
    if (field.name in draft.fields) field.value = draft.fields[field.name];
  }
  keep();
}

putBack();
form.addEventListener("input", keep);
document.addEventListener("signedout", keep);
document.body.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (detail.target.id === "text") keep();
});
