// Read lines {"operation", "input"}, and write lines {"response"} or {"error"}. Bytes are {"$bytes": base64}, and
// timestamps are {"$time": seconds}.
import * as sdk from "@aws-sdk/client-rekognition";
import { createInterface } from "node:readline";

const [region, endpoint, accessKeyId, secretAccessKey] = process.argv.slice(2);
const client = new sdk.RekognitionClient({
  region,
  endpoint,
  credentials: { accessKeyId, secretAccessKey },
  maxAttempts: 1,
});

function read(key, value) {
  return value && typeof value === "object" && "$bytes" in value ? Buffer.from(value.$bytes, "base64") : value;
}

function written(value) {
  if (value instanceof Date) return { $time: value.getTime() / 1000 };
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString("base64") };
  if (Array.isArray(value)) return value.map(written);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, written(item)]));
}

for await (const line of createInterface({ input: process.stdin })) {
  const { operation, input } = JSON.parse(line, read);
  let result;
  try {
    const { $metadata, ...response } = await client.send(new sdk[`${operation}Command`](input));
    result = { response: written(response) };
  } catch (error) {
    result = { error: { code: error.name, message: error.message, status: error.$metadata?.httpStatusCode ?? null } };
  }
  process.stdout.write(JSON.stringify(result) + "\n");
}
client.destroy();
