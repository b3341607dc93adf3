// The tab of recent calls, which polls while it is visible.

import { control } from "./api.js";
import { breakable, byId, element, handler } from "./elements.js";

const SHOWN = 200;

let calls = [];
let drawn = null;

export async function refresh() {
  if (byId("paused").checked) return;
  calls = (await control.get(`calls?last=${SHOWN}`)).calls;
  draw();
}

function draw() {
  const filter = byId("call-filter").value.trim().toLowerCase();
  const onlyErrors = byId("only-errors").checked;
  const shown = calls.filter((each) =>
    each.operation.toLowerCase().includes(filter) && (!onlyErrors || each.status !== 200)).reverse();
  byId("calls-count").textContent = `${shown.length} of the last ${calls.length} calls`;
  const key = shown.map((each) => each.request_id).join();
  if (key === drawn) return;  // keep the focus, and the selection of text
  drawn = key;
  const focused = document.activeElement?.dataset?.request;
  byId("calls").replaceChildren(...shown.map(row));
  if (!shown.length) {
    byId("calls").append(element("tr", {}, element("td", { colSpan: 5, className: "empty", textContent: "no calls" })));
  }
  if (focused) byId("calls").querySelector(`[data-request="${CSS.escape(focused)}"]`)?.focus();
}

function row(call) {
  const time = new Date(call.time * 1000);
  const button = element("button", { type: "button" }, ...breakable(call.operation || "(no operation)"));
  button.dataset.request = call.request_id;
  button.setAttribute("aria-haspopup", "dialog");
  button.addEventListener("click", () => open(call));
  return element("tr", { className: call.status === 200 ? "" : "error" },
    element("td", { textContent: time.toLocaleTimeString([], { hour12: false }), title: time.toISOString() }),
    element("td", {}, button),
    element("td", { textContent: call.status ?? "no response" }),
    element("td", {}, ...breakable(call.error ?? "")),
    element("td", { textContent: call.region }));
}

function open(call) {
  byId("call-title").textContent = call.operation || "Call without an operation";
  const facts = {
    Time: new Date(call.time * 1000).toISOString(), Status: call.status ?? "no response", Error: call.error,
    Account: call.account, Region: call.region, "Request id": call.request_id,
  };
  byId("call-facts").replaceChildren(...Object.entries(facts).filter(([, value]) => value).flatMap(([name, value]) =>
    [element("dt", { textContent: name }), element("dd", { textContent: value })]));
  byId("call-request").textContent = JSON.stringify(call.request, null, 2);
  byId("call").showModal();
}

export function start() {
  byId("call-filter").addEventListener("input", draw);
  byId("only-errors").addEventListener("change", draw);
  byId("paused").addEventListener("change", handler(refresh));
  byId("clear-calls").addEventListener("click", handler(async () => {
    await control.remove("calls");
    calls = [];
    draw();
  }));
}
