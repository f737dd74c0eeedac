"use strict";
// Asks for the study's state every two seconds and shows it; text of runs only ever becomes text.
const SVG = "http://www.w3.org/2000/svg";
const at = (id) => document.getElementById(id);
const make = (name, kind, text) => {
  const found = document.createElement(name);
  if (kind) found.className = kind;
  if (text !== undefined) found.textContent = text;
  return found;
};
const draw = (name, values, text) => {
  const found = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(values)) found.setAttribute(key, value);
  if (text !== undefined) found.textContent = text;
  return found;
};
const lasts = (seconds) => {
  const minutes = Math.round(seconds / 60);
  if (seconds < 90) return `${Math.round(seconds)} s`;
  return minutes < 90 ? `${minutes} min` : `${(seconds / 3600).toFixed(1)} h`;
};
const cells = new Map();
const cell = (run) => {
  let found = cells.get(run.run);
  if (!found) {
    found = { box: make("a"), name: make("b"), id: make("small"), track: make("div", "track"), bar: make("i"),
      state: make("span", "state"), epochs: make("span"), score: make("span"), why: make("small") };
    found.box.href = `/run/${encodeURIComponent(run.run)}`;
    found.track.append(found.bar);
    const line = make("div", "line");
    line.append(found.state, found.epochs, found.score);
    found.box.append(found.name, found.id, found.track, line, found.why);
    cells.set(run.run, found);
    at("cells").append(found.box);
  }
  const share = /^done/.test(run.state) ? 1 : run.epochs ? run.epoch / run.epochs : 0;
  found.box.className = `cell ${run.state.split(" ")[0]}`;
  found.name.textContent = run.label || run.run;
  found.id.textContent = run.label ? run.run : "";
  found.bar.style.width = `${Math.round(100 * share)}%`;
  found.state.textContent = run.state;
  found.epochs.textContent = run.epochs ? `${run.epoch}/${run.epochs}` : "";
  found.score.textContent = run.mAP === null ? "" : `mAP ${run.mAP.toFixed(1)}`;
  found.why.textContent = run.why;
};
const curves = (runs) => {
  const known = runs.filter((run) => run.curve.length > 1);
  const svg = at("curves");
  svg.replaceChildren();
  const last = Math.max(2, ...known.map((run) => run.curve.at(-1)[0]));
  const most = Math.max(1, ...known.flatMap((run) => run.curve.map((point) => point[1]))) * 1.05;
  const x = (epoch) => 46 + ((epoch - 1) / (last - 1)) * 840;
  const y = (value) => 262 - (value / most) * 240;
  const step = [1, 2, 5, 10, 20].find((one) => most / one <= 6) || 20;
  for (let value = 0; value <= most; value += step) {
    svg.append(draw("line", { x1: 46, x2: 886, y1: y(value), y2: y(value) }));
    svg.append(draw("text", { x: 38, y: y(value) + 4, class: "end" }, String(value)));
  }
  const jump = Math.max(1, Math.ceil(last / 8));
  for (let epoch = 1; epoch <= last; epoch += jump) {
    svg.append(draw("text", { x: x(epoch), y: 282, class: "mid" }, String(epoch)));
  }
  for (const run of known) {
    const line = draw("polyline", { points: run.curve.map((point) => `${x(point[0])},${y(point[1])}`).join(" ") });
    line.append(draw("title", {}, run.label || run.run));
    svg.append(line);
  }
};
let shown = "";
const pictures = (runs) => {
  const found = runs.flatMap((run) => run.pictures.map((name) => [run, name])).slice(-9);
  const key = JSON.stringify(found.map(([run, name]) => run.run + name));
  if (key === shown) return;
  shown = key;
  at("shots").hidden = found.length === 0;
  at("gallery").replaceChildren(...found.map(([run, name]) => {
    const figure = make("figure"), image = make("img");
    image.src = `/picture/${run.run}/${name.split("/").map(encodeURIComponent).join("/")}`;
    image.alt = `${run.label || run.run}: ${name}`;
    figure.append(image, make("figcaption", "", image.alt));
    return figure;
  }));
};
const tell = (state) => {
  const counts = new Map();
  for (const run of state.runs) counts.set(run.state, (counts.get(run.state) || 0) + 1);
  at("tiles").replaceChildren(...[...counts].map(([word, count]) => {
    const tile = make("div", "tile");
    tile.append(make("b", "", String(count)), make("span", "", word));
    return tile;
  }));
  const line = `${state.runs.length} runs` + (state.left === null ? "" : `, about ${lasts(state.left)} left`);
  if (at("line").textContent !== line) at("line").textContent = line;
  state.runs.forEach(cell);
  curves(state.runs);
  pictures(state.runs);
};
const ask = async () => {
  try {
    const answer = await fetch("/state.json", { cache: "no-store" });
    if (answer.ok) tell(await answer.json());
  } catch {
    at("line").textContent = "the server does not answer any more; what stands below is what it said last";
  }
  setTimeout(ask, 2000);
};
ask();
