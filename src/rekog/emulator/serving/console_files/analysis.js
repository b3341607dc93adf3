// The tab of an image: analyses, shapes on the image, and lists of results.

import { call } from "./api.js";
import { byId, element, handler, hideError, percent, showError, svg } from "./elements.js";
import { read } from "./images.js";

// For each kind: the operation, its further arguments, and the results of a response as {title, facts, confidence, shapes}.
const KINDS = {
  faces: {
    title: "Faces",
    operation: "DetectFaces",
    more: { Attributes: ["ALL"] },
    fewer: { Attributes: ["DEFAULT"] },
    results: (response) => response.FaceDetails.map(faceResult),
  },
  labels: {
    title: "Labels",
    operation: "DetectLabels",
    results: (response) =>
      response.Labels.map((each) => ({
        title: each.Name,
        facts: (each.Parents ?? []).map((parent) => parent.Name).join(" › "),
        confidence: each.Confidence,
        shapes: (each.Instances ?? []).map((instance) => corners(instance.BoundingBox)),
      })),
  },
  text: {
    title: "Text",
    operation: "DetectText",
    results: (response) =>
      response.TextDetections.filter((each) => each.Type === "LINE").map((each) => ({
        title: each.DetectedText,
        facts: "",
        confidence: each.Confidence,
        shapes: [each.Geometry.Polygon ?? corners(each.Geometry.BoundingBox)],
      })),
  },
  moderation: {
    title: "Moderation",
    operation: "DetectModerationLabels",
    results: (response) =>
      response.ModerationLabels.map((each) => ({
        title: each.Name,
        facts: each.ParentName ? `in ${each.ParentName}` : "",
        confidence: each.Confidence,
        shapes: [],
      })),
  },
};

let current = null;
let turn = 0;

const whole = (value) => Math.round(value) + 0;  // 0 in place of -0

function faceResult(face, index) {
  const facts = [];
  if (face.AgeRange) facts.push(`age ${face.AgeRange.Low}–${face.AgeRange.High}`);
  if (face.Gender) facts.push(face.Gender.Value.toLowerCase());
  for (const [name, words] of [["Smile", "smiles"], ["Eyeglasses", "glasses"], ["Sunglasses", "sunglasses"], ["Beard", "beard"]]) {
    if (face[name]?.Value) facts.push(words);
  }
  const emotion = [...(face.Emotions ?? [])].sort((one, other) => other.Confidence - one.Confidence)[0];
  if (emotion) facts.push(emotion.Type.toLowerCase());
  if (face.Pose) facts.push(`roll ${whole(face.Pose.Roll)}°, yaw ${whole(face.Pose.Yaw)}°`);
  return {
    title: `Face ${index + 1}`,
    facts: facts.join(", "),
    confidence: face.Confidence,
    shapes: [corners(face.BoundingBox)],
  };
}

function corners(box) {
  const [left, top, right, bottom] = [box.Left, box.Top, box.Left + box.Width, box.Top + box.Height];
  return [{ X: left, Y: top }, { X: right, Y: top }, { X: right, Y: bottom }, { X: left, Y: bottom }];
}

async function analyse(file) {
  hideError();
  const mine = ++turn;
  byId("image-note").textContent = "Reading the image…";
  const sent = await read(file);
  if (mine !== turn) return;
  current = sent;
  const image = byId("image");
  URL.revokeObjectURL(image.src);
  image.src = URL.createObjectURL(file);
  byId("analysis").hidden = false;
  await run(mine, file.name);
}

async function run(mine, name) {
  const sent = current;
  const { width, height } = sent.bitmap;
  byId("overlay").setAttribute("viewBox", `0 0 ${width} ${height}`);
  byId("overlay").replaceChildren();
  byId("results").replaceChildren();
  byId("chips").replaceChildren();
  const facts = `${name ? `${name}, ` : ""}${width} × ${height} pixels${sent.converted ? ", sent as a JPEG" : ""}`;
  byId("image-note").textContent = `${facts}: analysing…`;
  const chosen = [...document.querySelectorAll("#analyses input:checked")].map((box) => box.value);
  const counts = await Promise.all(chosen.map((kind) => show(kind, sent, mine)));
  if (mine === turn) byId("image-note").textContent = `${facts}: ${counts.join(", ") || "no analysis is chosen"}`;
}

async function show(kind, sent, mine) {
  const { title, results } = KINDS[kind];
  const list = element("ul");
  const count = element("span", { className: "hint", textContent: "…" });
  const section = element("section", { className: `result ${kind}` }, element("h2", {}, title, count), list);
  byId("results").append(section);
  let found;
  try {
    found = results(await response(KINDS[kind], sent));
  } catch (error) {
    count.remove();
    list.replaceChildren(element("li", {}, element("div", {}, element("p", { className: "failed", textContent: error.message }))));
    return `${title.toLowerCase()}: failed`;
  }
  if (mine !== turn) return "";
  count.textContent = String(found.length);
  list.append(...found.map((result) => entry(kind, result)));
  if (!found.length) list.append(element("li", {}, element("div", { className: "empty", textContent: "nothing found" })));
  tag();
  return `${title.toLowerCase()}: ${found.length}`;
}

// Without the networks of face attributes, only the default attributes are served.
async function response({ operation, more, fewer }, sent) {
  const body = { Image: { Bytes: sent.bytes } };
  try {
    return await call(operation, { ...body, ...more });
  } catch (error) {
    if (!fewer || error.name !== "NotServedByEmulator") throw error;
    return call(operation, { ...body, ...fewer });
  }
}

function entry(kind, result) {
  const groups = result.shapes.map((shape) => drawn(kind, shape, result));
  const content = [
    element("span", { className: "row" },
      element("span", { textContent: result.title }),
      element("span", { className: "number", textContent: percent(result.confidence) })),
    element("meter", { min: 0, max: 100, value: result.confidence, ariaHidden: "true" }),
  ];
  if (result.facts) content.push(element("span", { className: "facts", textContent: result.facts }));
  if (!groups.length) {  // a result for the whole image is shown below it
    byId("chips").append(element("span", { className: `chip ${kind}`, textContent: result.title }));
    return element("li", {}, element("div", {}, ...content));
  }
  const button = element("button", { type: "button", ariaPressed: "false" }, ...content);
  const activate = (active) => {
    byId("overlay").querySelectorAll("g").forEach((each) => each.classList.toggle("quiet", active));
    groups.forEach((each) => each.classList.toggle("active", active));
  };
  const pressed = () => button.ariaPressed === "true";
  const begin = () => activate(true);
  const end = () => {
    const held = byId("results").querySelector('button[aria-pressed="true"]');
    activate(pressed());
    if (!pressed() && held) held.dispatchEvent(new Event("hold"));
  };
  button.addEventListener("mouseenter", begin);
  button.addEventListener("mouseleave", end);
  button.addEventListener("focus", begin);
  button.addEventListener("blur", end);
  button.addEventListener("hold", begin);
  button.addEventListener("click", () => {
    const now = !pressed();
    byId("results").querySelectorAll("button").forEach((each) => { each.ariaPressed = "false"; });
    byId("overlay").querySelectorAll("g").forEach((each) => each.classList.remove("active"));
    button.ariaPressed = String(now);
    activate(now);
  });
  return element("li", {}, button);
}

function drawn(kind, shape, result) {
  const { width, height } = current.bitmap;
  const points = shape.map(({ X, Y }) => `${X * width},${Y * height}`).join(" ");
  const left = Math.min(...shape.map(({ X }) => X)) * width;
  const top = Math.min(...shape.map(({ Y }) => Y)) * height;
  const name = svg("text");
  name.textContent = kind === "faces" ? result.title : `${result.title}`.slice(0, 40);
  const group = svg("g", { class: kind, "data-left": left, "data-top": top },
    svg("polygon", { class: "halo", points }), svg("polygon", { class: "shape", points }),
    svg("g", { class: "tag" }, svg("rect", { rx: 2 }), name));
  byId("overlay").append(group);
  return group;
}

// Give the captions a constant size on the screen, whatever the size of the image.
function tag() {
  if (!current) return;
  const { width, height } = current.bitmap;
  const unit = width / (byId("overlay").clientWidth || width);
  for (const group of byId("overlay").querySelectorAll("g[data-left]")) {
    const text = group.querySelector("text");
    const rect = group.querySelector("rect");
    text.setAttribute("font-size", 12.5 * unit);
    const wide = text.getComputedTextLength() + 10 * unit;
    const high = 18 * unit;
    const left = Math.max(0, Math.min(Number(group.dataset.left), width - wide));
    const top = Math.max(0, Math.min(Number(group.dataset.top) - high, height - high));
    for (const [name, value] of Object.entries({ x: left, y: top, width: wide, height: high })) rect.setAttribute(name, value);
    text.setAttribute("x", left + 5 * unit);
    text.setAttribute("y", top + 13 * unit);
  }
}

function chosen(file) {
  if (!file) return;
  analyse(file).catch((error) => {
    byId("image-note").textContent = "";
    showError(error);
  });
}

export function start(show_tab) {
  const input = byId("image-file");
  input.addEventListener("change", () => {
    chosen(input.files[0]);
    input.value = "";  // so that the same file can be chosen again
  });
  byId("analyses").addEventListener("change", handler(async () => {
    if (current) await run(++turn, "");
  }));
  new ResizeObserver(tag).observe(byId("stage"));
  addEventListener("dragover", (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    document.body.classList.add("dragging");
  });
  addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) document.body.classList.remove("dragging");
  });
  addEventListener("drop", (event) => {
    event.preventDefault();
    document.body.classList.remove("dragging");
    if (event.dataTransfer.files.length) show_tab("image");
    chosen(event.dataTransfer.files[0]);
  });
  addEventListener("paste", (event) => {
    if (!byId("panel-image").hidden) chosen([...(event.clipboardData?.files ?? [])][0]);
  });
}
