// Images: read files in a form that the service takes, and crop faces.

const MAX_BYTES = 5_242_880;
const SERVED = ["image/jpeg", "image/png"];

// Return bytes as base64, and the decoded image. The service reads JPEG and PNG of at most 5 MB: convert others.
export async function read(file) {
  const bitmap = await decoded(file);
  let blob = file;
  if (!SERVED.includes(file.type) || file.size > MAX_BYTES) blob = await converted(bitmap);
  return { bytes: await base64(blob), bitmap, converted: blob !== file, size: blob.size };
}

async function decoded(file) {
  try {
    return await createImageBitmap(file);
  } catch {
    throw new Error(`The browser can't read ${file.name || "this file"} as an image.`);
  }
}

async function converted(bitmap) {
  for (let side = 4096; side >= 512; side /= 2) {
    const scale = Math.min(1, side / Math.max(bitmap.width, bitmap.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(bitmap.width * scale));
    canvas.height = Math.max(1, Math.round(bitmap.height * scale));
    canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.92));
    if (blob && blob.size <= MAX_BYTES) return blob;
  }
  throw new Error("The image can't be shrunk to 5 MB.");
}

function base64(blob) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(",") + 1));
    reader.onerror = () => reject(new Error("The file can't be read."));
    reader.readAsDataURL(blob);
  });
}

// Return a canvas with a face and its surroundings.
export function crop(bitmap, box) {
  const margin = 0.25;
  const left = Math.max(0, (box.Left - box.Width * margin) * bitmap.width);
  const top = Math.max(0, (box.Top - box.Height * margin) * bitmap.height);
  const width = Math.min(bitmap.width - left, box.Width * (1 + 2 * margin) * bitmap.width);
  const height = Math.min(bitmap.height - top, box.Height * (1 + 2 * margin) * bitmap.height);
  const canvas = document.createElement("canvas");
  const scale = Math.min(1, 260 / Math.max(width, height));
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  canvas.getContext("2d").drawImage(bitmap, left, top, width, height, 0, 0, canvas.width, canvas.height);
  return canvas;
}
