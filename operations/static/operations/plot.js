// What every plot of uPlot's has in common: the theme's colours, axes, and to be drawn again in
// another theme.

export const EPOCHS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 2e5, 5e5, 1e6];

/** A colour of the theme, by its custom property, as a canvas understands it. */
export function color(name) {
  const probe = document.createElement("i");
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const resolved = getComputedStyle(probe).color;
  probe.remove();
  return resolved;
}

export function axis(extra = {}) {
  const line = { stroke: color("--line"), width: 1 };
  return { stroke: color("--ink-soft"), grid: line, ticks: line, ...extra };
}

export function onThemeChange(redraw) {
  document.addEventListener("themechange", redraw);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
}
