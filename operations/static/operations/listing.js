// Selecting rows: all at once, and still after a row was swapped.

const bulk = document.getElementById("bulk");
const all = document.querySelector("[data-pick-all]");
const boxes = () => [...document.querySelectorAll(".operations tbody [type=checkbox]")];
const picked = new Set();

function tell() {
  const words = picked.size ? `With the ${picked.size} selected:` : "With the selected:";
  bulk.querySelector("[data-picked]").textContent = words;
  all.checked = picked.size > 0 && boxes().every((box) => box.checked);
}

if (all) {
  all.addEventListener("change", () => {
    for (const box of boxes()) {
      box.checked = all.checked;
      all.checked ? picked.add(box.value) : picked.delete(box.value);
    }
    tell();
  });
  document.addEventListener("change", ({ target }) => {
    if (!target.matches(".operations tbody [type=checkbox]")) return;
    target.checked ? picked.add(target.value) : picked.delete(target.value);
    tell();
  });
  document.addEventListener("htmx:afterSwap", () => {
    for (const box of boxes()) box.checked = picked.has(box.value);
    tell();
  });
  for (const box of boxes()) if (box.checked) picked.add(box.value); // kept by going back
  tell();
}
