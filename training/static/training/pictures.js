// Draws what moves in place of the drawing of each <figure data-picture>, also of those that come
// later; each kind in a module of its own, by its name, which is fetched when there is one to draw.

import { onThemeChange } from "../operations/plot.js";

const DRAWN_BY = {
  equity: () => import("./equity.js"),
  price: () => import("./price.js"),
};

async function draw(figure) {
  const module = await DRAWN_BY[figure.dataset.picture]?.();
  if (!module) return;
  const data = JSON.parse(figure.querySelector(":scope > script[type='application/json']").textContent);
  figure.redraw = () => module.draw(figure, data);
  figure.redraw();
}

function drawNew() {
  for (const figure of document.querySelectorAll("[data-picture]:not([data-drawn])")) {
    figure.dataset.drawn = "";
    draw(figure);
  }
}

drawNew();
document.addEventListener("htmx:afterSettle", drawNew);
onThemeChange(() => document.querySelectorAll("[data-drawn]").forEach((figure) => figure.redraw?.()));
