// What every page has: the theme, the keyboard, copying, and telling screen readers what changed.

const root = document.documentElement;

// The theme is the reader's choice, kept where the admin keeps it. A cookie tells the server, so that a
// page comes in it: none is painted in another one first.
const ROOT = new URL("../../../", import.meta.url).pathname; // of the site, above static/VERSION/operations/
const A_YEAR = 365 * 86400; // seconds

function wear(theme) {
  if (theme) root.dataset.theme = theme;
  else delete root.dataset.theme;
  const isSecure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `theme=${theme}; path=${ROOT}; max-age=${theme ? A_YEAR : 0}; samesite=lax${isSecure}`;
}

const kept = localStorage.getItem("theme");
const chosen = ["light", "dark"].includes(kept) ? kept : ""; // the admin can choose "auto", too
if (chosen !== (root.dataset.theme ?? "")) wear(chosen);

function isDark() {
  const { theme } = root.dataset;
  return theme ? theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

function toggleTheme() {
  wear(isDark() ? "light" : "dark");
  localStorage.setItem("theme", root.dataset.theme);
  document.dispatchEvent(new CustomEvent("themechange"));
}

// On a phone the pages' names are wider than it: this one's is in sight.
const nav = document.querySelector(".nav");
const here = nav?.querySelector("[aria-current]");
if (here) nav.scrollLeft = here.offsetLeft - nav.offsetLeft - (nav.clientWidth - here.offsetWidth) / 2;

export function announce(words) {
  document.getElementById("announcer").textContent = words;
}

async function copy(button) {
  await navigator.clipboard.writeText(button.dataset.copy);
  button.classList.add("copied");
  announce("Copied");
  setTimeout(() => button.classList.remove("copied"), 1500);
}

// Signed out meanwhile: the fragment would be the sign-in page. It comes in place of the whole page,
// and leads back; what was typed is kept by whoever listens.
document.addEventListener("htmx:beforeOnLoad", (event) => {
  if (!new URL(event.detail.xhr.responseURL).pathname.endsWith("/login/")) return;
  event.preventDefault();
  document.dispatchEvent(new CustomEvent("signedout"));
  location.reload();
});

// A form's draft lasts through signing in again, and no longer: another page of one's own ends it.
const mayKeep = "#start-form, [data-keeps-draft]";
if (document.querySelector(".sign-out") && !document.querySelector(mayKeep)) {
  sessionStorage.removeItem("start-draft");
}

const KEYS = {
  "/": () => focusOn("[data-key='/']"),
  r: () => focusOn("[data-key='r']"),
  c: () => focusOn("[data-key='c']"),
  "?": () => document.getElementById("help").showModal(),
};

function focusOn(selector) {
  const found = [...document.querySelectorAll(selector)].find((element) => !element.disabled);
  found?.focus();
  found?.select?.();
  return Boolean(found);
}

function isTyping(target) {
  return target.closest("input:not([type=checkbox]), textarea, select, [contenteditable], dialog");
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  if (!Object.hasOwn(KEYS, event.key)) return;
  event.preventDefault();
  KEYS[event.key]();
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if ("themeToggle" in button.dataset) toggleTheme();
  if ("helpOpen" in button.dataset) KEYS["?"]();
  if ("copy" in button.dataset) copy(button);
});
