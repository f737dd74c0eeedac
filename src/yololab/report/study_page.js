"use strict";
// Sorting by a column's heading and filtering by words; everything is readable without it.
for (const section of document.querySelectorAll("#results")) {
  const body = section.querySelector("tbody");
  const rows = [...body.rows];
  section.querySelector("input").addEventListener("input", (event) => {
    const words = event.target.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
    }
  });
  const number = (text) => {
    const found = text.replace(/,/g, "").match(/[-+]?\d+(\.\d+)?/);
    return found ? parseFloat(found[0]) : NaN;
  };
  section.querySelectorAll("thead th").forEach((head, place) => {
    head.querySelector("button").addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") !== "descending";
      for (const other of section.querySelectorAll("thead th")) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const key = (row) => row.cells[place].textContent.trim();
      const order = (a, b) => {
        const first = key(a), second = key(b);
        if (!first || !second) return (first ? 0 : 1) - (second ? 0 : 1);
        const by = head.classList.contains("n") ? number(first) - number(second) : first.localeCompare(second);
        return down ? -by : by;
      };
      body.append(...rows.sort(order));
    });
  });
}
