// The tab of faults, the clock, and the deletion of all state.

import { control, region } from "./api.js";
import { byId, confirmed, element, handler } from "./elements.js";

let drawn = "";

export async function refresh() {
  const [{ faults }, clock] = await Promise.all([control.get("faults"), control.get("clock")]);
  const key = JSON.stringify(faults);
  if (key !== drawn || !byId("faults").children.length) {
    drawn = key;
    byId("faults").replaceChildren(...faults.map((fault) => element("li", { textContent: described(fault) })));
    if (!faults.length) byId("faults").append(element("li", { className: "empty", textContent: "no faults" }));
  }
  byId("now").textContent = new Date(clock.now * 1000).toISOString().replace("T", " ").slice(0, 19) + " UTC";
  byId("clock-kind").textContent = clock.manual
    ? "A manual clock: it stands still until it is advanced."
    : "The real time. Start the emulator with --clock manual to move its clock.";
  for (const each of byId("advance").elements) each.disabled = !clock.manual;
}

function described(fault) {
  const effects = [];
  if (fault.error) effects.push(fault.error + (fault.status ? ` (${fault.status})` : ""));
  if (fault.latency !== undefined) effects.push(`latency of ${[].concat(fault.latency).join(" to ")} s`);
  if (fault.reset) effects.push(fault.reset === "after" ? "reset after the operation" : "reset before the operation");
  if (fault.truncate !== undefined) effects.push(`response cut after ${fault.truncate} bytes`);
  let which = "all calls";
  if (fault.calls) which = `calls ${fault.calls.join(", ")}`;
  else if (fault.every) which = `one call in ${fault.every}`;
  else if (fault.probability !== undefined) which = `each call with probability ${fault.probability}`;
  const where = fault.region ? ` in ${fault.region}` : "";
  return `${fault.operation ?? "Every operation"}${where}: ${effects.join(", ")} for ${which}`;
}

function shown() {
  for (const [attribute, id] of [["effect", "fault-effect"], ["calls", "fault-calls"]]) {
    document.querySelectorAll(`[data-${attribute}]`).forEach((label) => {
      label.hidden = label.dataset[attribute] !== byId(id).value;
      label.querySelector("input").disabled = label.hidden;
    });
  }
}

function given() {
  const fault = {};
  const operation = byId("fault-operation").value.trim();
  if (operation) fault.operation = operation;
  const effect = byId("fault-effect").value;
  if (effect === "error") fault.error = byId("fault-error").value.trim();
  else if (effect === "latency") fault.latency = Number(byId("fault-latency").value);
  else if (effect === "truncate") fault.truncate = Number(byId("fault-truncate").value);
  else fault.reset = effect === "after" ? "after" : true;
  const which = byId("fault-calls").value;
  const value = which && byId(`fault-calls-${which}`).value;
  if (which === "calls") fault.calls = value.split(",").map(Number);
  else if (which) fault[which] = Number(value);
  return fault;
}

export function start() {
  byId("fault-effect").addEventListener("change", shown);
  byId("fault-calls").addEventListener("change", shown);
  shown();
  byId("new-fault").addEventListener("submit", handler(async (event) => {
    event.preventDefault();
    await control.post("faults", given());
    await refresh();
  }));
  byId("clear-faults").addEventListener("click", handler(async () => {
    await control.remove("faults");
    byId("faults-note").textContent = "";
    await refresh();
  }));
  byId("throttle").addEventListener("click", handler(async () => {
    await control.post("faults/throttle", { region: region() });
    byId("faults-note").textContent = `Operations in ${region()} are throttled until all faults are removed.`;
  }));
  byId("advance").addEventListener("submit", handler(async (event) => {
    event.preventDefault();
    await control.post("clock", { advance: Number(byId("seconds").value) * Number(byId("unit").value) });
    await refresh();
  }));
  byId("reset").addEventListener("click", handler(async () => {
    if (!(await confirmed("Delete all state of the emulator? This can't be undone."))) return;
    await control.post("reset");
    await refresh();
  }));
}
