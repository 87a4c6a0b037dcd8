// Beside the editor: the fuzzy sets over their bars as they are typed. Asked for when the check has found no
// fault, and only while somebody sees them. A newer question ends the one before, so no old answer comes late.

const CLOSED = "typed-sets-closed";
const RETRY_SECONDS = 5;
const form = document.getElementById("start-form");
const panel = document.getElementById("typed-sets");
const drawn = panel.querySelector(".drawn-sets");
const note = panel.querySelector("[role=status]");

let asked = ""; // what the newest question was of
let question = new AbortController();
let again;

/** What is in the form, but for what only a preview has added. */
function fields() {
  const body = new URLSearchParams(new FormData(form));
  body.delete("previewed");
  body.set("action", "sets");
  return body;
}

function end() {
  question.abort();
  clearTimeout(again);
  asked = "";
}

/** Draw what the form says now, if that is not what was drawn, or is being drawn. */
function follow() {
  if (!panel.open || document.hidden) return end();
  if (document.querySelector("#check .error")) {
    end();
    return behind("The text has a fault.");
  }
  const body = fields();
  if (`${body}` === asked) return;
  end();
  asked = `${body}`;
  question = new AbortController();
  ask(body, question.signal);
}

async function ask(body, signal) {
  const sent = { method: "POST", body, signal, headers: { "HX-Request": "true" } };
  const answer = await fetch(location.pathname, sent).catch(() => undefined);
  const text = await answer?.text().catch(() => undefined);
  if (signal.aborted) return;
  if (answer?.ok && !answer.redirected && text !== undefined) {
    return answer.headers.get("Content-Type").startsWith("text/plain") ? behind(text) : show(text);
  }
  asked = ""; // busy, or away
  again = setTimeout(follow, 1000 * (Number(answer?.headers.get("Retry-After")) || RETRY_SECONDS));
}

function show(html) {
  const before = pictures();
  drawn.innerHTML = html;
  drawn.dataset.hasSets = "";
  note.hidden = true;
  const changed = [...pictures()].find(([name, { outerHTML }]) => before.has(name) && before.get(name).outerHTML !== outerHTML);
  if (changed) bringIntoView(changed[1]);
}

function pictures() {
  return new Map([...drawn.querySelectorAll("[data-of]")].map((figure) => [figure.dataset.of, figure]));
}

/** In the panel alone: who types is not moved. */
function bringIntoView(figure) {
  const box = drawn.getBoundingClientRect();
  const place = figure.getBoundingClientRect();
  if (place.top < box.top || place.bottom > box.bottom) drawn.scrollTop += place.top - box.top;
}

function behind(why) {
  const words = "hasSets" in drawn.dataset ? `${why} What is drawn is from before that.` : why;
  if (!note.hidden && note.lastElementChild.textContent === words) return; // said already
  note.lastElementChild.textContent = words;
  note.hidden = false;
}

panel.open = !localStorage.getItem(CLOSED);
panel.addEventListener("toggle", () => {
  if (panel.open) localStorage.removeItem(CLOSED);
  else localStorage.setItem(CLOSED, "yes");
  follow();
});
document.addEventListener("visibilitychange", follow);
document.body.addEventListener("htmx:afterSwap", ({ detail }) => detail.target.id === "check" && follow());
if (document.querySelector("#check .message")) follow();
