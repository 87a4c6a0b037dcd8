// Runs a page's scripts, in their order, once the page has been painted: what it says needs none of
// them, and they would share the processor with what paints it. `data-script` says that they have run.

const root = document.documentElement;

const LATEST_MS = 500; // not every browser tells what it has painted

const painted = new Promise((done) => {
  new PerformanceObserver(done).observe({ type: "paint", buffered: true });
  setTimeout(done, LATEST_MS);
  document.addEventListener("visibilitychange", done, { once: true });
  if (document.hidden) done(); // nothing is painted
});
const loaded = new Promise((done) => {
  if (document.readyState === "complete") done(); // htmx begins at once only then
  else addEventListener("load", done, { once: true });
});

/** Whether it runs or is not there: then it is over. */
function run({ name, content }) {
  const script = document.createElement("script");
  script.src = content;
  script.async = false; // in the order in which they are added
  if (name === "module") script.type = "module";
  return new Promise((done) => {
    script.onload = script.onerror = done;
    document.head.append(script);
  });
}

await Promise.all([painted, loaded]);
root.setAttribute("hx-disable", ""); // until what extends htmx is there, too
await Promise.all([...document.querySelectorAll("meta[name=script], meta[name=module]")].map(run));
root.removeAttribute("hx-disable");
htmx.process(document.body);
root.dataset.script = "";
