// The console: its tabs, the state of the server, and the polls of the visible tab.

import * as analysis from "./analysis.js";
import { control } from "./api.js";
import * as calls from "./calls.js";
import * as collections from "./collections.js";
import { byId, element, handler, hideError, showError } from "./elements.js";
import * as faults from "./faults.js";

const POLL_MILLISECONDS = 2000;
const TABS = ["image", "collections", "calls", "faults"];
const POLLED = { calls, faults };

let visible = "";
let regionIsChosen = false;

function show(name) {
  if (name === visible) return;
  visible = name;
  hideError();
  for (const each of TABS) {
    const tab = byId(`tab-${each}`);
    tab.setAttribute("aria-selected", String(each === name));
    tab.tabIndex = each === name ? 0 : -1;
    byId(`panel-${each}`).hidden = each !== name;
  }
  history.replaceState(null, "", `#${name}`);
  if (name === "collections") collections.refresh().catch(showError);
  if (POLLED[name]) POLLED[name].refresh().catch(showError);
}

function named(hash) {
  const name = hash.slice(1);
  return TABS.includes(name) ? name : TABS[0];
}

function onKey(event) {
  const steps = { ArrowRight: 1, ArrowLeft: -1 };
  const index = TABS.indexOf(visible);
  let next;
  if (event.key in steps) next = (index + steps[event.key] + TABS.length) % TABS.length;
  else if (event.key === "Home") next = 0;
  else if (event.key === "End") next = TABS.length - 1;
  else return;
  event.preventDefault();
  show(TABS[next]);
  byId(`tab-${TABS[next]}`).focus();
}

function setServer(text, state) {
  const line = byId("server");
  if (line.textContent !== text) line.textContent = text;
  line.className = state;
}

async function connect() {
  const [{ version }, scope] = await Promise.all([control.get("health"), control.get("operations")]);
  setServer(`version ${version}, account ${scope.account}`, "up");
  byId("operations").replaceChildren(...scope.operations.map((value) => element("option", { value })));
  const regions = new Set([...scope.regions, scope.region ?? "us-east-1"]);
  byId("regions").replaceChildren(...[...regions].map((value) => element("option", { value })));
  if (scope.region) {
    byId("region").value = scope.region;
    byId("region").disabled = true;
    byId("region").title = "The emulator has this Region only.";
  } else if (!regionIsChosen && scope.regions.length && !scope.regions.includes("us-east-1")) {
    byId("region").value = scope.regions[0];
  }
}

// Poll again after each response, so that a slow emulator does not get more requests than it serves.
async function poll() {
  if (!document.hidden) {
    try {
      if (byId("server").className !== "up") await connect();
      if (POLLED[visible]) await POLLED[visible].refresh();
    } catch (error) {
      setServer(error.message, "down");
    }
  }
  setTimeout(poll, POLL_MILLISECONDS);
}

for (const name of TABS) byId(`tab-${name}`).addEventListener("click", () => show(name));
document.querySelector("[role=tablist]").addEventListener("keydown", onKey);
addEventListener("hashchange", () => show(named(location.hash)));
byId("region").addEventListener("change", handler(async () => {
  regionIsChosen = true;
  await collections.refresh();
}));
analysis.start(show);
collections.start();
calls.start();
faults.start();
connect()
  .catch((error) => setServer(error.message, "down"))
  .finally(() => {
    show(named(location.hash));
    setTimeout(poll, POLL_MILLISECONDS);
  });
