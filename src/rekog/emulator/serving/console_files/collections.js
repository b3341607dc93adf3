// The tab of collections: their faces, indexing and searching.

import { call, look } from "./api.js";
import { byId, confirmed, element, handler, percent, svg } from "./elements.js";
import { crop, read } from "./images.js";

// The emulator stores embeddings, not pixels: crops exist for the faces that this page has indexed.
const crops = new Map();
const PAGE = 60;

let current = "";
let token;
let matches = new Map();

export async function refresh() {
  const ids = [];
  let next;
  do {
    const page = await look("ListCollections", next ? { NextToken: next } : {});
    ids.push(...page.CollectionIds);
    next = page.NextToken;
  } while (next);
  if (!ids.includes(current)) current = ids[0] ?? "";
  byId("collections").replaceChildren(...ids.map((id) => {
    const button = element("button", { type: "button", textContent: id });
    button.setAttribute("aria-current", String(id === current));
    button.addEventListener("click", handler(() => open(id)));
    return element("li", {}, button);
  }));
  if (!ids.length) byId("collections").append(element("li", { className: "empty", textContent: "no collections in this Region" }));
  byId("collection").hidden = !current;
  if (current) await list();
}

async function open(id) {
  current = id;
  matches = new Map();
  byId("collection-note").textContent = "";
  await refresh();
}

async function list() {
  const id = current;
  const facts = await look("DescribeCollection", { CollectionId: id });
  const page = await look("ListFaces", { CollectionId: id, MaxResults: PAGE });
  if (id !== current) return;
  byId("collection-name").textContent = id;
  byId("collection-facts").textContent =
    `faces: ${facts.FaceCount}, users: ${facts.UserCount ?? 0}, face model ${facts.FaceModelVersion}`;
  byId("faces").replaceChildren();
  add(page);
  if (!page.Faces.length) byId("faces").append(element("li", { className: "empty", textContent: "no faces yet" }));
}

function add(page) {
  const faces = [...page.Faces].sort((one, other) => (matches.get(other.FaceId) ?? 0) - (matches.get(one.FaceId) ?? 0));
  byId("faces").append(...faces.map(card));
  token = page.NextToken;
  byId("more-faces").hidden = !token;
}

function card(face) {
  const similarity = matches.get(face.FaceId);
  const name = face.ExternalImageId || "without external image id";
  const remove = element("button", { type: "button", className: "danger", textContent: "Delete" });
  remove.setAttribute("aria-label", `Delete the face ${name}`);
  remove.addEventListener("click", handler(async () => {
    const result = await call("DeleteFaces", { CollectionId: current, FaceIds: [face.FaceId] });
    const kept = result.UnsuccessfulFaceDeletions?.[0];
    byId("collection-note").textContent = kept ? `Not deleted: ${kept.Reasons.join(", ")}` : "The face is deleted.";
    await list();
  }));
  const facts = [`confidence ${percent(face.Confidence)}`, face.FaceId.slice(0, 8)];
  if (face.UserId) facts.unshift(`user ${face.UserId}`);
  const parts = [portrait(face), element("strong", { textContent: name })];
  if (similarity !== undefined) parts.push(element("div", { className: "similarity", textContent: `similarity ${percent(similarity)}` }));
  parts.push(element("div", { className: "facts", textContent: facts.join(" · "), title: face.FaceId }), remove);
  return element("li", { className: similarity === undefined ? "" : "match" }, ...parts);
}

function portrait(face) {
  const kept = crops.get(face.FaceId);
  if (kept) {
    const copy = element("canvas", { width: kept.width, height: kept.height, role: "img", ariaLabel: "The indexed face" });
    copy.getContext("2d").drawImage(kept, 0, 0);
    return copy;
  }
  const { Left, Top, Width, Height } = face.BoundingBox;
  return svg("svg", { viewBox: "-2 -2 104 104", role: "img", "aria-label": "The place of the face in its image" },
    svg("rect", { class: "frame", width: 100, height: 100, rx: 3 }),
    svg("rect", { class: "place", x: Left * 100, y: Top * 100, width: Width * 100, height: Height * 100, rx: 2 }));
}

// The person may open another collection during these requests, so both functions keep the one that they began with.

async function index(files) {
  const id = current;
  let indexed = 0;
  const rejected = [];
  const given = byId("external-id").value.trim();
  for (const file of files) {
    byId("collection-note").textContent = `Indexing ${file.name}…`;
    try {
      const sent = await read(file);
      const result = await call("IndexFaces", {
        CollectionId: id,
        Image: { Bytes: sent.bytes },
        ExternalImageId: given || file.name.replace(/[^a-zA-Z0-9_.:-]/g, "_").slice(-255),
      });
      for (const { Face: face } of result.FaceRecords) crops.set(face.FaceId, crop(sent.bitmap, face.BoundingBox));
      indexed += result.FaceRecords.length;
      if (!result.FaceRecords.length) rejected.push(`${file.name}: no face that is good enough`);
    } catch (error) {
      rejected.push(`${file.name}: ${error.message}`);
    }
  }
  await list();
  const where = id === current ? "" : ` in ${id}`;
  byId("collection-note").textContent =
    [`Indexed ${indexed} ${indexed === 1 ? "face" : "faces"}${where}.`, ...rejected].join(" ");
}

async function search(file) {
  const id = current;
  byId("collection-note").textContent = `Searching by ${file.name}…`;
  try {
    const sent = await read(file);
    const result = await call("SearchFacesByImage", {
      CollectionId: id, Image: { Bytes: sent.bytes }, FaceMatchThreshold: 80, MaxFaces: 100,
    });
    if (id !== current) return;
    matches = new Map(result.FaceMatches.map((each) => [each.Face.FaceId, each.Similarity]));
    await list();
    byId("collection-note").textContent = `${matches.size} ${matches.size === 1 ? "match" : "matches"} for the largest face of ${file.name}.`;
  } catch (error) {
    byId("collection-note").textContent = "";
    throw error;
  }
}

function whenChosen(id, work) {
  byId(id).addEventListener("change", handler(async () => {
    const files = [...byId(id).files];
    byId(id).value = "";
    if (files.length) await work(files);
  }));
}

export function start() {
  byId("new-collection").addEventListener("submit", handler(async (event) => {
    event.preventDefault();
    const id = byId("collection-id").value.trim();
    await call("CreateCollection", { CollectionId: id });
    byId("collection-id").value = "";
    await open(id);
  }));
  byId("collection-delete").addEventListener("click", handler(async () => {
    if (!(await confirmed(`Delete the collection ${current} with all its faces?`))) return;
    await call("DeleteCollection", { CollectionId: current });
    await refresh();
  }));
  byId("more-faces").addEventListener("click", handler(async () => {
    const id = current;
    const page = await look("ListFaces", { CollectionId: id, MaxResults: PAGE, NextToken: token });
    if (id === current) add(page);
  }));
  byId("index-form").addEventListener("submit", (event) => event.preventDefault());
  whenChosen("index-file", index);
  whenChosen("search-file", ([file]) => search(file));
}
