// Before the first paint: a chosen theme never flashes the other one, and what needs a script shows.
(() => {
  const root = document.documentElement;
  const chosen = localStorage.getItem("theme");
  if (chosen) root.dataset.theme = chosen;
  root.dataset.script = "";
})();
