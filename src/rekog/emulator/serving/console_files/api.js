// Requests to the control API. The header marks them as requests of the console: no form and no link can send it.

import { byId } from "./elements.js";

const BASE = new URL("../", import.meta.url);

export class ServiceError extends Error {
  constructor(name, message) {
    super(name ? `${name}: ${message}` : message);
    this.name = name;
  }
}

async function request(method, path, body) {
  let response;
  try {
    response = await fetch(new URL(path, BASE), {
      method,
      headers: { "X-Rekog-Console": "1" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    throw new ServiceError("", "The emulator did not respond.");
  }
  let content;
  try {
    content = await response.json();
  } catch {
    throw new ServiceError("", `The response (${response.status}) was not complete.`);
  }
  if (!response.ok) throw new ServiceError(content.__type ?? "", content.error ?? content.Message ?? content.message);
  return content;
}

export const control = {
  get: (path) => request("GET", path),
  post: (path, body = {}) => request("POST", path, body),
  remove: (path) => request("DELETE", path),
};

export function region() {
  return byId("region").value.trim();
}

export function call(operation, body = {}) {
  return request("POST", `operations/${operation}?region=${encodeURIComponent(region())}`, body);
}

// As `call`, but neither recorded nor counted by faults: looking at the state does not change the result of a test.
export function look(operation, body = {}) {
  return request("POST", `operations/${operation}?observed=no&region=${encodeURIComponent(region())}`, body);
}
