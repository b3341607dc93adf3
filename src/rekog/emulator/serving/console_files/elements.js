// Elements of the page, created without HTML texts: names in requests and images are untrusted.

const SVG = "http://www.w3.org/2000/svg";

export const byId = (id) => document.getElementById(id);

export function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

export function svg(name, attributes = {}, ...children) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

// Return the parts of a name in camel case, between which a line may break.
export function breakable(name) {
  return name.split(/(?<=[a-z])(?=[A-Z])/).flatMap((part, index) => (index ? [element("wbr"), part] : [part]));
}

export function percent(value) {
  return `${value.toFixed(1)}\u00a0%`;
}

export function showError(error) {
  byId("error").textContent = error.message;
  byId("error").hidden = false;
}

export function hideError() {
  byId("error").hidden = true;
}

// Run the handler of an event, and show its error.
export function handler(work) {
  return async (event) => {
    hideError();
    try {
      await work(event);
    } catch (error) {
      showError(error);
    }
  };
}

let answer = null;

// Ask for a confirmation. A further question answers an open one with no.
export function confirmed(text) {
  const dialog = byId("confirm");
  answer?.(false);
  byId("confirm-text").textContent = text;
  dialog.returnValue = "no";
  dialog.onclose = () => {
    if (!dialog.open) answer?.(dialog.returnValue === "yes");  // the event of an earlier question may come late
  };
  if (!dialog.open) dialog.showModal();
  return new Promise((resolve) => {
    answer = resolve;
  });
}
