// The start page: faults lead to their line, a changed text is not replaced unasked, one start.

const form = document.getElementById("start-form");
const text = () => document.getElementById("id_strategy_yaml");

function showLine(number) {
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
  if (event.detail.target.id === "preview") event.detail.target.classList.remove("stale");
});

form.addEventListener("input", () => document.getElementById("preview").classList.add("stale"));

form.addEventListener("submit", (event) => {
  if (event.submitter?.id !== "start-button") return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
});

addEventListener("pageshow", () => delete form.dataset.sent);
